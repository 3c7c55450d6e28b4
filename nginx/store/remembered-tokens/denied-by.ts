// Whether a remembered session is among those that ended before their time (ended.ts).
import type { SharedDictionary } from '../../njs';

/**
 * What follows the entries of a remembered session by which login can end it; the operator's may deny it by others. One character,
 * which no entry has: njs looks for several at each place of a text.
 */
export const ENDED_END = '\x1f';

/**
 * Whether a remembered session is among them.
 * @param denyEntries a tab between each; before a timed one the session's `iat`, and a blank
 */
export function isDeniedBy(zone: SharedDictionary, denyEntries: string): boolean {
  if (denyEntries === '') return false;
  if (denyEntries.charAt(0) >= 'a' && denyEntries.indexOf('\t') < 0) return zone.has(denyEntries);
  return denyEntries.split('\t').some((entry) => {
    if (entry.charAt(0) >= 'a') return zone.has(entry);
    // INVARIANT: a comparison with NaN is false, so a session without `iat` is denied.
    const blank = entry.indexOf(' ');
    const time = zone.get(entry.slice(blank + 1));
    return time !== undefined && !(Number(entry.slice(0, blank)) >= Number(time));
  });
}
