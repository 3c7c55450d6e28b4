// Signatures that failed, for a while: a token that is sent again and again costs one verification, not one each time.
import { createTwoGenerations } from '../../../src/memory/two-generations';
import type { VerifyRequest } from '../../../src/ports/signatures';
import { activeConverters } from '../transaction';

/** Signatures; each takes about 200 bytes. */
const SIZE = 4000;
/** Seconds. */
const AGE = 60;

/** @noSelf */
export interface FailedSignatures {
  /** The name of a verification; undefined outside of a request. */
  nameOf(request: VerifyRequest): string | undefined;
  /** Whether it failed lately. */
  holds(name: string): boolean;
  add(name: string): void;
}

/**
 * INVARIANT: the name covers everything that the answer depends on, the key too. So new keys need no forgetting, and
 * nobody can make another token fail without a collision of SHA-256.
 */
function nameOf({ algorithm, key, signingInput, signature }: VerifyRequest): string | undefined {
  if (key.kind !== 'public') return undefined;
  return activeConverters()?.sha2(algorithm + ' ' + key.spki + ' ' + signingInput + '.' + signature, 256);
}

/** Makes an empty memory, bounded in number and time. */
export function createFailedSignatures(): FailedSignatures {
  const until = createTwoGenerations<number>(SIZE);
  return {
    nameOf,
    holds: (name) => os.time() < (until.recall(name) ?? 0),
    add: (name) => {
      until.remember(name, os.time() + AGE);
    },
  };
}
