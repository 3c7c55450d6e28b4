// The keys of each issuer: out of the configuration, the shared dictionary, or a location that nginx itself caches.
import type { IssuerSettings, KeySet, Settings, FetchTimes, RemoteKeys } from '../../src/model/settings';
import { EMPTY, isStale, startKeys, type Fetched, type KeyState } from '../../src/keys/key-state';
import { describeKeyFault } from '../../src/keys/key-report';
import { presentKeys } from '../../src/keys/present-keys';
import { isAccepted } from '../../src/token/accepted-issuers';
import { broken, finishOnce, type DatedSnapshot } from './epoch';
import type { HttpRequest, SharedDictionary } from '../njs';
import { fetchKeys, readKeys } from './key-store';
import { createLocationClient } from '../ports/http';
import { logOutage } from '../ports/log';
import { createSignatures } from '../ports/signatures';
import type { Read } from './settings';

const NOWHERE =
  'fetching keys needs the shared dictionary `jwtverify_keys`, or a location that `$jwtverify_keys` names';

/** The state of keys that an answer gives. @param givenAt when it was given; undefined: unknown */
function stateOf(fetched: Fetched, givenAt: number | undefined): KeyState {
  const known = { keys: fetched.ok ? fetched.keys : [], revision: 1, goodAt: givenAt ?? 0 };
  return Object.assign(startKeys(seconds()), known);
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function bind(issuer: IssuerSettings, read: Read, times: FetchTimes, now: number, states: KeyState[]): KeySet {
  return presentKeys(issuer, states, times, now, createSignatures(read.hasEd25519).algorithms);
}

/** Why the keys of an answer do not count. */
function describe(fetched: Fetched): string {
  if (!fetched.ok) return fetched.problem;
  return fetched.keys.length === 0 ? EMPTY : 'the last good answer is too old, so its keys no longer count';
}

/** Each issuer's keys: those that the configuration holds, and the present ones of those that are fetched. */
export function gatherKeys(settings: Settings, read: Read, zone: SharedDictionary, now: number): readonly KeySet[] {
  return settings.issuers.map((issuer) => {
    const states = issuer.sources.remotes.map((source) => readKeys(zone, source, now));
    return bind(issuer, read, settings.times, now, states);
  });
}

/** The sources of an issuer's keys that are fetched. */
export function remotesOf(settings: Settings, index: number): readonly RemoteKeys[] {
  const issuer = settings.issuers[index];
  return issuer === undefined ? [] : issuer.sources.remotes;
}

/** The sources of keys of all issuers that are fetched. */
export function remoteSources(settings: Settings): readonly RemoteKeys[] {
  let sources: readonly RemoteKeys[] = [];
  for (let index = 0; index < settings.issuers.length; index++) sources = sources.concat(remotesOf(settings, index));
  return sources;
}

/** What a location is asked about, beside its own address: which issuer, and which of its several sources. */
function questionAbout(place: number, sourcePlace: number, extra: string): string {
  const source = sourcePlace === 0 ? '' : '&source=' + sourcePlace.toString();
  return 'issuer=' + place.toString() + source + extra;
}

/** Whether people come back from a provider of the broker with this request: no other needs the keys of providers. */
function isCallback(request: HttpRequest, settings: Settings): boolean {
  const desk = settings.broker?.desk;
  return desk !== undefined && (request.variables['uri'] ?? '').indexOf(desk.prefix + '/callback/') === 0;
}

/** Each issuer's keys out of the location that nginx itself fetches and caches; nothing is remembered between requests. */
export function askLocation(
  request: HttpRequest,
  read: Read,
  settings: Settings,
  extra: string,
): Promise<DatedSnapshot> {
  const location = request.variables['jwtverify_keys'] ?? '';
  const isBack = isCallback(request, settings);
  const isNeeded = (issuer: IssuerSettings): boolean => isBack || isAccepted(issuer);
  if (location === '' && settings.issuers.some((issuer) => isNeeded(issuer) && issuer.sources.remotes.length > 0)) {
    logOutage('every request is refused: ' + NOWHERE);
    return Promise.resolve(broken());
  }
  function ask(place: number, issuer: IssuerSettings, states: KeyState[]): KeySet | Promise<KeySet> {
    if (!isNeeded(issuer)) {
      const none = issuer.sources.remotes.map(() => startKeys(seconds()));
      return bind(issuer, read, settings.times, seconds(), none);
    }
    const source = issuer.sources.remotes[states.length];
    if (source === undefined) return bind(issuer, read, settings.times, seconds(), states);
    let givenAt: number | undefined;
    const client = createLocationClient(request, location, questionAbout(place, states.length, extra), (moment) => {
      givenAt = moment;
    });
    // The location knows where the keys are: no discovery.
    const direct: RemoteKeys = { kind: 'jwks', url: source.url, issuer: source.issuer, allowHttp: source.allowHttp };
    return fetchKeys(direct, client).then((fetched) => {
      const state = stateOf(fetched, givenAt);
      const isOld = isStale(state, settings.times, seconds());
      if (state.keys.length === 0 || isOld) logOutage(describeKeyFault(issuer.issuer, location, describe(fetched)));
      return ask(place, issuer, states.concat(state));
    });
  }
  function gather(index: number, keySets: readonly KeySet[]): DatedSnapshot | Promise<DatedSnapshot> {
    const issuer = settings.issuers[index];
    if (issuer === undefined) return finishOnce({ settings, keySets, rules: read.rules });
    const asked = ask(index, issuer, []);
    const next = (keySet: KeySet): DatedSnapshot | Promise<DatedSnapshot> => gather(index + 1, keySets.concat(keySet));
    return 'then' in asked ? asked.then(next) : next(asked);
  }
  return Promise.resolve(gather(0, []));
}
