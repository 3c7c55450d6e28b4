// The epoch: settings, keys and deny list as a worker found them in one second, shared with its other requests.
import hashes from 'crypto';
import { CLAIM_PREFIX } from '../../src/answer/contract';
import { BUILD } from '../ports/build-id';
import type { EngineObject, HttpRequest, SharedDictionary } from '../njs';
import type { Snapshot, SnapshotParts } from './snapshot';
import {
  COUNTED_MARK,
  EPOCH_END,
  EPOCH_MARK,
  EPOCH_PREFIX,
  POLICY_MARK,
  TIME_END,
} from './remembered-tokens/token-store';
import { findMetricsZone } from '../ports/counts';
import { readDenyFile, type DenyFile } from '../ports/deny-list';
import { createSignatures } from '../ports/signatures';
import { text } from '../ports/text';
import {
  findDenyZone,
  findEndedZone,
  findZone,
  gistName,
  loginName,
  policyName,
  put,
  readyName,
} from '../ports/shared-dictionaries';
import { unsaidNotices } from './settings';
import { gistOf } from './policy-writer';
import { writeSnapshot } from './stored-snapshot';

declare const njs: EngineObject;
declare const process: { readonly pid: number };

/** A snapshot, and the epoch's entry; the entry is empty where nothing may be remembered. */
export interface DatedSnapshot {
  readonly snapshot: Snapshot;
  readonly entry: string;
}

/** The snapshot that refuses every request. */
export function broken(): DatedSnapshot {
  const snapshot: Snapshot = {
    trust: undefined,
    rules: undefined,
    signatures: createSignatures(false),
    unsaid: [],
    epoch: '',
    cacheSize: 0,
    cacheAge: 0,
    denied: '',
  };
  return { snapshot, entry: '' };
}

function toSnapshot(parts: SnapshotParts, epoch: string, denied: string): Snapshot {
  const settings = parts.settings;
  return {
    trust: { settings, keySets: parts.keySets, text },
    rules: parts.rules,
    signatures: createSignatures(true),
    unsaid: unsaidNotices(),
    epoch,
    cacheSize: settings.cache.size,
    cacheAge: settings.cache.age,
    denied,
  };
}

/**
 * The names of the declared claim variables.
 * INVARIANT: a remembered token has the claims of these alone, so it does not count where a reload has declared others.
 */
function claimNames(request: HttpRequest): readonly string[] {
  return request.jsVarNames === undefined ? [] : request.jsVarNames(CLAIM_PREFIX).slice().sort();
}

/** The epoch changes whenever the settings, the policy, a key, the deny list's file, the claims' names or this module do. */
function nameEpoch(request: HttpRequest, parts: SnapshotParts, deny: DenyFile): string {
  const head = parts.rules === undefined ? null : parts.rules.head;
  const names = claimNames(request);
  // A remembered token has the entries of the dictionary only where there is one.
  const hasZone = findDenyZone() !== undefined || findEndedZone() !== undefined;
  const whole = JSON.stringify([BUILD, parts.settings, parts.keySets, deny.text, head, names, hasZone]);
  return hashes
    .createHash('sha256')
    .update(whole)
    .digest('base64url')
    .slice(0, EPOCH_END - TIME_END);
}

/**
 * Makes what was found what this worker's requests are judged by, in this second.
 * @param request any of this worker
 */
export function finish(request: HttpRequest, parts: SnapshotParts): DatedSnapshot {
  const zone = findZone('jwtverify');
  if (zone === undefined && njs.engine !== 'QuickJS') return finishOnce(parts);
  const settings = parts.settings;
  const deny = readDenyFile(settings);
  const epoch = nameEpoch(request, parts, deny);
  const file = settings.denyPath === undefined ? '' : settings.denyPath + '\n' + deny.stamp;
  const isPlain = parts.rules === undefined && settings.tokenPlaces === undefined;
  const plainMark = findMetricsZone() === undefined ? EPOCH_MARK : COUNTED_MARK;
  const mark = isPlain ? plainMark : POLICY_MARK;
  const entry = mark + (Math.floor(Date.now() / 1000) * 1000 + 1000).toString() + epoch + file;
  if (zone !== undefined) share(zone, epoch, entry, parts, deny.text);
  return { snapshot: toSnapshot(parts, epoch, deny.text), entry };
}

/** The snapshot for one request, where nothing may be remembered. */
export function finishOnce(parts: SnapshotParts): DatedSnapshot {
  return { snapshot: toSnapshot(parts, '', readDenyFile(parts.settings).text), entry: '' };
}

/** Shares the epoch with this worker's other requests. */
function share(zone: SharedDictionary, epoch: string, entry: string, parts: SnapshotParts, denied: string): void {
  const name = EPOCH_PREFIX + String(process.pid);
  const before = zone.get(name);
  const keys = findZone('jwtverify_keys') ?? zone;
  const old = typeof before === 'string' ? before.slice(TIME_END, EPOCH_END) : '';
  if (old !== epoch && old !== '') {
    keys.delete(readyName(old));
    keys.delete(policyName(old));
    keys.delete(gistName(old));
    keys.delete(loginName(old));
  }
  const head = parts.rules === undefined ? undefined : parts.rules.head;
  if (!keys.has(readyName(epoch)) && !put(keys, readyName(epoch), writeSnapshot(parts, denied))) return;
  if (head !== undefined) {
    if (!keys.has(policyName(epoch)) && !put(keys, policyName(epoch), JSON.stringify(head))) return;
    if (!keys.has(gistName(epoch)) && !put(keys, gistName(epoch), JSON.stringify(gistOf(head)))) return;
    const cookie = head.loginCookie;
    if (cookie !== undefined && !keys.has(loginName(epoch)) && !put(keys, loginName(epoch), cookie)) return;
  }
  put(zone, name, entry);
}
