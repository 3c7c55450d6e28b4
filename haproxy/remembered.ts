// Tokens that were verified before: what of them is kept, and whether it still holds.
import type { DenyList } from '../src/ports/deny-list';
import { isDenied } from '../src/core/denial';
import type { Identity } from '../src/core/identity';
import type { VerificationKey } from '../src/core/key';
import type { CacheBounds } from '../src/core/settings';
import { createTokenCache, type TokenCache } from '../src/core/token-cache';
import { entriesOf, isKeyPresent, type VerifiedToken } from '../src/core/verified-token';
import type { KeyStore } from './key-store';
import { text } from './ports/text';
import type { Publication } from './variables';

/** A verified token as it is kept: nothing is left to be computed. */
export interface Remembered {
  /** The whole header field, in the one form that is looked up. */
  readonly field: string;
  readonly publication: Publication;
  /** `sub`; empty when there is none. */
  readonly subject: string;
  /** What a policy's rules and headers need; undefined without a policy. */
  readonly identity: Identity | undefined;
  /** From here on it is judged anew: its expiry, or the configured age. Seconds since the epoch. */
  readonly until: number;
  /** Before this it is judged anew. */
  readonly from: number;
  readonly issuer: number;
  /** Undefined when the issuer was asked about it. */
  readonly key: VerificationKey | undefined;
  /** What an operator could deny it by; nothing when there is no deny list. */
  readonly entries: readonly string[];
  /** The names of the headers that a backend is given; undefined until it has been given them. */
  headerNames: string | undefined;
  /** The key store's epoch in which its key was last seen among the issuer's. */
  epoch: object;
}

/** The tokens that one Lua state remembers. INVARIANT: only what was verified gets in. */
export interface Memory {
  readonly tokens: TokenCache<Remembered>;
  readonly bounds: CacheBounds;
  readonly denyList: DenyList | undefined;
  /** How often a remembered token was accepted. */
  hits: number;
}

const NONE: readonly string[] = [];

/**
 * Where a field is looked up: under its last characters, of the signature. Of so few Lua keeps one copy, with its hash; of
 * a longer text, which each request brings anew, Lua 5.4 would hash every character (11 instructions each).
 * INVARIANT: this finds an entry, no more; whose entry it is only the whole field tells.
 */
const PLACE_LENGTH = 40;
const sub = string.sub;
const time = os.time;

/** An empty memory. It lives as long as the settings do: a reload begins another. */
export function createMemory(bounds: CacheBounds, denyList: DenyList | undefined): Memory {
  return { tokens: createTokenCache<Remembered>(bounds.size), bounds, denyList, hits: 0 };
}

/**
 * Remembers a token that has just been accepted.
 * @param field the whole header field, in the one form that is looked up
 * @param epoch the key store's epoch when its key was chosen
 * @returns what is kept of it, if anything is
 */
export function remember(
  memory: Memory,
  field: string,
  verified: VerifiedToken,
  publication: Publication,
  epoch: object,
  now: number,
): Remembered {
  const { until, from, issued } = verified.validity;
  const remembered: Remembered = {
    field,
    publication,
    subject: verified.decision.subject,
    identity: verified.identity,
    until: math.min(until, now + memory.bounds.age),
    from: math.max(from, issued),
    issuer: verified.issuer,
    key: verified.key,
    entries: memory.denyList === undefined ? NONE : entriesOf(verified, text),
    headerNames: undefined,
    epoch,
  };
  memory.tokens.remember(sub(field, -PLACE_LENGTH), remembered);
  return remembered;
}

/** Whether the key that verified it is still among its issuer's, now that keys have changed. */
function isStillVerified(remembered: Remembered, store: KeyStore): boolean {
  const keySet = store.judge.keySets[remembered.issuer];
  if (keySet === undefined || !isKeyPresent(keySet, remembered.key)) return false;
  remembered.epoch = store.epoch;
  return true;
}

/**
 * Recalls a token, judged again by all that can have changed since.
 * @returns undefined when it has to be judged from the start, which then finds the reason
 */
export function recall(memory: Memory, field: string, store: KeyStore): Remembered | undefined {
  const place = sub(field, -PLACE_LENGTH);
  const remembered = memory.tokens.recall(place);
  if (remembered === undefined || remembered.field !== field) return undefined;
  const now = time();
  const { denyList } = memory;
  if (
    now >= remembered.until ||
    now < remembered.from ||
    (remembered.epoch !== store.epoch && !isStillVerified(remembered, store)) ||
    (denyList !== undefined && isDenied(remembered.entries, denyList))
  ) {
    memory.tokens.forget(place);
    return undefined;
  }
  memory.hits += 1;
  return remembered;
}
