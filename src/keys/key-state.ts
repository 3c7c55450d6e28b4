// An issuer's keys over time: `(state, event, now) → state`. Who fetches, and how, is the host's; when, is decided here.
import type { PublicKey } from '../core/key';

/** How often keys are fetched, in seconds. */
export interface FetchTimes {
  /** Between refreshes; also the longest that keys of an issuer that is reachable are out of date. */
  readonly refresh: number;
  /** At least this long between an attempt and a refetch for an unknown `kid`. */
  readonly cooldown: number;
}

/** What is known of one issuer's keys. Plain data: it can stand in a table, a module or a shared dict. */
export interface KeyState {
  /** The last good keys; empty until the first are there. */
  readonly keys: readonly PublicKey[];
  /** Grows whenever the keys change, so that what was verified with a removed key can be found out. */
  readonly revision: number;
  /** When the next refresh is due, in seconds since the epoch. */
  readonly dueAt: number;
  /** When a fetch was last begun; 0: never. The cooldown counts from here, whatever came of it. */
  readonly attemptedAt: number;
  readonly fetching: boolean;
  /** Failed fetches since the last good one. */
  readonly failures: number;
  /** Why the last fetch failed, in the operator's words; empty after a good one. */
  readonly problem: string;
}

/** What a fetch brought. */
export type Fetched =
  | { readonly ok: true; readonly keys: readonly PublicKey[]; readonly maxAge: number | undefined }
  | { readonly ok: false; readonly problem: string };

/** A fetch that has not come back after this many seconds is taken for lost (its worker may be gone). */
const FETCH_LOST_AFTER = 15;
/** Seconds before the second attempt while there are no keys at all. */
const FIRST_RETRY = 1;

/** The state at start: nothing known, a fetch due at once. */
export function startKeys(now: number): KeyState {
  return { keys: [], revision: 0, dueAt: now, attemptedAt: 0, fetching: false, failures: 0, problem: '' };
}

/** Whether another fetch is on its way. */
function isFetching(state: KeyState, now: number): boolean {
  return state.fetching && now - state.attemptedAt < FETCH_LOST_AFTER;
}

/** Whether a refresh should begin now. */
export function isRefreshDue(state: KeyState, now: number): boolean {
  return now >= state.dueAt && !isFetching(state, now);
}

/** Whether a token with an unknown `kid` may begin a fetch now: at most one for each cooldown, for all tokens together. */
export function mayRefetch(state: KeyState, times: FetchTimes, now: number): boolean {
  return state.keys.length > 0 && !isFetching(state, now) && now - state.attemptedAt >= times.cooldown;
}

/** A fetch begins: charged here, whatever comes of it. */
export function beginFetch(state: KeyState, now: number): KeyState {
  return {
    keys: state.keys,
    revision: state.revision,
    dueAt: state.dueAt,
    attemptedAt: now,
    fetching: true,
    failures: state.failures,
    problem: state.problem,
  };
}

function isSameKey(one: PublicKey, other: PublicKey): boolean {
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

/** Seconds until the next refresh after a good fetch: what the provider says, within the operator's bounds. */
function refreshWait(times: FetchTimes, maxAge: number | undefined): number {
  const least = times.cooldown < times.refresh ? times.cooldown : times.refresh;
  if (maxAge === undefined || maxAge > times.refresh) return times.refresh;
  return maxAge < least ? least : maxAge;
}

/** Seconds until the next attempt after a failed one: growing, and never longer than a refresh. */
function retryWait(state: KeyState, times: FetchTimes): number {
  const first = state.keys.length === 0 ? FIRST_RETRY : times.cooldown;
  const longest = state.keys.length === 0 && times.cooldown > FIRST_RETRY ? times.cooldown : times.refresh;
  const wait = first * 2 ** (state.failures < 20 ? state.failures : 20);
  return wait < longest ? wait : longest;
}

/**
 * A fetch came back. Good keys replace the old ones; a failure leaves them as they are.
 * @param jitter a random number from 0 to 1, so that many gateways do not ask at once; it only shortens a wait
 */
export function endFetch(state: KeyState, fetched: Fetched, times: FetchTimes, now: number, jitter: number): KeyState {
  if (!fetched.ok) {
    return {
      keys: state.keys,
      revision: state.revision,
      dueAt: now + retryWait(state, times) * (1 - jitter / 4),
      attemptedAt: state.attemptedAt,
      fetching: false,
      failures: state.failures + 1,
      problem: fetched.problem,
    };
  }
  const same = areSameKeys(state.keys, fetched.keys);
  return {
    keys: same ? state.keys : fetched.keys,
    revision: same ? state.revision : state.revision + 1,
    dueAt: now + refreshWait(times, fetched.maxAge) * (1 - jitter / 10),
    attemptedAt: state.attemptedAt,
    fetching: false,
    failures: 0,
    problem: '',
  };
}
