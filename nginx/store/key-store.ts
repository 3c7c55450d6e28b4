// The keys of an issuer in a shared dictionary: one state for all workers, one fetch at a time.
import { continueFetching, startFetching } from '../../src/keys/fetch-keys';
import {
  beginFetch,
  endFetch,
  FETCH_LOST_AFTER,
  isLost,
  isRefreshDue,
  isStale,
  mayRefetch,
  startKeys,
  type Fetched,
  type KeyState,
} from '../../src/keys/key-state';
import { reportAge, reportFetch } from '../../src/keys/key-report';
import type { HttpAnswer, HttpClient } from '../../src/ports/http';
import { BUILD } from '../ports/build-id';
import type { SharedDictionary } from '../njs';
import { createFetchClient } from '../ports/http';
import { count, FETCHED } from '../ports/counts';
import { logKeys } from '../ports/log';
import { text } from '../ports/text';
import { put } from '../ports/shared-dictionaries';
import type { FetchTimes, RemoteKeys } from '../../src/model/settings';

declare function setTimeout(callback: () => void, milliseconds: number): unknown;

/** Why a fetch never ended, in words that follow its URL: its worker is gone, or nginx ended the run of `js_periodic`. */
const ENDED =
  'nginx ended the fetch before an answer came; the `interval` of `js_periodic` must be longer than a fetch may take';
/** Milliseconds that a request waits for a fetch that another one began, and between two checks. */
const WAIT = 2000;
const LOOK = 25;

/** The reason for a fetch: it is time, there are no keys yet, or a token names a missing key. */
export type Occasion = 'due' | 'first' | 'unknown';

/**
 * INVARIANT: a build uses only its own entries: another one may bind a key otherwise, or refuse it. Keys that came by plain
 * http do not outlast the setting that allowed it.
 */
function nameOf(source: RemoteKeys): string {
  const scheme = source.allowHttp ? ' http ' : ' https ';
  // Which tenant's document counts depends on the tenants.
  const tenants = source.tenancy?.tenants?.join(' ') ?? '';
  // A state without endpoints would leave a new login waiting for the next refresh.
  const login = source.givesEndpoints === undefined ? '' : 'login ';
  return 'keys:' + BUILD + scheme + login + source.kind + ' ' + source.url + ' ' + source.issuer + ' ' + tenants;
}

/** The state of an issuer's keys. Its name is their source, so a reload with the same module does not lose them. */
export function readKeys(zone: SharedDictionary, source: RemoteKeys, now: number): KeyState {
  const value = zone.get(nameOf(source));
  if (typeof value !== 'string') return startKeys(now);
  return JSON.parse(value) as KeyState;
}

function writeKeys(zone: SharedDictionary, source: RemoteKeys, state: KeyState): void {
  put(zone, nameOf(source), JSON.stringify(state));
}

/** Performs the steps of one fetch. */
export function fetchKeys(source: RemoteKeys, client: HttpClient<Promise<HttpAnswer>>): Promise<Fetched> {
  function step(next: ReturnType<typeof startFetching>): Fetched | Promise<Fetched> {
    if (next.kind === 'done') return next.fetched;
    const stage = next.stage;
    const endpoints = next.endpoints;
    return client.get(next.url).then((answer) => step(continueFetching(source, stage, answer, text, endpoints)));
  }
  return Promise.resolve(step(startFetching(source)));
}

/** Whether a refresh should begin now. INVARIANT: a state outlasts a reload, and nothing is due later than its settings say. */
export function isDue(state: KeyState, times: FetchTimes, now: number): boolean {
  const since = state.goodAt > state.attemptedAt ? state.goodAt : state.attemptedAt;
  const isLate = state.dueAt > since + times.refresh;
  return isRefreshDue(isLate ? Object.assign({}, state, { dueAt: since + times.refresh }) : state, now);
}

function isWanted(state: KeyState, occasion: Occasion, times: FetchTimes, now: number): boolean {
  if (occasion === 'unknown' && mayRefetch(state, times, now)) return true;
  return isDue(state, times, now) && (occasion === 'due' || state.keys.length === 0);
}

/** Takes the lock for the one fetch; false when another has it. */
function lock(zone: SharedDictionary, name: string, now: number): boolean {
  const entry = 'fetching ' + name;
  const since = Number(zone.get(entry));
  if (now - since >= FETCH_LOST_AFTER) zone.delete(entry);
  try {
    return zone.add(entry, now.toString());
  } catch (error) {
    return false;
  }
}

/** Logs what a fetch changed; of good news only an end of failures. */
function report(source: RemoteKeys, before: KeyState, after: KeyState, times: FetchTimes): void {
  const now = after.attemptedAt;
  const fetched = reportFetch(source, before, after, times, now);
  if (fetched !== undefined && (fetched.isError || before.failures > 0)) logKeys(fetched);
  const wasStale = isStale(before, times, before.attemptedAt);
  if (after.problem !== '' && !wasStale && isStale(after, times, now)) {
    logKeys(reportAge(source.issuer, after, times, now));
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Notes what came of a fetch. */
function settle(
  zone: SharedDictionary,
  source: RemoteKeys,
  times: FetchTimes,
  before: KeyState,
  after: KeyState,
): KeyState {
  writeKeys(zone, source, after);
  report(source, before, after, times);
  count(FETCHED + (after.problem === '' ? 'success ' : 'failure ') + source.issuer);
  return after;
}

/**
 * The stored state, in which a fetch that never ended counts as a failed one: otherwise a silent provider would be asked
 * again and again, and nobody would know.
 */
function readSettled(zone: SharedDictionary, source: RemoteKeys, times: FetchTimes, now: number): KeyState {
  const stored = readKeys(zone, source, now);
  if (!isLost(stored, now)) return stored;
  // The wait for the next one counts from when this one was begun: requests have waited long enough.
  const ended = endFetch(stored, { ok: false, problem: ENDED }, times, stored.attemptedAt, Math.random());
  return settle(zone, source, times, stored, ended);
}

function fetchLocked(zone: SharedDictionary, source: RemoteKeys, times: FetchTimes, before: KeyState): Promise<void> {
  const begun = beginFetch(before, seconds());
  // Charged before anything is sent, so that a dead provider is not asked again and again.
  writeKeys(zone, source, begun);
  return fetchKeys(source, createFetchClient(false)).then((fetched) => {
    settle(zone, source, times, before, endFetch(begun, fetched, times, seconds(), Math.random()));
    zone.delete('fetching ' + nameOf(source));
  });
}

/** Waits until the fetch that another request began has ended, but not for long. */
function waitFor(zone: SharedDictionary, name: string): Promise<void> {
  const until = Date.now() + WAIT;
  return new Promise((resolve) => {
    function look(): void {
      if (Date.now() >= until || !zone.has('fetching ' + name)) resolve();
      else setTimeout(look, LOOK);
    }
    look();
  });
}

/**
 * Fetches an issuer's keys where that is wanted now, or waits for a fetch that is on its way.
 * @param isWaiting whether a fetch of another is waited for
 */
export function renewKeys(
  zone: SharedDictionary,
  source: RemoteKeys,
  times: FetchTimes,
  occasion: Occasion,
  isWaiting: boolean,
): Promise<void> {
  const name = nameOf(source);
  const now = seconds();
  const found = readKeys(zone, source, now);
  if ((isLost(found, now) || isWanted(found, occasion, times, now)) && lock(zone, name, now)) {
    // Another may have fetched between the look and the lock.
    const stored = readSettled(zone, source, times, now);
    if (isWanted(stored, occasion, times, now)) return fetchLocked(zone, source, times, stored);
    zone.delete('fetching ' + name);
  }
  return isWaiting ? waitFor(zone, name) : Promise.resolve();
}
