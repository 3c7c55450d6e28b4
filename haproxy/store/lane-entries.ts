// The entries of the lane that this Lua state has written. They are removed after a while: what is in use comes again, and
// what is not leaves room.
import { ENTRIES, LANE_AGE } from '../ports/lane-map';
import { openSharedList } from '../ports/shared-list';

/** Milliseconds between two looks at what leaves, and the most that one look removes. */
const PAUSE = 1000;
const REMOVED_AT_ONCE = 1000;

const append = table.insert as unknown as (this: void, list: readonly string[], key: string) => void;

/** @noSelf */
export interface LaneEntries {
  has(key: string): boolean;
  isFull(): boolean;
  write(key: string, value: string): void;
}

/**
 * To be called while HAProxy starts.
 * INVARIANT: HAProxy may suspend between any two instructions, so one call of C adds to a list, and each entry is in a list
 * before it is written.
 * @param most the most entries
 * @param report gets their number, when it has changed
 */
export function openLaneEntries(most: number, report: (this: void, count: number) => void): LaneEntries {
  const list = openSharedList(ENTRIES);
  const leaveAt = new LuaTable<string, number | undefined>();
  let ticks = 0;
  let young: string[] = [];
  let old: string[] = [];
  let leaving: string[] = [];
  let left = 0;
  let reported = 0;

  function count(this: void): number {
    return young.length + old.length + leaving.length - left;
  }

  function removeSome(this: void): void {
    for (let number = 0; number < REMOVED_AT_ONCE; number++) {
      const key = leaving[left];
      if (key === undefined) return;
      left += 1;
      if ((leaveAt.get(key) ?? 0) > ticks) append(young, key);
      else {
        leaveAt.delete(key);
        list.remove(key);
      }
    }
  }

  function tick(this: void): void {
    ticks += 1;
    removeSome();
    if (ticks % LANE_AGE === 0 && leaving[left] === undefined) {
      leaving = old;
      left = 0;
      old = young;
      young = [];
    }
    const now = count();
    if (now !== reported) report(now);
    reported = now;
  }

  core.register_task(() => {
    for (;;) {
      core.msleep(PAUSE);
      pcall(tick);
    }
  });
  return {
    has: (key) => leaveAt.get(key) !== undefined,
    isFull: () => count() >= most,
    write: (key, value) => {
      const isNew = leaveAt.get(key) === undefined;
      leaveAt.set(key, ticks + LANE_AGE);
      if (isNew) append(young, key);
      list.write(key, value);
    },
  };
}
