// Tokens that were verified before: remembers them, and recalls those that still count.
import type { DenyList } from '../../src/ports/deny-list';
import { isDenied, NO_DENIALS, type Denials } from '../../src/token/deny-entries';
import type { Identity } from '../../src/claims/identity';
import type { VerificationKey } from '../../src/model/key';
import type { Rule } from '../../src/model/policy';
import type { CacheBounds } from '../../src/model/settings';
import { createTwoGenerations, type TwoGenerations, type Weight } from '../../src/memory/two-generations';
import { countsNow, timesToRemember, type RememberedTimes } from '../../src/token/remembered-token';
import { findDenials, isKeyPresent, type VerifiedToken } from '../../src/token/verified-token';
import { hasEnded, withEnded, type EndedSessions } from './ended-sessions';
import type { KeyStore } from './key-store';
import { forgetWhenFull } from '../ports/memory-limit';
import { text } from '../ports/text';
import type { Publication } from '../answer/variables';

/** What a session has besides. */
export interface RememberedSession {
  /** The access token, where a header forwards it; empty otherwise. */
  readonly access: string;
  /** When it should be refreshed, in seconds since the epoch; undefined for never. */
  readonly due: number | undefined;
  /** When its access token expires. */
  readonly expires: number | undefined;
}

/** A remembered token: nothing is left to compute. */
export interface RememberedToken extends RememberedTimes {
  /** The whole header field, in the one form that is looked up. */
  readonly field: string;
  readonly publication: Publication;
  /** `sub`; empty when there is none. */
  readonly subject: string;
  /** The identity for a policy's rules and headers; undefined without a policy. */
  readonly identity: Identity | undefined;
  readonly issuer: number;
  /** Undefined when the issuer was asked about it. */
  readonly key: VerificationKey | undefined;
  /** The entries by which an operator could deny it; empty without a deny list. */
  readonly denials: Denials;
  /** The names of the headers that a backend gets; undefined before the first request. */
  headerNames: string | undefined;
  /** The last rule whose requirements it met, where these depend on nothing else (`isLasting`). */
  met: Rule | undefined;
  /** The key store's epoch in which the issuer last had its key. */
  epoch: object;
  /** The version of the list of ended sessions by which it has not ended; empty where nobody signs in. */
  version: string;
  /** Undefined for a token. */
  readonly session: RememberedSession | undefined;
  /** The generation of the lane for which it was looked at last, and when it is again; left out before that. */
  offered?: { readonly generation: string; readonly again: number };
}

/** The tokens that one Lua state remembers. INVARIANT: only verified ones. */
export interface RememberedTokens {
  readonly tokens: TwoGenerations<RememberedToken>;
  readonly bounds: CacheBounds;
  readonly denyList: DenyList | undefined;
  /** Undefined where nobody signs in. */
  readonly ended: EndedSessions | undefined;
  /** Both lists. */
  readonly denials: DenyList | undefined;
  /** How often a remembered token was accepted. */
  hits: number;
}

/**
 * The key of a field: its last characters, of the signature. Lua keeps one copy of so short a text, with its hash; for a
 * longer text, which each request has in a new copy, Lua 5.4 would hash every character (11 instructions each).
 * INVARIANT: this only finds an entry; the whole field must be compared with the entry's.
 */
const PLACE_LENGTH = 40;
const sub = string.sub;
const time = os.time;

/** The average length of tokens that fill the memory: of longer ones it remembers fewer. */
const AVERAGE_LENGTH = 2048;

/** An empty memory. It lives as long as the settings do: a reload begins another. */
export function createRememberedTokens(
  bounds: CacheBounds,
  denyList: DenyList | undefined,
  ended: EndedSessions | undefined,
): RememberedTokens {
  const weight: Weight<RememberedToken> = {
    most: bounds.size * AVERAGE_LENGTH,
    weigh: (remembered: RememberedToken) => remembered.field.length,
  };
  const tokens = createTwoGenerations<RememberedToken>(bounds.size, weight);
  forgetWhenFull(() => {
    tokens.clear();
  });
  return { tokens, bounds, denyList, ended, denials: withEnded(denyList, ended), hits: 0 };
}

/**
 * Remembers a token that has just been accepted.
 * @param field the whole header field, in the one form that is looked up
 * @param epoch the key store's epoch when its key was chosen
 * @param version that of the list of ended sessions when it was judged
 * @returns the token in its remembered form
 */
export function remember(
  memory: RememberedTokens,
  field: string,
  verified: VerifiedToken,
  publication: Publication,
  epoch: object,
  version: string,
  now: number,
  session?: RememberedSession,
): RememberedToken {
  const { until, from } = timesToRemember(verified.validity, memory.bounds.age, now, 1);
  const remembered: RememberedToken = {
    field,
    publication,
    subject: verified.decision.subject,
    identity: verified.identity,
    until,
    from,
    issuer: verified.issuer,
    key: verified.key,
    denials: memory.denials === undefined ? NO_DENIALS : findDenials(verified, text),
    headerNames: undefined,
    met: undefined,
    epoch,
    version,
    session,
  };
  memory.tokens.remember(sub(field, -PLACE_LENGTH), remembered);
  return remembered;
}

/** Whether its issuer still has the key that verified it, after keys have changed. */
function isStillVerified(remembered: RememberedToken, store: KeyStore): boolean {
  // Before the keys: HAProxy may suspend this, and they may change meanwhile.
  const { epoch } = store;
  const keySet = store.trust.keySets[remembered.issuer];
  if (keySet === undefined || !isKeyPresent(keySet, remembered.key)) return false;
  remembered.epoch = epoch;
  return true;
}

/**
 * Recalls a token, judged again by everything that can have changed since.
 * @returns undefined when it must be judged from the start, which then finds the reason
 */
export function recall(memory: RememberedTokens, field: string, store: KeyStore): RememberedToken | undefined {
  const place = sub(field, -PLACE_LENGTH);
  const remembered = memory.tokens.recall(place);
  if (remembered === undefined || remembered.field !== field) return undefined;
  const { denyList, ended } = memory;
  if (
    !countsNow(remembered, time()) ||
    (remembered.epoch !== store.epoch && !isStillVerified(remembered, store)) ||
    (denyList !== undefined && isDenied(remembered.denials, denyList)) ||
    (ended !== undefined && hasEnded(remembered, ended))
  ) {
    memory.tokens.forget(place);
    return undefined;
  }
  memory.hits += 1;
  return remembered;
}
