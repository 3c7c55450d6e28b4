// Signatures that failed, for a while: a token that is sent again and again costs one verification, not one each time.
import { createTokenCache } from '../../src/core/token-cache';
import type { VerifyRequest } from '../../src/ports/signatures';
import { activeConverters } from './converters';

/** Signatures; each takes about 200 bytes. */
const SIZE = 4000;
/** Seconds. */
const AGE = 60;

/** @noSelf */
export interface FailedSignatures {
  /** The name that a verification goes by here; undefined outside of a request. */
  nameOf(request: VerifyRequest): string | undefined;
  /** Whether it failed lately. */
  holds(name: string): boolean;
  add(name: string): void;
}

/**
 * INVARIANT: the name is of everything that the answer depends on, the key too. So new keys need no forgetting, and
 * whoever cannot find a collision of SHA-256 can make nobody else's token fail.
 */
function nameOf({ algorithm, key, signingInput, signature }: VerifyRequest): string | undefined {
  if (key.kind !== 'public') return undefined;
  return activeConverters()?.sha2(algorithm + ' ' + key.spki + ' ' + signingInput + '.' + signature, 256);
}

/** Makes an empty memory, bounded in number and time. */
export function createFailedSignatures(): FailedSignatures {
  const until = createTokenCache<number>(SIZE);
  return {
    nameOf,
    holds: (name) => os.time() < (until.recall(name) ?? 0),
    add: (name) => {
      until.remember(name, os.time() + AGE);
    },
  };
}
