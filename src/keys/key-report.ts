// The lines that both hosts log about an issuer's keys: each change once, and never a key itself.
import { quoteUrl } from '../codec/printable';
import type { FetchTimes, RemoteKeys } from '../model/settings';
import { isStale, type KeyState } from './key-state';

/** One line for the operator's log. */
export interface KeyReport {
  /** False for good news. */
  readonly isError: boolean;
  readonly line: string;
}

function startOf(issuer: string): string {
  return 'keys of `' + issuer + '`: ';
}

/**
 * The line for keys that could not be fetched.
 * @param place the URL, or the location that has it
 * @param problem words that follow the URL
 */
export function describeKeyFault(issuer: string, place: string, problem: string): string {
  return startOf(issuer) + quoteUrl(place) + ': ' + problem;
}

const NOBODY = ', but nobody can sign in there: its discovery document cannot be used, ';

/** What happens to the last good keys when a fetch brings none. */
function describeKept(before: KeyState, after: KeyState, stale: boolean): string {
  if (stale) return 'the last good keys are too old and no longer count';
  if (after.keys.length > 0) return 'the last good keys stay in use';
  if (before.keys.length > 0) return 'it answers so for the second time, so its keys are withdrawn';
  return after.goodAt === 0 ? 'there are no keys yet' : 'there are no keys any more';
}

/**
 * The line for a fetch that has ended.
 * @param now seconds since the epoch
 * @returns undefined when it changed nothing
 */
export function reportFetch(
  source: RemoteKeys,
  before: KeyState,
  after: KeyState,
  times: FetchTimes,
  now: number,
): KeyReport | undefined {
  const isOther = after.revision !== before.revision || after.problem !== before.problem;
  if (!isOther) return undefined;
  if (after.problem === '') {
    const fetched = after.keys.length.toString() + ' fetched, revision ' + after.revision.toString();
    const login = after.endpoints;
    if (login === undefined || login.ok) return { isError: false, line: startOf(source.issuer) + fetched };
    return { isError: true, line: startOf(source.issuer) + fetched + NOBODY + login.problem };
  }
  const kept = describeKept(before, after, isStale(after, times, now));
  return { isError: true, line: describeKeyFault(source.issuer, source.url, after.problem) + '; ' + kept };
}

/**
 * The line for keys whose last good answer has become too old, or no longer is.
 * @param now seconds since the epoch
 */
export function reportAge(issuer: string, state: KeyState, times: FetchTimes, now: number): KeyReport {
  const isError = isStale(state, times, now);
  const age = (now - state.goodAt).toString();
  const news = isError
    ? 'the last good answer is ' + age + ' seconds old, so its keys no longer count'
    : 'they count again';
  return { isError, line: startOf(issuer) + news };
}
