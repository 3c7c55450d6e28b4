// The keys of each issuer: out of the configuration, the shared dictionary, or a location that nginx itself caches.
import { bindKeys } from '../src/core/bind-keys';
import type { PublicKey } from '../src/core/key';
import type { IssuerSettings, KeySet, Settings } from '../src/core/settings';
import type { RemoteKeys } from '../src/keys/key-url';
import { broken, finishOnce, type Checked } from './epoch';
import type { HttpRequest, NginxObject, SharedDictionary } from './host';
import { fetchKeys, readKeys } from './key-store';
import { createLocationClient } from './ports/fetch';
import { logProblems } from './ports/log';
import { createSignatures } from './ports/signatures';
import type { Read } from './read-settings';

declare const ngx: NginxObject;

const NOWHERE =
  'keys that are fetched need the shared dictionary `jwtverify_keys`, or a location that `$jwtverify_keys` names';

function bind(issuer: IssuerSettings, read: Read, keys: readonly PublicKey[], revision: number): KeySet {
  return bindKeys(keys, issuer.allowed, createSignatures(read.hasEd25519).algorithms, revision);
}

/** Each issuer's keys: those that the configuration holds, and the present ones of those that are fetched. */
export function gatherKeys(settings: Settings, read: Read, zone: SharedDictionary, now: number): readonly KeySet[] {
  return settings.issuers.map((issuer) => {
    if (issuer.source.kind === 'static') return issuer.source.keySet;
    const state = readKeys(zone, issuer.source, now).state;
    return bind(issuer, read, state.keys, state.revision);
  });
}

/** Where an issuer's keys are fetched from; undefined when the configuration holds them. */
export function remoteOf(settings: Settings, index: number): RemoteKeys | undefined {
  const issuer = settings.issuers[index];
  return issuer === undefined || issuer.source.kind === 'static' ? undefined : issuer.source;
}

/** Where keys are fetched from, for each issuer whose keys are. */
export function remoteSources(settings: Settings): readonly RemoteKeys[] {
  const sources: RemoteKeys[] = [];
  for (let index = 0; index < settings.issuers.length; index++) {
    const source = remoteOf(settings, index);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

/** Each issuer's keys out of the location that nginx itself fetches and caches; nothing is remembered between requests. */
export function askLocation(request: HttpRequest, read: Read, settings: Settings, extra: string): Promise<Checked> {
  const location = request.variables['jwtverify_keys'] ?? '';
  if (location === '') {
    logProblems([NOWHERE]);
    return Promise.resolve(broken());
  }
  function gather(index: number, keySets: readonly KeySet[]): Checked | Promise<Checked> {
    const issuer = settings.issuers[index];
    if (issuer === undefined) return finishOnce({ settings, keySets, rules: read.rules });
    if (issuer.source.kind === 'static') return gather(index + 1, keySets.concat(issuer.source.keySet));
    const source = issuer.source;
    const client = createLocationClient(request, location, 'issuer=' + index.toString() + extra);
    // The location knows where the keys are: no discovery.
    const direct: RemoteKeys = { kind: 'jwks', url: source.url, issuer: source.issuer, allowHttp: source.allowHttp };
    return fetchKeys(direct, client).then((fetched) => {
      if (!fetched.ok) ngx.log(ngx.ERR, 'jwtverify: the keys at `' + location + '`: ' + fetched.problem);
      return gather(index + 1, keySets.concat(bind(issuer, read, fetched.ok ? fetched.keys : [], 1)));
    });
  }
  return Promise.resolve(gather(0, []));
}
