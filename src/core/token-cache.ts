// Verified tokens of one Lua state or one worker, under the whole token, in two bounded generations: what has not come
// again while the younger one filled up is forgotten with the older one. No clock, no list to keep in order.

/**
 * A bounded memory. What is put in is for the host to choose, and to look at again whenever it comes out.
 * @noSelf
 */
export interface TokenCache<Entry> {
  /** What was remembered under a key; undefined when nothing was, or no longer is. */
  recall(key: string): Entry | undefined;
  /** Remembers; the oldest generation gives way when there is no room. */
  remember(key: string, entry: Entry): void;
  forget(key: string): void;
  /** How many entries are kept; never more than the size. */
  count(): number;
}

type Generation<Entry> = Record<string, Entry | undefined>;

/**
 * Makes an empty memory.
 * @param size the most entries that are ever kept; 0: none
 */
export function createTokenCache<Entry>(size: number): TokenCache<Entry> {
  // INVARIANT: neither generation holds more than its half, so both together hold at most `size`.
  const half = size < 2 ? size : Math.floor(size / 2);
  let young: Generation<Entry> = {};
  let old: Generation<Entry> = {};
  // A forgotten entry of the younger generation still takes its place: an engine may keep the name in its table.
  let taken = 0;
  let youngCount = 0;
  let oldCount = 0;

  function makeRoom(): void {
    if (taken < half) return;
    old = size < 2 ? {} : young;
    oldCount = size < 2 ? 0 : youngCount;
    young = {};
    taken = 0;
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

  function remember(key: string, entry: Entry): void {
    if (size < 1) return;
    if (young[key] !== undefined) {
      young[key] = entry;
      return;
    }
    forget(key);
    makeRoom();
    young[key] = entry;
    taken += 1;
    youngCount += 1;
  }

  function recall(key: string): Entry | undefined {
    const entry = young[key];
    if (entry !== undefined) return entry;
    const aged = old[key];
    // It moves up while there is room. Making room would drop all that is as old as it is.
    if (aged !== undefined && taken < half) remember(key, aged);
    return aged;
  }

  return { recall, remember, forget, count: () => youngCount + oldCount };
}
