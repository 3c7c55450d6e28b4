// The epoch: settings, keys and deny list as a worker found them in one second, told to its other requests.
import hashes from 'crypto';
import type { KeySet, Settings } from '../src/core/settings';
import type { EngineObject, SharedDictionary } from './host';
import type { Loaded } from './loaded';
import { EPOCH_END, EPOCH_MARK, EPOCH_PREFIX, TIME_END } from './memory';
import { readDenyFile, type DenyFile } from './ports/deny-file';
import { createSignatures } from './ports/signatures';
import { text } from './ports/text';
import { findZone, put, readyName } from './ports/zones';
import { unsaidNotices } from './read-settings';

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
    signatures: createSignatures(false),
    unsaid: [],
    epoch: '',
    cacheSize: 0,
    cacheAge: 0,
    denied: '',
  };
  return { loaded, entry: '' };
}

function toLoaded(settings: Settings, keySets: readonly KeySet[], epoch: string, denied: string): Loaded {
  return {
    judge: { settings, keySets, text },
    signatures: createSignatures(true),
    unsaid: unsaidNotices(),
    epoch,
    cacheSize: settings.cache.size,
    cacheAge: settings.cache.age,
    denied,
  };
}

/** The epoch changes whenever the settings, a key or the deny list's file do. */
function nameEpoch(settings: Settings, keySets: readonly KeySet[], deny: DenyFile): string {
  const whole = JSON.stringify([settings, keySets, deny.stamp]);
  return hashes
    .createHash('sha256')
    .update(whole)
    .digest('base64url')
    .slice(0, EPOCH_END - TIME_END);
}

/** Makes what was found what this worker's requests are judged by, in this second. */
export function finish(settings: Settings, keySets: readonly KeySet[]): Checked {
  const zone = findZone('jwtverify');
  if (zone === undefined && njs.engine !== 'QuickJS') return finishOnce(settings, keySets);
  const deny = readDenyFile(settings.denyPath);
  const epoch = nameEpoch(settings, keySets, deny);
  const file = settings.denyPath === undefined ? '' : settings.denyPath + '\n' + deny.stamp;
  const entry = EPOCH_MARK + (Math.floor(Date.now() / 1000) * 1000 + 1000).toString() + epoch + file;
  if (zone !== undefined) share(zone, epoch, entry, { settings, keySets, denied: deny.text });
  return { loaded: toLoaded(settings, keySets, epoch, deny.text), entry };
}

/** What a request is judged by where nothing may be remembered. */
export function finishOnce(settings: Settings, keySets: readonly KeySet[]): Checked {
  return { loaded: toLoaded(settings, keySets, '', readDenyFile(settings.denyPath).text), entry: '' };
}

/** Tells this worker's other requests. */
function share(zone: SharedDictionary, epoch: string, entry: string, ready: unknown): void {
  const name = EPOCH_PREFIX + String(process.pid);
  const before = zone.get(name);
  const keys = findZone('jwtverify_keys') ?? zone;
  const old = typeof before === 'string' ? before.slice(TIME_END, EPOCH_END) : '';
  if (old !== epoch && old !== '') keys.delete(readyName(old));
  if (!keys.has(readyName(epoch)) && !put(keys, readyName(epoch), JSON.stringify(ready))) return;
  put(zone, name, entry);
}
