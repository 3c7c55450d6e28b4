// The keys of an issuer that count now, computed from their state.
import type { AlgorithmName } from '../model/algorithm';
import type { VerificationKey } from '../model/key';
import { bindKeys } from './bind-keys';
import type { KeySet, FetchTimes, IssuerSettings } from '../model/settings';
import { isStale, type KeyState } from './key-state';

const NO_KEYS: KeySet = { ready: false, revision: 0, keys: [], algorithms: [], unavailable: [] };

/** The names of several lists, each once. */
function union(lists: readonly (readonly AlgorithmName[])[]): readonly AlgorithmName[] {
  const names: AlgorithmName[] = [];
  for (let index = 0; index < lists.length; index++) {
    const list = lists[index] ?? [];
    for (let place = 0; place < list.length; place++) {
      const name = list[place];
      if (name !== undefined && names.indexOf(name) < 0) names.push(name);
    }
  }
  return names;
}

/**
 * The keys of several sources together. Each key keeps its own algorithms (RFC 8725 §3.1).
 * INVARIANT: revisions only grow, so their sum changes whenever one does.
 */
function joinKeySets(sets: readonly KeySet[]): KeySet {
  const only = sets[0];
  if (only === undefined) return NO_KEYS;
  if (sets.length === 1) return only;
  const keys: VerificationKey[] = [];
  let revision = 0;
  for (let index = 0; index < sets.length; index++) {
    const set = sets[index];
    revision += set?.revision ?? 0;
    for (let place = 0; set !== undefined && place < set.keys.length; place++) {
      const key = set.keys[place];
      if (key !== undefined) keys.push(key);
    }
  }
  return {
    ready: sets.some((set) => set.ready),
    isStale: sets.some((set) => set.isStale === true),
    isPartial: sets.some((set) => !set.ready),
    revision,
    keys,
    algorithms: union(sets.map((set) => set.algorithms)),
    unavailable: union(sets.map((set) => set.unavailable)),
  };
}

/**
 * The fetched keys that count.
 * @param now seconds since the epoch
 * @param allowed what the operator allows; undefined when the keys decide
 * @param engine what the host can check
 * @returns none when the last good answer is too old
 */
function fetchedKeys(
  state: KeyState,
  times: FetchTimes,
  now: number,
  allowed: readonly AlgorithmName[] | undefined,
  engine: readonly AlgorithmName[],
): KeySet {
  if (!isStale(state, times, now)) return bindKeys(state.keys, allowed, engine, state.revision);
  return { ready: false, isStale: true, revision: state.revision, keys: [], algorithms: [], unavailable: [] };
}

/** An issuer's keys before any are fetched. */
export function startingKeys(issuer: IssuerSettings): KeySet {
  const sets = issuer.sources.remotes.map(() => NO_KEYS);
  return joinKeySets(issuer.sources.configured === undefined ? sets : [issuer.sources.configured].concat(sets));
}

/**
 * An issuer's keys that count, of all its sources.
 * @param states of its remote sources, in their order
 * @param now seconds since the epoch
 * @param engine what the host can check
 */
export function presentKeys(
  issuer: IssuerSettings,
  states: readonly KeyState[],
  times: FetchTimes,
  now: number,
  engine: readonly AlgorithmName[],
): KeySet {
  const sets = states.map((state) => fetchedKeys(state, times, now, issuer.allowed, engine));
  const joined = joinKeySets(issuer.sources.configured === undefined ? sets : [issuer.sources.configured].concat(sets));
  const endpoints = states.find((state) => state.endpoints !== undefined)?.endpoints;
  return endpoints === undefined ? joined : Object.assign({}, joined, { endpoints });
}
