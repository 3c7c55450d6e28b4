// The snapshot for a request that needs a full judgement: from an earlier request of this second, or read now.
import type { Trust } from '../../src/token/flow';
import type { EngineObject } from '../njs';
import type { Snapshot } from './snapshot';
import { EPOCH_END, EPOCH_PREFIX, TIME_END, type ContextMemory } from './remembered-tokens/token-store';
import type { DatedSnapshot } from './epoch';
import { keepPieces, usePieces } from './policy-store';
import { readSnapshot } from './stored-snapshot';
import { createSignatures } from '../ports/signatures';
import { text } from '../ports/text';
import { findZone, readyName } from '../ports/shared-dictionaries';

declare const njs: EngineObject;
declare const process: { readonly pid: number };

/** Holds the snapshot, once there is one. */
export interface Holder {
  memory: ContextMemory | undefined;
}

function readStored(epoch: string): Snapshot | undefined {
  const zone = findZone('jwtverify_keys');
  const source = zone === undefined ? undefined : zone.get(readyName(epoch));
  if (typeof source !== 'string') return undefined;
  const ready = readSnapshot(source);
  const trust: Trust = { settings: ready.settings, keySets: ready.keySets, text };
  const cache = ready.settings.cache;
  const head = ready.head;
  const rules =
    head === undefined || zone === undefined
      ? undefined
      : usePieces(zone, head, njs.engine === 'QuickJS' ? keepPieces() : undefined);
  return {
    trust,
    rules,
    signatures: createSignatures(true),
    unsaid: [],
    epoch,
    cacheSize: cache.size,
    cacheAge: cache.age,
    denied: ready.denied,
  };
}

/** The snapshot of an epoch that was checked in this second; undefined when it must be checked. */
function findCurrent(holder: Holder): Snapshot | undefined {
  const memory = holder.memory;
  if (memory !== undefined && memory.entry.length === EPOCH_END && isGood(memory.goodUntil)) {
    return isWhole(memory.snapshot) ? memory.snapshot : undefined;
  }
  const zone = findZone('jwtverify');
  const entry = zone === undefined ? undefined : zone.get(EPOCH_PREFIX + String(process.pid));
  // With a deny list's file everything is checked again, since a change counts at once.
  if (typeof entry !== 'string' || entry.length !== EPOCH_END || !isGood(timeOf(entry))) return undefined;
  const epoch = entry.slice(TIME_END);
  const known = memory === undefined ? undefined : memory.snapshot;
  const snapshot = known !== undefined && known.epoch === epoch ? known : readStored(epoch);
  // A policy whose pieces were dropped is compiled again.
  if (snapshot === undefined || !isWhole(snapshot)) return undefined;
  keepSnapshot(holder, snapshot, entry);
  return snapshot;
}

function isWhole(snapshot: Snapshot | undefined): boolean {
  if (snapshot === undefined || snapshot.rules === undefined) return true;
  return snapshot.rules.isWhole(snapshot.rules.writing());
}

function timeOf(entry: string): number {
  return Number(entry.slice(1, TIME_END));
}

/** INVARIANT: a check counts for the rest of its second, and not after the clock was set back. */
function isGood(until: number): boolean {
  return Date.now() < until && Date.now() >= until - 1000;
}

/** Keeps what requests are judged by where module state lasts. */
export function keepSnapshot(holder: Holder, snapshot: Snapshot, entry: string): void {
  if (njs.engine !== 'QuickJS') return;
  const memory = holder.memory;
  if (memory === undefined) {
    const tokens = { young: {}, old: {}, count: 0, characters: 0, lines: {}, lineCharacters: 0 };
    holder.memory = Object.assign({ snapshot, entry, goodUntil: timeOf(entry) }, tokens);
    return;
  }
  memory.snapshot = snapshot;
  memory.entry = entry;
  memory.goodUntil = timeOf(entry);
}

/**
 * The snapshot for a request, found or read.
 * @param look checks settings, keys and deny list
 */
export function findSnapshot(
  holder: Holder,
  look: () => DatedSnapshot | Promise<DatedSnapshot>,
): Snapshot | Promise<Snapshot> {
  const ready = findCurrent(holder);
  if (ready !== undefined) return ready;
  const known = holder.memory === undefined ? undefined : holder.memory.snapshot;
  function use(dated: DatedSnapshot): Snapshot {
    // Imported keys are kept as long as nothing has changed.
    const isKnown = known !== undefined && known.epoch !== '' && known.epoch === dated.snapshot.epoch;
    const snapshot = isKnown && isWhole(known) ? known : dated.snapshot;
    if (dated.entry !== '') keepSnapshot(holder, snapshot, dated.entry);
    return snapshot;
  }
  const dated = look();
  return 'then' in dated ? dated.then(use) : use(dated);
}
