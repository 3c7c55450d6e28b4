// What denies a token: the operator's dictionary and file, and for sessions those that ended.
import type { DenyList } from '../../src/ports/deny-list';
import type { SharedDictionary } from '../njs';
import { findDenyZone, findEndedZone } from '../ports/shared-dictionaries';
import type { Snapshot } from '../store/snapshot';

/** @param isSession whether the sessions that ended count too */
export function denyListOf(snapshot: Snapshot, isSession: boolean): DenyList | undefined {
  const zones = [findDenyZone(), isSession ? findEndedZone() : undefined].filter(
    (zone): zone is SharedDictionary => zone !== undefined,
  );
  if (zones.length === 0 && snapshot.denied === '') return undefined;
  return {
    holds: (entry) => zones.some((zone) => zone.has(entry)) || snapshot.denied.indexOf('\n' + entry + '\n') >= 0,
    timesOf: (entry) => {
      const times = zones.map((zone) => zone.get(entry)).filter((time) => time !== undefined);
      // In the file: after each such entry a blank, a time, and the end of the line.
      const written = snapshot.denied.split('\n' + entry + ' ').map((rest) => rest.split('\n')[0] ?? '');
      return written.slice(1).concat(times.map((time) => String(time)));
    },
  };
}
