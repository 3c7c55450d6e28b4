// The present keys of every issuer, and the fetches that keep them so: in tasks beside the traffic, never in a request.
// When to fetch is decided by src/keys/key-state.ts; each Lua state has its own store.
import { bindKeys } from '../src/core/bind-keys';
import { createJudge, type Judge } from '../src/core/flow';
import type { Header } from '../src/core/header';
import type { PublicKey, VerificationKey } from '../src/core/key';
import type { Outcome } from '../src/core/outcome';
import type { KeySet, Settings } from '../src/core/settings';
import { createTokenCache } from '../src/core/token-cache';
import { ANSWER_TIMEOUT } from '../src/core/http-answer';
import { continueFetching, startFetching } from '../src/keys/fetch-keys';
import { beginFetch, endFetch, isRefreshDue, mayRefetch, startKeys } from '../src/keys/key-state';
import type { Fetched, KeyState } from '../src/keys/key-state';
import type { RemoteKeys } from '../src/keys/key-url';
import { log } from './log';
import { http } from './ports/http';
import type { PreparedSignatures } from './ports/signatures';
import { text } from './ports/text';

/** One issuer whose keys are fetched. */
export interface Remote {
  /** Its place among the settings' issuers. */
  readonly issuer: number;
  readonly name: string;
  readonly source: RemoteKeys;
  state: KeyState;
  /** When a good answer last came, in seconds since the epoch; 0: never. */
  fetchedAt: number;
  /** Which fetch is awaited. INVARIANT: an answer to an earlier one is thrown away. */
  ticket: number;
  /** When the answer that is awaited is given up. */
  deadline: number;
  /** How many requests have waited for the fetch that is on its way. */
  waited: number;
}

export interface KeyStore {
  /** Judges with the present keys. */
  readonly judge: Judge;
  /** The key sets of `judge`, of which each fetch replaces its own. */
  readonly keySets: KeySet[];
  /** Another one after each change of any issuer's keys. */
  epoch: object;
  readonly remotes: readonly Remote[];
  /** Fetches that were given up and have not come back yet. */
  abandoned: number;
  readonly signatures: PreparedSignatures;
}

/** How often the keeper looks what is due, and a request whether its keys have come; milliseconds. */
const KEEPER_PAUSE = 500;
const WAIT_PAUSE = 20;
/** A request waits for keys for no more than two seconds. */
const MAX_PAUSES = 100;
/** Requests that may wait for one fetch; more are refused at once. */
const MAX_WAITING = 1000;
/** HAProxy cannot break a request off: beyond this many that hang, none is begun. */
const MAX_ABANDONED = 32;

/** Headers that are kept read. */
const HEADERS = 64;

/** The store at start; nothing is fetched yet. */
export function createKeyStore(settings: Settings, signatures: PreparedSignatures): KeyStore {
  const remotes: Remote[] = [];
  settings.issuers.forEach((issuer, index) => {
    if (issuer.source.kind === 'static') return;
    const { issuer: name, source } = issuer;
    const state = startKeys(os.time());
    remotes.push({ issuer: index, name, source, state, fetchedAt: 0, ticket: 0, deadline: 0, waited: 0 });
  });
  const first = createJudge(settings, text);
  const keySets = [...first.keySets];
  const judge = { ...first, keySets, headers: createTokenCache<Outcome<Header>>(HEADERS) };
  return { judge, keySets, epoch: {}, remotes, abandoned: 0, signatures };
}

/** A fetch without the keys that this engine cannot import; a failure when none is left. */
function withoutUnusable(store: KeyStore, fetched: Fetched): Fetched {
  if (!fetched.ok) return fetched;
  const keys: PublicKey[] = [];
  let problem = '';
  for (const key of fetched.keys) {
    const problems = store.signatures.prepare([key]);
    if (problems.length === 0) keys.push(key);
    problem = problems[0] ?? problem;
  }
  if (keys.length === 0) return { ok: false, problem };
  return { ok: true, keys, maxAge: fetched.maxAge };
}

/**
 * Puts a remote's keys into the judge.
 * INVARIANT: HAProxy may suspend a task between any two instructions, and another issuer's keys may come meanwhile. So one
 * slot is set, and an epoch that was never there before: nothing is read that is written back.
 */
function replaceKeys(store: KeyStore, remote: Remote): void {
  const allowed = store.judge.settings.issuers[remote.issuer]?.allowed;
  const present = bindKeys(remote.state.keys, allowed, store.signatures.algorithms, remote.state.revision);
  // A request that is verifying right now may still need a key of the last set.
  const needed: VerificationKey[] = [...present.keys];
  for (const keySet of store.keySets) needed.push(...keySet.keys);
  store.signatures.retain(needed);
  store.keySets[remote.issuer] = present;
  store.epoch = {};
}

/** Tells the operator of a change, once; never what a key is. */
function tell(remote: Remote, before: KeyState): void {
  const state = remote.state;
  const keys = 'keys of `' + remote.name + '`: ';
  if (state.problem !== '' && state.problem !== before.problem) {
    const kept = state.keys.length === 0 ? 'there are none yet' : 'the last good ones stay';
    log.error(keys + '`' + remote.source.url + '`: ' + state.problem + '; ' + kept);
  } else if (state.revision !== before.revision || (state.problem === '' && before.problem !== '')) {
    log.notice(keys + tostring(state.keys.length) + ' fetched, revision ' + tostring(state.revision));
  }
}

/** A fetch has an outcome. */
function settle(store: KeyStore, remote: Remote, fetched: Fetched): void {
  const before = remote.state;
  const now = os.time();
  remote.ticket += 1;
  remote.state = endFetch(before, fetched, store.judge.settings.times, now, math.random());
  if (fetched.ok) remote.fetchedAt = now;
  if (remote.state.revision !== before.revision) replaceKeys(store, remote);
  tell(remote, before);
}

/** Fetches an issuer's keys; undefined when somebody else has given the fetch up. */
function fetchKeys(remote: Remote, ticket: number): Fetched | undefined {
  let step = startFetching(remote.source);
  while (step.kind === 'get') {
    remote.deadline = os.time() + ANSWER_TIMEOUT;
    const answer = http.get(step.url);
    if (remote.ticket !== ticket) return undefined;
    step = continueFetching(remote.source, step.stage, answer, text);
  }
  return step.fetched;
}

function fetchUsable(store: KeyStore, remote: Remote, ticket: number): Fetched | undefined {
  const fetched = fetchKeys(remote, ticket);
  return fetched === undefined ? undefined : withoutUnusable(store, fetched);
}

function runFetch(store: KeyStore, remote: Remote, ticket: number): void {
  const [fine, fetched] = pcall(fetchUsable, store, remote, ticket);
  if (remote.ticket !== ticket) {
    store.abandoned -= 1;
    return;
  }
  settle(store, remote, fine && fetched !== undefined ? fetched : { ok: false, problem: 'it could not be asked' });
}

/** Whether this process ends as soon as its connections do, as after a reload. */
function isStopping(): boolean {
  return core.get_info()['Stopping'] === 1;
}

/** Begins a fetch in a task of its own; none in a process that is about to end, for the fetch would keep it. */
function launch(store: KeyStore, remote: Remote): void {
  if (isStopping()) return;
  const now = os.time();
  remote.state = beginFetch(remote.state, now);
  remote.waited = 0;
  if (store.abandoned >= MAX_ABANDONED) {
    settle(store, remote, { ok: false, problem: 'earlier answers are still on their way' });
    return;
  }
  remote.deadline = now + ANSWER_TIMEOUT;
  const ticket = remote.ticket;
  core.register_task(() => {
    runFetch(store, remote, ticket);
  });
}

/** Begins what is due, and gives up what takes too long. */
function tend(store: KeyStore, remote: Remote): void {
  const now = os.time();
  if (remote.state.fetching && now > remote.deadline) {
    store.abandoned += 1;
    settle(store, remote, { ok: false, problem: 'there is no whole answer within 5 seconds' });
  }
  if (isRefreshDue(remote.state, now)) launch(store, remote);
}

/** Keeps the keys fresh from now on. To be called while HAProxy starts; under `-c` nothing runs, so nothing is fetched. */
export function keepKeys(store: KeyStore): void {
  if (store.remotes.length === 0) return;
  // Lua 5.3 begins every sequence alike; the address of a table differs between Lua states.
  if (_VERSION === 'Lua 5.3') {
    const [address] = string.match(tostring(store), '0x(%x+)');
    math.randomseed(os.time() + (tonumber(address ?? '0', 16) ?? 0));
  }
  core.register_task(() => {
    for (;;) {
      for (const remote of store.remotes) tend(store, remote);
      core.msleep(KEEPER_PAUSE);
    }
  });
}

/** Waits in an action for a fetch that is on its way, within bounds. */
function awaitFetch(remote: Remote): boolean {
  if (!remote.state.fetching || remote.waited >= MAX_WAITING) return false;
  remote.waited += 1;
  const ticket = remote.ticket;
  for (let pause = 0; pause < MAX_PAUSES && remote.ticket === ticket; pause++) core.msleep(WAIT_PAUSE);
  return remote.ticket !== ticket;
}

/**
 * Gets newer keys of an issuer for a token that names an unknown one: joins the fetch that is on its way, or begins the
 * one that the cooldown allows. Suspends the action.
 * @returns whether it is worth judging once more
 */
export function refetchKeys(store: KeyStore, issuer: number): boolean {
  for (const remote of store.remotes) {
    if (remote.issuer !== issuer) continue;
    if (mayRefetch(remote.state, store.judge.settings.times, os.time())) launch(store, remote);
    return awaitFetch(remote);
  }
  return false;
}

/** Waits in an action for the very first fetches, so that the first requests after a start need not fail. */
export function awaitFirstKeys(store: KeyStore): boolean {
  let came = false;
  for (const remote of store.remotes) {
    if (remote.state.keys.length > 0 || remote.state.failures > 0) continue;
    // The first request may come before the keeper has run for the first time.
    if (remote.state.attemptedAt === 0) launch(store, remote);
    came = awaitFetch(remote) || came;
  }
  return came;
}

/** Whether every issuer has keys. */
export function areKeysReady(store: KeyStore): boolean {
  return store.judge.keySets.every((keySet) => keySet.ready);
}
