// Lists that all Lua states of the process read and write at once: with `lua-load-per-thread` they share nothing else. They are
// HAProxy's own maps, which no file fills: a reload begins empty ones.

/** @noSelf */
export interface SharedList {
  read(entry: string): string | undefined;
  write(entry: string, value: string): void;
  remove(entry: string): void;
}

/** Whether a path is spelled as the name of such a list, which the file of a setting may not be: both would be one map. */
export function isSharedList(path: string): boolean {
  return path !== '/dev/null' && string.match(path, '^/+[./]*dev/[./]*null$')[0] !== undefined;
}

/**
 * Opens a list. To be called while HAProxy starts.
 * @param name a path that can be read, for HAProxy 2.6 and 3.0, and that nobody else spells so: `/dev///null`
 */
export function openSharedList(name: string): SharedList {
  // The compiler knows only JavaScript's `Map`.
  const maps = (_G as unknown as { readonly Map: HaproxyMapClass }).Map;
  const map = maps.new(name, maps._str);
  return {
    read: (entry) => map.lookup(entry),
    write: (entry, value) => {
      core.set_map(name, entry, value);
    },
    remove: (entry) => {
      core.del_map(name, entry);
    },
  };
}
