// The deny list as a HAProxy map: `add map` and `del map` on the runtime CLI change it at once, in every Lua state.
import type { DenyList } from '../../src/ports/deny-list';

/**
 * Opens the deny list. To be called while HAProxy starts.
 * @param path a map file, with lines `ENTRY VALUE`
 */
export function openDenyList(path: string): DenyList {
  // To the compiler `Map` is JavaScript's.
  const maps = (_G as unknown as { readonly Map: HaproxyMapClass }).Map;
  const map = maps.new(path, maps._str);
  return { holds: (entry) => map.lookup(entry) !== undefined };
}
