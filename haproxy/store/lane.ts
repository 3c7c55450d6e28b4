// The lane: tokens that `http-request` lines let pass in HAProxy's own C, without Lua. This lets those in that the action has
// just recalled. docs/decisions/0052-lane.md says why nothing passes there that would not pass here.
import { listClaims } from '../answer/variables';
import { GENERATION, LANE_AGE, LANE_MARGIN, STATES, type LanePlan } from '../ports/lane-map';
import { openSharedList } from '../ports/shared-list';
import { openLaneEntries } from './lane-entries';
import { formatFields } from './lane-fields';
import { keepGeneration } from './lane-keys';
import type { KeyStore } from './key-store';
import type { RememberedToken } from './remembered-tokens';

/** @noSelf */
export interface Lane {
  readonly size: number;
  /** The tokens that all Lua states have let in. */
  count(): number;
  /** Lets a token in that was recalled just now, if it can be there. */
  offer(txn: Txn, field: string, known: RememberedToken): void;
}

/** A token with fewer seconds left is not worth the work. */
const LEAST = 15;
/** Seconds before a token is looked at again that cannot be let in now. */
const LATER = 1;
const TOKENS = 'tokens-';

/** Until when a token may pass in the lane; undefined for one that may not, or not for long. */
function findUntil(known: RememberedToken, now: number): number | undefined {
  const until = math.floor(math.min(known.until, now + LANE_AGE));
  // INVARIANT: the lines let a token pass in the `LANE_AGE` seconds before this, so it must be valid in all of them, should
  // the clock be set back.
  return until - now < LEAST || known.from > until - LANE_AGE ? undefined : until;
}

/** The numbers of the Lua states. */
function listThreads(): readonly number[] {
  if (core.thread === 0) return [0];
  const threads: number[] = [];
  for (const thread of $range(1, tonumber(core.get_info()['Nbthread'] ?? 1) ?? 1)) threads.push(thread);
  return threads;
}

/** Opens the lane. To be called while HAProxy starts. */
export function openLane(plan: LanePlan | undefined, store: KeyStore): Lane | undefined {
  if (plan === undefined) return undefined;
  const { size, claims, generation: name } = plan;
  const threads = listThreads();
  const generations = openSharedList(GENERATION);
  const states = openSharedList(STATES);
  const findGeneration = keepGeneration(name, store, threads);
  const own = TOKENS + tostring(core.thread);
  const entries = openLaneEntries(math.max(1, math.floor(size / threads.length)), (count) => {
    states.write(own, tostring(count));
  });
  // A second action in a transaction takes away what lines have set.
  listClaims(claims);

  /** @returns when to look at the token again */
  function letIn(this: void, txn: Txn, field: string, known: RememberedToken, now: number): number {
    const generation = findGeneration();
    const until = findUntil(known, now);
    // INVARIANT: the generation was read before. If keys change from here on, the entry does not count.
    if (generation === undefined || until === undefined || known.epoch !== store.epoch) return now + LATER;
    const fields = known.key === undefined ? undefined : formatFields(claims, known);
    if (fields === undefined) return now + LANE_AGE;
    const key = txn.c.base64(txn.c.sha2(field, 256) ?? '') ?? '';
    if (key === '' || (entries.isFull() && !entries.has(key))) return now + LATER;
    entries.write(key, string.format('%d', (tonumber(generation) ?? 0) + until) + fields);
    return until - LANE_MARGIN + 1;
  }

  return {
    size,
    count: () => {
      let sum = 0;
      for (const thread of threads) sum += tonumber(states.read(TOKENS + tostring(thread)) ?? '0') ?? 0;
      return sum;
    },
    offer: (txn, field, known) => {
      const { offered } = known;
      const now = os.time();
      const seen = generations.read(name) ?? '';
      if (offered === undefined ? entries.isFull() : offered.generation === seen && now < offered.again) return;
      const [fine, again] = pcall(letIn, txn, field, known, now);
      known.offered = { generation: seen, again: fine ? again : now + LANE_AGE };
    },
  };
}
