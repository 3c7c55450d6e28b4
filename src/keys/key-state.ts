// An issuer's keys over time: `(state, event, now) → state`. This decides when to fetch; the host fetches.
import type { PublicKey } from '../model/key';
import type { EndpointsAnswer } from '../model/login';
import type { FetchTimes } from '../model/settings';

/** The state of one issuer's keys. Plain data: a host keeps it in a table, a module or a shared dictionary. */
export interface KeyState {
  /** The last good keys; empty until the first are there, and once the provider has withdrawn all. */
  readonly keys: readonly PublicKey[];
  /** Grows whenever the keys change, so that a host finds the tokens that a removed key has verified. */
  readonly revision: number;
  /** When the next refresh is due, in seconds since the epoch. */
  readonly dueAt: number;
  /** When a fetch was last begun; 0: never. The cooldown counts from here, whatever the result. */
  readonly attemptedAt: number;
  readonly fetching: boolean;
  /** When the last good answer came; 0: never. */
  readonly goodAt: number;
  /** When the provider first answered without a key, since it last had one; 0: it did not. */
  readonly emptiedAt: number;
  /** Failed fetches since the last good one. */
  readonly failures: number;
  /** Why the last fetch failed, in the operator's words; empty after a good one. */
  readonly problem: string;
  /** What the last good discovery document says of login; undefined where nobody asked for it. */
  readonly endpoints?: EndpointsAnswer | undefined;
}

/** The result of a fetch; a well-formed set without any key for signatures is a good one too. */
export type Fetched =
  | {
      readonly ok: true;
      readonly keys: readonly PublicKey[];
      readonly maxAge: number | undefined;
      readonly endpoints?: EndpointsAnswer | undefined;
    }
  | { readonly ok: false; readonly problem: string };

/** A fetch without a result after this many seconds counts as lost (its worker may be gone). */
export const FETCH_LOST_AFTER = 15;
/** Seconds before the second attempt while there are no keys at all. */
const FIRST_RETRY = 1;

/** The problem of a set without keys. */
export const EMPTY = 'its `keys` is empty, or has no key for signatures';

/** The state at start: no keys, and a fetch due at once. */
export function startKeys(now: number): KeyState {
  return {
    keys: [],
    revision: 0,
    dueAt: now,
    attemptedAt: 0,
    fetching: false,
    goodAt: 0,
    emptiedAt: 0,
    failures: 0,
    problem: '',
  };
}

/** Whether the last good answer is too old for its keys to count. */
export function isStale(state: KeyState, times: FetchTimes, now: number): boolean {
  return state.goodAt > 0 && now - state.goodAt >= times.maxStale;
}

/** Whether another fetch is on its way. */
function isFetching(state: KeyState, now: number): boolean {
  return state.fetching && now - state.attemptedAt < FETCH_LOST_AFTER;
}

/** Whether the last fetch was begun and will never end. */
export function isLost(state: KeyState, now: number): boolean {
  return state.fetching && !isFetching(state, now);
}

/** Whether a refresh should begin now. */
export function isRefreshDue(state: KeyState, now: number): boolean {
  return now >= state.dueAt && !isFetching(state, now);
}

/** Whether a token with an unknown `kid` may begin a fetch now: at most one for each cooldown, for all tokens together. */
export function mayRefetch(state: KeyState, times: FetchTimes, now: number): boolean {
  return state.keys.length > 0 && !isFetching(state, now) && now - state.attemptedAt >= times.cooldown;
}

/** Begins a fetch. It counts for the cooldown from here on, whatever the result. */
export function beginFetch(state: KeyState, now: number): KeyState {
  return Object.assign({}, state, { attemptedAt: now, fetching: true });
}

function isSameKey(one: PublicKey, other: PublicKey): boolean {
  if (one.issuer !== other.issuer) return false;
  return one.kid === other.kid && one.spki === other.spki && one.algorithms.join(' ') === other.algorithms.join(' ');
}

function areSameKeys(one: readonly PublicKey[], other: readonly PublicKey[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) {
    const left = one[index];
    const right = other[index];
    if (left === undefined || right === undefined || !isSameKey(left, right)) return false;
  }
  return true;
}

/** Whether two documents say the same of login. */
function areSameEndpoints(one: EndpointsAnswer | undefined, other: EndpointsAnswer | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (!one.ok || !other.ok) return !one.ok && !other.ok && one.problem === other.problem;
  const left = one.endpoints;
  const right = other.endpoints;
  if (left.authorization !== right.authorization || left.token !== right.token) return false;
  return left.endSession === right.endSession && left.namesIssuer === right.namesIssuer;
}

/** Seconds until the next refresh after a good fetch: the provider's wish, within the operator's bounds. */
function refreshWait(times: FetchTimes, maxAge: number | undefined): number {
  const least = times.cooldown < times.refresh ? times.cooldown : times.refresh;
  if (maxAge === undefined || maxAge > times.refresh) return times.refresh;
  return maxAge < least ? least : maxAge;
}

/** When the next attempt is due after a failed one: waits grow, and are never longer than a refresh. */
function retryAt(state: KeyState, times: FetchTimes, now: number, jitter: number): number {
  const refusesAll = state.keys.length === 0 || isStale(state, times, now);
  const first = refusesAll ? FIRST_RETRY : times.cooldown;
  const longest = refusesAll ? times.cooldown : times.refresh;
  const wait = first * 2 ** (state.failures < 20 ? state.failures : 20);
  const dueAt = now + (wait < longest ? wait : longest) * (1 - jitter / 4);
  // Once more when keys are about to become too old.
  const staleAt = state.goodAt + times.maxStale;
  return !refusesAll && staleAt < dueAt ? staleAt : dueAt;
}

/** The fields that the end of a fetch changes. */
type Learned = Pick<KeyState, 'keys' | 'revision' | 'dueAt' | 'goodAt' | 'emptiedAt' | 'problem' | 'endpoints'>;

function settled(state: KeyState, learned: Learned): KeyState {
  const failures = learned.problem === '' ? 0 : state.failures + 1;
  return Object.assign({}, state, learned, { fetching: false, failures });
}

function endFailed(state: KeyState, problem: string, dueAt: number, emptiedAt: number): KeyState {
  return settled(state, {
    keys: state.keys,
    revision: state.revision,
    dueAt,
    goodAt: state.goodAt,
    emptiedAt,
    problem,
  });
}

/**
 * The provider has no key. It may be a slip, which must not lock everybody out: so an empty set counts once the provider
 * answers it again a refresh later, whatever fetches for unknown `kid`s bring in between.
 */
function endEmpty(state: KeyState, times: FetchTimes, now: number, jitter: number): KeyState {
  const emptiedAt = state.emptiedAt === 0 ? now : state.emptiedAt;
  const retry = retryAt(state, times, now, jitter);
  const countsAt = emptiedAt + times.refresh;
  if (state.keys.length === 0) return endFailed(state, EMPTY, retry, emptiedAt);
  if (now < countsAt) return endFailed(state, EMPTY, retry < countsAt ? retry : countsAt, emptiedAt);
  return settled(state, {
    keys: [],
    revision: state.revision + 1,
    dueAt: now + times.cooldown,
    goodAt: now,
    emptiedAt,
    problem: EMPTY,
  });
}

/**
 * Ends a fetch. Good keys replace the old ones; a failure leaves the old ones.
 * @param jitter a random number from 0 to 1, so that many gateways do not fetch at once; it only shortens a wait
 */
export function endFetch(state: KeyState, fetched: Fetched, times: FetchTimes, now: number, jitter: number): KeyState {
  if (!fetched.ok) return endFailed(state, fetched.problem, retryAt(state, times, now, jitter), state.emptiedAt);
  if (fetched.keys.length === 0) return endEmpty(state, times, now, jitter);
  const same = areSameKeys(state.keys, fetched.keys);
  const isKnown = same && areSameEndpoints(state.endpoints, fetched.endpoints);
  const learned: Learned = {
    keys: same ? state.keys : fetched.keys,
    revision: isKnown ? state.revision : state.revision + 1,
    dueAt: now + refreshWait(times, fetched.maxAge) * (1 - jitter / 10),
    goodAt: now,
    emptiedAt: 0,
    problem: '',
  };
  // Left out where nobody signs in, as it always was.
  return settled(
    state,
    fetched.endpoints === undefined ? learned : Object.assign(learned, { endpoints: fetched.endpoints }),
  );
}
