// The keys of an issuer in a shared dictionary: one state for all workers, one fetch at a time.
import { ANSWER_TIMEOUT } from '../src/core/http-answer';
import { continueFetching, startFetching } from '../src/keys/fetch-keys';
import {
  beginFetch,
  endFetch,
  isRefreshDue,
  mayRefetch,
  startKeys,
  type Fetched,
  type FetchTimes,
  type KeyState,
} from '../src/keys/key-state';
import type { RemoteKeys } from '../src/keys/key-url';
import type { HttpAnswer, HttpClient } from '../src/ports/http';
import type { NginxObject, SharedDictionary } from './host';
import { createFetchClient } from './ports/fetch';
import { text } from './ports/text';
import { put } from './ports/zones';

declare const ngx: NginxObject;
declare function setTimeout(callback: () => void, milliseconds: number): unknown;

/** A fetch that has not ended after this many seconds is taken for lost: its worker may be gone. */
const LOST_AFTER = 15;
/** How long, in milliseconds, a request waits for a fetch that another one began, and between two looks. */
const WAIT = 2000;
const LOOK = 25;

/** An issuer's keys, and when they were last fetched well (0: never). */
export interface Stored {
  readonly state: KeyState;
  readonly goodAt: number;
}

/** Why a fetch is wanted: it is time, there are no keys yet, or a token names a key that is not there. */
export type Occasion = 'due' | 'first' | 'unknown';

function nameOf(source: RemoteKeys): string {
  return 'keys:' + source.kind + ' ' + source.url + ' ' + source.issuer;
}

/** What is known of an issuer's keys. They are kept under where they come from: a reload does not lose them. */
export function readKeys(zone: SharedDictionary, source: RemoteKeys, now: number): Stored {
  const value = zone.get(nameOf(source));
  if (typeof value !== 'string') return { state: startKeys(now), goodAt: 0 };
  return JSON.parse(value) as Stored;
}

/** Performs the steps of one fetch. */
export function fetchKeys(source: RemoteKeys, client: HttpClient<Promise<HttpAnswer>>): Promise<Fetched> {
  function step(next: ReturnType<typeof startFetching>): Fetched | Promise<Fetched> {
    if (next.kind === 'done') return next.fetched;
    const stage = next.stage;
    return client.get(next.url).then((answer) => step(continueFetching(source, stage, answer, text)));
  }
  return Promise.resolve(step(startFetching(source)));
}

function isWanted(state: KeyState, occasion: Occasion, times: FetchTimes, now: number): boolean {
  if (occasion === 'unknown') return mayRefetch(state, times, now);
  return isRefreshDue(state, now) && (occasion === 'due' || state.keys.length === 0);
}

/** Takes the lock that stands for the one fetch; false when another has it. */
function lock(zone: SharedDictionary, name: string, now: number): boolean {
  const entry = 'fetching ' + name;
  const since = Number(zone.get(entry));
  if (now - since >= LOST_AFTER) zone.delete(entry);
  try {
    return zone.add(entry, now.toString());
  } catch (error) {
    return false;
  }
}

function report(source: RemoteKeys, before: KeyState, fetched: Fetched): void {
  if (!fetched.ok && fetched.problem !== before.problem) {
    ngx.log(ngx.ERR, 'jwtverify: the keys at ' + source.url + ' cannot be fetched: ' + fetched.problem);
  }
  if (fetched.ok && before.failures > 0) ngx.log(ngx.WARN, 'jwtverify: the keys at ' + source.url + ' are there again');
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function fetchLocked(zone: SharedDictionary, source: RemoteKeys, times: FetchTimes, stored: Stored): Promise<void> {
  const name = nameOf(source);
  const begun = beginFetch(stored.state, seconds());
  // Charged before anything is sent, so that a dead provider is not asked again and again.
  put(zone, name, JSON.stringify({ state: begun, goodAt: stored.goodAt }));
  return fetchKeys(source, createFetchClient(ANSWER_TIMEOUT)).then((fetched) => {
    const now = seconds();
    const state = endFetch(begun, fetched, times, now, Math.random());
    put(zone, name, JSON.stringify({ state, goodAt: fetched.ok ? now : stored.goodAt }));
    zone.delete('fetching ' + name);
    report(source, stored.state, fetched);
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
  if (isWanted(readKeys(zone, source, now).state, occasion, times, now) && lock(zone, name, now)) {
    // Another may have fetched between the look and the lock.
    const stored = readKeys(zone, source, now);
    if (isWanted(stored.state, occasion, times, now)) return fetchLocked(zone, source, times, stored);
    zone.delete('fetching ' + name);
  }
  return isWaiting ? waitFor(zone, name) : Promise.resolve();
}
