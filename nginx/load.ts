// What a request that takes a full judgement is judged by: told by an earlier request of this second, or looked at now.
import type { Judge } from '../src/core/flow';
import type { KeySet, Settings } from '../src/core/settings';
import type { EngineObject, HttpRequest } from './host';
import type { Loaded } from './loaded';
import { EPOCH_END, EPOCH_PREFIX, TIME_END } from './memory';
import type { Host } from './parts/parts';
import { keepPieces, usePieces, type PolicyHead } from './policy-pieces';
import { createSignatures } from './ports/signatures';
import { text } from './ports/text';
import { findZone, readyName } from './ports/zones';

declare const njs: EngineObject;
declare const process: { readonly pid: number };

/** What the part that manages wrote for this epoch. */
interface Ready {
  readonly settings: Settings;
  readonly keySets: readonly KeySet[];
  readonly head?: PolicyHead;
  readonly denied: string;
}

function parseReady(epoch: string): Loaded | undefined {
  const zone = findZone('jwtverify_keys');
  const source = zone === undefined ? undefined : zone.get(readyName(epoch));
  if (typeof source !== 'string') return undefined;
  const ready = JSON.parse(source) as Ready;
  const judge: Judge = { settings: ready.settings, keySets: ready.keySets, text };
  const cache = ready.settings.cache;
  const head = ready.head;
  const rules =
    head === undefined || zone === undefined
      ? undefined
      : usePieces(zone, head, njs.engine === 'QuickJS' ? keepPieces() : undefined);
  return {
    judge,
    rules,
    signatures: createSignatures(true),
    unsaid: [],
    epoch,
    cacheSize: cache.size,
    cacheAge: cache.age,
    denied: ready.denied,
  };
}

/** What an epoch that was looked at in this second is judged by; undefined when it has to be looked at. */
function findReady(host: Host): Loaded | undefined {
  const memory = host.memory;
  if (memory !== undefined && memory.entry.length === EPOCH_END && isGood(memory.goodUntil)) {
    return isWhole(memory.loaded) ? memory.loaded : undefined;
  }
  const zone = findZone('jwtverify');
  const entry = zone === undefined ? undefined : zone.get(EPOCH_PREFIX + String(process.pid));
  // With a deny list's file everything is looked at: it counts at once.
  if (typeof entry !== 'string' || entry.length !== EPOCH_END || !isGood(timeOf(entry))) return undefined;
  const epoch = entry.slice(TIME_END);
  const known = memory === undefined ? undefined : memory.loaded;
  const loaded = known !== undefined && known.epoch === epoch ? known : parseReady(epoch);
  // A policy whose pieces were dropped is compiled anew.
  if (loaded === undefined || !isWhole(loaded)) return undefined;
  hold(host, loaded, entry);
  return loaded;
}

function isWhole(loaded: Loaded | undefined): boolean {
  return loaded === undefined || loaded.rules === undefined || loaded.rules.isWhole();
}

function timeOf(entry: string): number {
  return Number(entry.slice(1, TIME_END));
}

/** INVARIANT: what was found good holds for the rest of that second, and not after the clock was set back. */
function isGood(until: number): boolean {
  return Date.now() < until && Date.now() >= until - 1000;
}

/** Keeps what requests are judged by where module state lasts. */
export function hold(host: Host, loaded: Loaded, entry: string): void {
  if (njs.engine !== 'QuickJS') return;
  const memory = host.memory;
  if (memory === undefined) {
    host.memory = { loaded, entry, goodUntil: timeOf(entry), young: {}, old: {}, count: 0, characters: 0 };
    return;
  }
  memory.loaded = loaded;
  memory.entry = entry;
  memory.goodUntil = timeOf(entry);
}

/** What a request is judged by, found or looked at. */
export function load(host: Host, request: HttpRequest): Loaded | Promise<Loaded> {
  const ready = findReady(host);
  if (ready !== undefined) return ready;
  const known = host.memory === undefined ? undefined : host.memory.loaded;
  function use(checked: { readonly loaded: Loaded; readonly entry: string }): Loaded {
    // Imported keys are kept as long as nothing has changed.
    const isKnown = known !== undefined && known.epoch !== '' && known.epoch === checked.loaded.epoch;
    const loaded = isKnown && isWhole(known) ? known : checked.loaded;
    if (checked.entry !== '') hold(host, loaded, checked.entry);
    return loaded;
  }
  const checked = host.openManage(host).check(request);
  return 'then' in checked ? checked.then(use) : use(checked);
}
