// The deny list as a HAProxy map: `add map` and `del map` on the runtime CLI change it at once, in every Lua state.
import { createDenyFaults, findEntryFault, isTimed, readDenyLine } from '../../src/token/deny-line';
import type { DenyList } from '../../src/ports/deny-list';
import { log } from './log';
import { text } from './text';

const NONE: readonly string[] = [];

/**
 * Opens the deny list. To be called while HAProxy starts.
 * @param path a map file, with lines `ENTRY VALUE`
 */
export function openDenyList(path: string): DenyList {
  // The compiler knows only JavaScript's `Map`.
  const maps = (_G as unknown as { readonly Map: HaproxyMapClass }).Map;
  const map = maps.new(path, maps._str);
  return {
    holds: (entry) => map.lookup(entry) !== undefined,
    timesOf: (entry) => {
      const time = map.lookup(entry);
      return time === undefined ? NONE : [time];
    },
  };
}

/**
 * The faults of a deny list's lines, for the start: HAProxy itself accepts any word as a key, and the rest as its value.
 * @param path a file that can be read
 */
export function findDenyFaults(path: string, issuers: readonly string[]): readonly string[] {
  const faults = createDenyFaults({ text, issuers });
  for (const [line] of io.lines(path)) faults.read(line);
  return faults.describe();
}

/** Milliseconds in which entries that are added one after another are checked together. */
const PAUSE = 200;

/** The fault of an entry that the CLI added; undefined for a good one. */
function findFault(entry: string, value: string, issuers: readonly string[]): string | undefined {
  const reader = { text, issuers };
  const fault = findEntryFault(entry, reader);
  if (fault !== undefined || string.find(entry, ' ', 1, true)[0] !== undefined) return fault;
  const line = readDenyLine(entry + ' ' + value, reader);
  return line.fault === '' ? undefined : line.fault;
}

const TWICE = 'is there already with a time, and the first one counts; change it with `set map`';

/**
 * Logs faulty entries that the runtime CLI adds, on HAProxy 3.2 and later; earlier versions do not show added entries.
 * To be called while HAProxy starts, in one Lua state.
 */
export function watchDenyList(path: string, issuers: readonly string[]): void {
  const [found, reference] = pcall(() => core.get_patref?.(path));
  if (!found || reference === undefined) return;
  const logged: Record<string, true | undefined> = {};
  let isWaiting = false;
  reference.event_sub(['PAT_REF_ADD', 'PAT_REF_SET'], () => {
    if (isWaiting) return;
    isWaiting = true;
    core.msleep(PAUSE);
    isWaiting = false;
    const timed: Record<string, true | undefined> = {};
    for (const [entry, value] of reference) {
      const fault = timed[entry] === true ? TWICE : findFault(entry, value, issuers);
      if (isTimed(entry)) timed[entry] = true;
      const place = entry + ' ' + (fault ?? '');
      if (fault === undefined || logged[place] === true) continue;
      logged[place] = true;
      log.error('the runtime CLI added an entry to the deny list that ' + fault);
    }
  });
}
