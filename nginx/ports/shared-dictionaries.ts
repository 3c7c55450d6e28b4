// The shared dictionaries (njs 0.8.0): `jwtverify` for tokens, `jwtverify_keys` for settings and keys, which tokens must
// not push out. Each is used in place of a missing other.
import type { NginxObject, SharedDictionary } from '../njs';

declare const ngx: NginxObject;

/** The dictionary of this name, or the other one; undefined when the configuration declares neither. */
export function findZone(name: 'jwtverify' | 'jwtverify_keys'): SharedDictionary | undefined {
  if (ngx.shared === undefined) return undefined;
  const other = name === 'jwtverify' ? 'jwtverify_keys' : 'jwtverify';
  return ngx.shared[name] ?? ngx.shared[other];
}

/** The dictionary of entries that the operator denies; undefined when the configuration does not declare it. */
export function findDenyZone(): SharedDictionary | undefined {
  return ngx.shared?.['jwtverify_deny'];
}

/** The dictionary of sessions that ended before their time; undefined when the configuration does not declare it. */
export function findEndedZone(): SharedDictionary | undefined {
  return ngx.shared?.['jwtverify_ended'];
}

/** The name of an epoch's settings and keys. */
export function readyName(epoch: string): string {
  return 'ready:' + epoch;
}

/** The name of the part of an epoch's policy that every request needs. */
export function policyName(epoch: string): string {
  return 'policy:' + epoch;
}

/** The name of the part of it that lets a request pass. */
export function gistName(epoch: string): string {
  return 'gist:' + epoch;
}

/** The name of the entry that names the cookie of an epoch's sessions. */
export function loginName(epoch: string): string {
  return 'login:' + epoch;
}

/** Sets an entry; false when the dictionary is full. */
export function put(zone: SharedDictionary, name: string, value: string): boolean {
  try {
    zone.set(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Adds an entry for some seconds, as `putFor` does; false where it is there already, or there is no room. */
export function addFor(zone: SharedDictionary, name: string, value: string, seconds: number): boolean {
  try {
    return zone.add(name, value, seconds * 1000);
  } catch {
    try {
      return zone.add(name, value);
    } catch {
      return false;
    }
  }
}

/**
 * Sets an entry for some seconds where njs knows lifetimes (0.8.5): a full dictionary first gives up what ends soonest, so that
 * entries which last longer stay. Otherwise it lasts as the dictionary's others; false when that is full.
 */
export function putFor(zone: SharedDictionary, name: string, value: string, seconds: number): boolean {
  try {
    zone.set(name, value, seconds * 1000);
    return true;
  } catch {
    // A dictionary that was declared without `timeout` refuses a lifetime.
    return put(zone, name, value);
  }
}
