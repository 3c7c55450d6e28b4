// Verified tokens of one Lua state or one worker, in two bounded generations: what has not come again while the younger one
// filled up is forgotten with the older one. No clock, no list to keep in order.

/**
 * A bounded memory. The host chooses what it remembers, and checks each value again that it recalls.
 * @noSelf
 */
export interface TwoGenerations<Entry> {
  /** The value remembered under a key; undefined when there is none, or no longer. */
  recall(key: string): Entry | undefined;
  /** Remembers a value; drops the older generation when there is no room. */
  remember(key: string, entry: Entry): void;
  forget(key: string): void;
  /** Forgets everything, and so frees the memory. */
  clear(): void;
  /** The number of entries; never more than the size. */
  count(): number;
}

/**
 * The weight of an entry, and the most that all may weigh; a heavier entry is remembered alone.
 * @noSelf
 */
export interface Weight<Entry> {
  readonly most: number;
  weigh(entry: Entry): number;
}

type Generation<Entry> = Record<string, Entry | undefined>;

/**
 * Makes an empty memory.
 * @param size the most entries; 0: none
 * @param weight left out where all entries are small
 */
export function createTwoGenerations<Entry>(size: number, weight?: Weight<Entry>): TwoGenerations<Entry> {
  // INVARIANT: neither generation holds more than its half, so both together hold at most `size`.
  const half = size < 2 ? size : Math.floor(size / 2);
  const halfWeight = weight === undefined ? 0 : weight.most / 2;
  let young: Generation<Entry> = {};
  let old: Generation<Entry> = {};
  // A forgotten entry of the younger generation still counts: an engine may keep the name in its table.
  let taken = 0;
  let heavy = 0;
  let youngCount = 0;
  let oldCount = 0;

  /** Whether the younger generation has room for more of this weight. */
  function hasRoom(more: number): boolean {
    return taken < half && (weight === undefined || taken === 0 || heavy + more <= halfWeight);
  }

  function makeRoom(more: number): void {
    if (hasRoom(more)) return;
    old = size < 2 ? {} : young;
    oldCount = size < 2 ? 0 : youngCount;
    young = {};
    taken = 0;
    heavy = 0;
    youngCount = 0;
  }

  function forget(key: string): void {
    if (young[key] !== undefined) {
      young[key] = undefined;
      youngCount -= 1;
    }
    if (old[key] !== undefined) {
      old[key] = undefined;
      oldCount -= 1;
    }
  }

  function clear(): void {
    young = {};
    old = {};
    taken = 0;
    heavy = 0;
    youngCount = 0;
    oldCount = 0;
  }

  function remember(key: string, entry: Entry): void {
    if (size < 1) return;
    const more = weight?.weigh(entry) ?? 0;
    const present = young[key];
    if (present !== undefined) {
      young[key] = entry;
      heavy += more - (weight?.weigh(present) ?? 0);
      return;
    }
    forget(key);
    makeRoom(more);
    young[key] = entry;
    taken += 1;
    heavy += more;
    youngCount += 1;
  }

  function recall(key: string): Entry | undefined {
    const entry = young[key];
    if (entry !== undefined) return entry;
    const aged = old[key];
    // The entry moves up while there is room. Making room would drop every entry of its age.
    if (aged !== undefined && hasRoom(weight?.weigh(aged) ?? 0)) remember(key, aged);
    return aged;
  }

  return { recall, remember, forget, clear, count: () => youngCount + oldCount };
}
