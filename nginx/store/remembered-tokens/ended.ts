// Sessions that ended before their time: signed out of, or ended by their issuer. They are apart from what the operator
// denies, since they are many and lapse with the sessions.
import fs from 'fs';
import type { Denial } from '../../../src/login/step';
import { addFor, findEndedZone, putFor } from '../../ports/shared-dictionaries';

/** Bytes of a deny list's file beyond which nothing is added. */
const LARGEST_FILE = 1000000;

/** Writes an entry into the deny list's file, where workers may write it. */
function appendDenial(path: string, denial: Denial): boolean {
  const time = denial.before === undefined ? '' : ' ' + denial.before.toString();
  try {
    if (fs.statSync(path).size > LARGEST_FILE) return false;
    // The last line of a file that a person wrote may have no end.
    fs.appendFileSync(path, '\n' + denial.entry + time + '\n');
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends sessions in every worker, remembered or not: in the dictionary, or without one (njs 0.7.9) in the deny list's file,
 * which each request looks at.
 * @param denyPath undefined without such a file
 * @param now seconds since the epoch
 * @returns whether it is kept
 */
export function keepDenial(denial: Denial, denyPath: string | undefined, now: number): boolean {
  if (denial.until <= now) return true;
  const zone = findEndedZone();
  if (zone === undefined) return denyPath !== undefined && appendDenial(denyPath, denial);
  let value = '1';
  if (denial.before !== undefined) {
    // An older logout ends nothing that a newer one does not.
    const known = Number(zone.get(denial.entry) ?? 0);
    value = (known > denial.before ? known : denial.before).toString();
  }
  return putFor(zone, denial.entry, value, Math.ceil(denial.until - now) + 1);
}

/**
 * Claims a name for the first who comes with it, in every worker.
 * @param until seconds since the epoch, after which nobody could come with it
 * @returns false where it was claimed before, and where there is no dictionary that would know
 */
export function claimOnce(name: string, until: number, now: number): boolean {
  const zone = findEndedZone();
  return zone !== undefined && addFor(zone, 'once:' + name, '1', Math.ceil(until - now) + 1);
}
