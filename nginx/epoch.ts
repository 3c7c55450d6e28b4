// The epoch: settings, keys and deny list as a worker found them in one second, told to its other requests.
import hashes from 'crypto';
import type { KeySet, Settings } from '../src/core/settings';
import type { EngineObject, SharedDictionary } from './host';
import type { Loaded } from './loaded';
import { EPOCH_END, EPOCH_MARK, EPOCH_PREFIX, POLICY_MARK, TIME_END } from './memory';
import type { PolicyRules } from './policy-pieces';
import { readDenyFile, type DenyFile } from './ports/deny-file';
import { createSignatures } from './ports/signatures';
import { text } from './ports/text';
import { findZone, gistName, policyName, put, readyName } from './ports/zones';
import { unsaidNotices } from './read-settings';
import { gistOf } from './write-pieces';

declare const njs: EngineObject;
declare const process: { readonly pid: number };

/** What requests are judged by, and the epoch's entry; the entry is empty where nothing may be remembered. */
export interface Checked {
  readonly loaded: Loaded;
  readonly entry: string;
}

/** What refuses every request. */
export function broken(): Checked {
  const loaded: Loaded = {
    judge: undefined,
    rules: undefined,
    signatures: createSignatures(false),
    unsaid: [],
    epoch: '',
    cacheSize: 0,
    cacheAge: 0,
    denied: '',
  };
  return { loaded, entry: '' };
}

/** What everything is judged by, as it was found. */
export interface Found {
  readonly settings: Settings;
  readonly keySets: readonly KeySet[];
  /** The policy's; undefined without one. */
  readonly rules: PolicyRules | undefined;
}

function toLoaded(found: Found, epoch: string, denied: string): Loaded {
  const settings = found.settings;
  return {
    judge: { settings, keySets: found.keySets, text },
    rules: found.rules,
    signatures: createSignatures(true),
    unsaid: unsaidNotices(),
    epoch,
    cacheSize: settings.cache.size,
    cacheAge: settings.cache.age,
    denied,
  };
}

/** The epoch changes whenever the settings, the policy, a key or the deny list's file do. */
function nameEpoch(found: Found, deny: DenyFile): string {
  const head = found.rules === undefined ? null : found.rules.head;
  const whole = JSON.stringify([found.settings, found.keySets, deny.stamp, head]);
  return hashes
    .createHash('sha256')
    .update(whole)
    .digest('base64url')
    .slice(0, EPOCH_END - TIME_END);
}

/** Makes what was found what this worker's requests are judged by, in this second. */
export function finish(found: Found): Checked {
  const zone = findZone('jwtverify');
  if (zone === undefined && njs.engine !== 'QuickJS') return finishOnce(found);
  const settings = found.settings;
  const deny = readDenyFile(settings.denyPath);
  const epoch = nameEpoch(found, deny);
  const file = settings.denyPath === undefined ? '' : settings.denyPath + '\n' + deny.stamp;
  const mark = found.rules === undefined ? EPOCH_MARK : POLICY_MARK;
  const entry = mark + (Math.floor(Date.now() / 1000) * 1000 + 1000).toString() + epoch + file;
  if (zone !== undefined) share(zone, epoch, entry, found, deny.text);
  return { loaded: toLoaded(found, epoch, deny.text), entry };
}

/** What a request is judged by where nothing may be remembered. */
export function finishOnce(found: Found): Checked {
  return { loaded: toLoaded(found, '', readDenyFile(found.settings.denyPath).text), entry: '' };
}

/** Tells this worker's other requests. */
function share(zone: SharedDictionary, epoch: string, entry: string, found: Found, denied: string): void {
  const name = EPOCH_PREFIX + String(process.pid);
  const before = zone.get(name);
  const keys = findZone('jwtverify_keys') ?? zone;
  const old = typeof before === 'string' ? before.slice(TIME_END, EPOCH_END) : '';
  if (old !== epoch && old !== '') {
    keys.delete(readyName(old));
    keys.delete(policyName(old));
    keys.delete(gistName(old));
  }
  const head = found.rules === undefined ? undefined : found.rules.head;
  const ready = { settings: found.settings, keySets: found.keySets, head, denied };
  if (!keys.has(readyName(epoch)) && !put(keys, readyName(epoch), JSON.stringify(ready))) return;
  if (head !== undefined) {
    if (!keys.has(policyName(epoch)) && !put(keys, policyName(epoch), JSON.stringify(head))) return;
    if (!keys.has(gistName(epoch)) && !put(keys, gistName(epoch), JSON.stringify(gistOf(head)))) return;
  }
  put(zone, name, entry);
}
