// The present keys of every issuer, and the fetches that refresh them: in tasks beside the traffic, never in a request.
// src/keys/key-state.ts decides when to fetch; each Lua state has its own store.
import { createTrust, type Trust } from '../../src/token/flow';
import { areReady } from '../../src/token/accepted-issuers';
import type { Header } from '../../src/token/header';
import type { PublicKey, VerificationKey } from '../../src/model/key';
import type { Outcome } from '../../src/answer/outcome';
import type { KeySet, Settings, RemoteKeys } from '../../src/model/settings';
import { createTwoGenerations } from '../../src/memory/two-generations';
import { ANSWER_TIMEOUT, LATE, UNSENT } from '../../src/keys/http-limits';
import { continueFetching, startFetching } from '../../src/keys/fetch-keys';
import { beginFetch, endFetch, isRefreshDue, isStale, startKeys } from '../../src/keys/key-state';
import type { Fetched, KeyState } from '../../src/keys/key-state';
import { reportAge, reportFetch } from '../../src/keys/key-report';
import { presentKeys } from '../../src/keys/present-keys';
import { http } from '../ports/http';
import { countFetch } from '../ports/counts';
import { logCaught, logKeys } from '../ports/log';
import type { PreparedSignatures } from '../ports/signatures/signatures';
import { text } from '../ports/text';

/** One source of an issuer's keys that is fetched. */
export interface Remote {
  /** The place of its issuer among the settings' issuers. */
  readonly issuer: number;
  readonly source: RemoteKeys;
  state: KeyState;
  /** The revision that the judge has, and whether it knows it as too old. */
  judged: number;
  isJudgedStale: boolean;
  /** The number of the awaited fetch. INVARIANT: the answer to an earlier fetch is thrown away. */
  ticket: number;
  /**
   * The number of fetches whose outcome the judge has. Until it is that of `ticket`, keys have come that no request has yet:
   * HAProxy may suspend the task that brings them.
   */
  settled: number;
  /** When the awaited answer is given up. */
  deadline: number;
  /** The number of requests that have waited for the current fetch. */
  waited: number;
}

export interface KeyStore {
  /** Judges with the present keys. */
  readonly trust: Trust;
  /** The key sets of `trust`, of which each fetch replaces its own. */
  readonly keySets: KeySet[];
  /** Another one after each change of any issuer's keys. */
  epoch: object;
  readonly remotes: readonly Remote[];
  /** Fetches that were given up and have not come back yet. */
  abandoned: number;
  readonly signatures: PreparedSignatures;
  /** Makes a change of keys for who must know of it before and after; it throws where none may be made. Undefined: nobody. */
  watcher: ((this: void, change: (this: void) => void) => void) | undefined;
}

/** Milliseconds between two checks of fetches that are due. */
const KEEPER_PAUSE = 500;
/** HAProxy cannot abort a request: beyond this many that hang, none is begun. */
const MAX_ABANDONED = 32;

/** Headers that are kept read. */
const HEADERS = 64;

/** The store at start; nothing is fetched yet. */
export function createKeyStore(settings: Settings, signatures: PreparedSignatures): KeyStore {
  const remotes: Remote[] = [];
  settings.issuers.forEach((issuer, index) => {
    for (const source of issuer.sources.remotes) {
      const state = startKeys(os.time());
      const judged = { judged: 0, isJudgedStale: false };
      remotes.push({ issuer: index, source, state, ...judged, ticket: 0, settled: 0, deadline: 0, waited: 0 });
    }
  });
  const first = createTrust(settings, text);
  const keySets = [...first.keySets];
  const trust = { ...first, keySets, headers: createTwoGenerations<Outcome<Header>>(HEADERS) };
  return { trust, keySets, epoch: {}, remotes, abandoned: 0, signatures, watcher: undefined };
}

/** A fetch without the keys that this engine cannot import; a failure when no key is left. */
function withoutUnusable(store: KeyStore, fetched: Fetched): Fetched {
  if (!fetched.ok || fetched.keys.length === 0) return fetched;
  const keys: PublicKey[] = [];
  let problem = '';
  for (const key of fetched.keys) {
    const problems = store.signatures.prepare([key]);
    if (problems.length === 0) keys.push(key);
    problem = problems[0] ?? problem;
  }
  if (keys.length === 0) return { ok: false, problem };
  return { ...fetched, keys };
}

/** The states of an issuer's sources, in their order. */
function statesOf(store: KeyStore, issuer: number): readonly KeyState[] {
  return store.remotes.filter((remote) => remote.issuer === issuer).map(({ state }) => state);
}

/** Whether another task has changed a state since it was read. */
function haveChanged(store: KeyStore, issuer: number, states: readonly KeyState[]): boolean {
  return statesOf(store, issuer).some((state, index) => state !== states[index]);
}

/**
 * Puts the keys of an issuer's sources into the judge.
 * INVARIANT: HAProxy may suspend a task between any two instructions, and other keys may come meanwhile. So this sets one
 * slot, and an epoch that never existed before; and it sets them again when another source of the issuer has changed.
 */
function setKeys(store: KeyStore, place: number, now: number): void {
  const { issuers, times } = store.trust.settings;
  const issuer = issuers[place];
  if (issuer === undefined) return;
  let states: readonly KeyState[];
  do {
    states = statesOf(store, place);
    const present = presentKeys(issuer, states, times, now, store.signatures.algorithms);
    // A request that is verifying right now may still need a key of the last set.
    const needed: VerificationKey[] = [...present.keys];
    for (const keySet of store.keySets) needed.push(...keySet.keys);
    // Keys that are too old may count again.
    for (const one of store.remotes) needed.push(...one.state.keys);
    store.signatures.retain(needed);
    const epoch = {};
    store.keySets[place] = present;
    store.epoch = epoch;
  } while (haveChanged(store, place, states));
}

function replaceKeys(store: KeyStore, place: number, now: number): void {
  const change = (): void => {
    setKeys(store, place, now);
  };
  if (store.watcher === undefined) change();
  else store.watcher(change);
}

/**
 * Puts keys into the judge that it has not, and takes those away that are too old.
 * @returns whether any were
 */
function bringUpToDate(store: KeyStore, remote: Remote, now: number): boolean {
  const stale = isStale(remote.state, store.trust.settings.times, now);
  const { revision } = remote.state;
  if (remote.judged === revision && remote.isJudgedStale === stale) return false;
  replaceKeys(store, remote.issuer, now);
  remote.judged = revision;
  remote.isJudgedStale = stale;
  return true;
}

/** Ends a fetch. */
function settle(store: KeyStore, remote: Remote, fetched: Fetched): void {
  const before = remote.state;
  const now = os.time();
  const { times } = store.trust.settings;
  remote.ticket += 1;
  remote.state = endFetch(before, fetched, times, now, math.random());
  bringUpToDate(store, remote, now);
  remote.settled += 1;
  countFetch(remote.source.issuer, remote.state.problem === '');
  const report = reportFetch(remote.source, before, remote.state, times, now);
  if (report !== undefined) logKeys(report);
}

/** Fetches an issuer's keys; undefined when somebody else has given the fetch up. */
function fetchKeys(remote: Remote, ticket: number): Fetched | undefined {
  let step = startFetching(remote.source);
  while (step.kind === 'get') {
    remote.deadline = os.time() + ANSWER_TIMEOUT;
    const answer = http.get(step.url);
    if (remote.ticket !== ticket) return undefined;
    step = continueFetching(remote.source, step.stage, answer, text, step.endpoints);
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
  settle(store, remote, fine && fetched !== undefined ? fetched : { ok: false, problem: UNSENT });
}

/** Whether this process ends as soon as its connections do, as after a reload. */
function isStopping(): boolean {
  return core.get_info()['Stopping'] === 1;
}

/** Begins a fetch in a task of its own; none in a process that is about to end, for the fetch would keep it. */
export function launch(store: KeyStore, remote: Remote): void {
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
  const { times } = store.trust.settings;
  if (bringUpToDate(store, remote, now)) logKeys(reportAge(remote.source.issuer, remote.state, times, now));
  if (remote.state.fetching && now > remote.deadline) {
    store.abandoned += 1;
    settle(store, remote, { ok: false, problem: LATE });
  }
  if (isRefreshDue(remote.state, now)) launch(store, remote);
}

/** Keeps the keys fresh from now on. To be called while HAProxy starts; under `-c` nothing runs, so nothing is fetched. */
export function keepKeys(store: KeyStore): void {
  if (store.remotes.length === 0) return;
  // Lua 5.3 begins every random sequence alike; the address of a table differs between Lua states.
  if (_VERSION === 'Lua 5.3') {
    const [address] = string.match(tostring(store), '0x(%x+)');
    math.randomseed(os.time() + (tonumber(address ?? '0', 16) ?? 0));
  }
  core.register_task(() => {
    for (;;) {
      for (const remote of store.remotes) {
        const [fine, problem] = pcall(tend, store, remote);
        if (!fine) logCaught(problem);
      }
      core.msleep(KEEPER_PAUSE);
    }
  });
}

/** Whether every issuer has keys. */
export function areKeysReady(store: KeyStore): boolean {
  return areReady(store.trust.settings, store.trust.keySets);
}
