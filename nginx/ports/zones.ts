// The shared dictionaries (njs 0.8.0): `jwtverify` for tokens, `jwtverify_keys` for settings and keys, which tokens must
// not push out. Each stands in for the other.
import type { NginxObject, SharedDictionary } from '../host';

declare const ngx: NginxObject;

/** The dictionary of this name, or the other one; undefined when the configuration declares neither. */
export function findZone(name: 'jwtverify' | 'jwtverify_keys'): SharedDictionary | undefined {
  if (ngx.shared === undefined) return undefined;
  const other = name === 'jwtverify' ? 'jwtverify_keys' : 'jwtverify';
  return ngx.shared[name] ?? ngx.shared[other];
}

/** Under which name an epoch's settings and keys stand. */
export function readyName(epoch: string): string {
  return 'ready:' + epoch;
}

/** Under which name stands what every request needs of an epoch's policy. */
export function policyName(epoch: string): string {
  return 'policy:' + epoch;
}

/** Under which name stands what of it takes to let a request pass. */
export function gistName(epoch: string): string {
  return 'gist:' + epoch;
}

/** Sets an entry; false when the dictionary is full. */
export function put(zone: SharedDictionary, name: string, value: string): boolean {
  try {
    zone.set(name, value);
    return true;
  } catch (error) {
    return false;
  }
}
