// Requests that wait for keys, within bounds: for the first ones, or for newer ones of an issuer.
import { isRefreshDue, mayRefetch } from '../../src/keys/key-state';
import { launch, type KeyStore, type Remote } from './key-store';

/** Milliseconds between two checks of keys that a request needs. */
const WAIT_PAUSE = 20;
/** A request waits for keys for no more than two seconds. */
const MAX_PAUSES = 100;
/** Requests that may wait for one fetch; more are refused at once. */
const MAX_WAITING = 1000;

/** Whether an issuer's answer has not come yet, or the judge does not have it yet. */
function isOnItsWay(remote: Remote): boolean {
  return remote.state.fetching || remote.settled !== remote.ticket;
}

/** Waits in an action for a fetch that is on its way, within bounds. */
function awaitFetch(remote: Remote): boolean {
  if (!isOnItsWay(remote) || remote.waited >= MAX_WAITING) return false;
  remote.waited += 1;
  const { settled } = remote;
  for (let pause = 0; pause < MAX_PAUSES && remote.settled === settled; pause++) core.msleep(WAIT_PAUSE);
  return remote.settled !== settled;
}

/** Waits in an action for the fetches of an issuer that are on their way: until one brings keys, or all have ended. */
function awaitNews(sources: readonly Remote[]): boolean {
  const only = sources[0];
  if (only !== undefined && sources.length === 1) return awaitFetch(only);
  const awaited = sources.filter((remote) => isOnItsWay(remote) && remote.waited < MAX_WAITING);
  const before = awaited.map(({ settled, judged }) => ({ settled, judged }));
  for (const remote of awaited) remote.waited += 1;
  let ended = 0;
  let hasNews = false;
  for (let pause = 0; pause < MAX_PAUSES && ended < awaited.length && !hasNews; pause++) {
    core.msleep(WAIT_PAUSE);
    ended = awaited.filter((remote, index) => remote.settled !== before[index]?.settled).length;
    hasNews = awaited.some((remote, index) => remote.judged !== before[index]?.judged);
  }
  return ended > 0;
}

/**
 * Gets newer keys of an issuer for a token that names an unknown one: joins the fetch that is on its way, or begins the
 * one that the cooldown allows. Suspends the action.
 * @returns whether judging once more may help
 */
export function refetchKeys(store: KeyStore, issuer: number): boolean {
  const sources = store.remotes.filter((remote) => remote.issuer === issuer);
  for (const remote of sources) {
    const now = os.time();
    const isFirst = remote.state.keys.length === 0 && isRefreshDue(remote.state, now);
    if (isFirst || mayRefetch(remote.state, store.trust.settings.times, now)) launch(store, remote);
  }
  return awaitNews(sources);
}

/** Waits in an action for the very first fetches, so that the first requests after a start need not fail. */
export function awaitFirstKeys(store: KeyStore): boolean {
  let came = false;
  for (const remote of store.remotes) {
    const hasCome = remote.state.keys.length > 0 || remote.state.failures > 0;
    if (hasCome && !isOnItsWay(remote)) continue;
    // The first request may come before the keeper has run for the first time.
    if (remote.state.attemptedAt === 0) launch(store, remote);
    came = awaitFetch(remote) || came;
  }
  return came;
}
