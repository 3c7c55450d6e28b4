// The keys of a policy's issuers at the desk: those of its files, and those that an issuer publishes now.
import { text } from '../../nginx/ports/text';
import { quoteUrl } from '../../src/codec/printable';
import { continueFetching, startFetching } from '../../src/keys/fetch-keys';
import { beginFetch, endFetch, startKeys, type Fetched, type KeyState } from '../../src/keys/key-state';
import { presentKeys } from '../../src/keys/present-keys';
import type { KeySet, RemoteKeys, Settings } from '../../src/model/settings';
import { get } from '../ports/http';
import { signatures } from './settings';

/** Fetches one source as the proxies do. */
export async function fetchKeys(source: RemoteKeys): Promise<Fetched> {
  let step = startFetching(source);
  while (step.kind === 'get') step = continueFetching(source, step.stage, await get(step.url), text);
  return step.fetched;
}

async function stateOf(source: RemoteKeys, settings: Settings, now: number): Promise<KeyState> {
  return endFetch(beginFetch(startKeys(now), now), await fetchKeys(source), settings.times, now, 0);
}

/** Each issuer's keys, and a line for each source that brought none. */
export interface DeskKeys {
  readonly keySets: readonly KeySet[];
  readonly faults: readonly string[];
}

/** @param isLive whether keys are fetched; without them only the keys of files count */
export async function findKeys(settings: Settings, isLive: boolean, now: number): Promise<DeskKeys> {
  const keySets: KeySet[] = [];
  const faults: string[] = [];
  for (const issuer of settings.issuers) {
    const remotes = issuer.sources.remotes;
    const states = isLive ? await Promise.all(remotes.map((source) => stateOf(source, settings, now))) : [];
    states.forEach((state, index) => {
      if (state.problem !== '') faults.push(`${quoteUrl(remotes[index]?.url ?? '')}: ${state.problem}`);
    });
    const known = isLive ? states : remotes.map(() => startKeys(now));
    keySets.push(presentKeys(issuer, known, settings.times, now, signatures.algorithms));
  }
  return { keySets, faults };
}
