// The other paths that a router or its backend reads out of a path which the policy lets pass: nginx and most gateways
// decode `%2F` before they choose, and some hand on what they have decoded, which the backend reads as a target once more.
import { readOctet } from '../codec/percent';
import type { Outcome } from '../answer/outcome';
import type { Text } from '../codec/text';
import type { PathTerms, Spelling } from '../model/policy';
import { canonicalizePath } from './canonical-path';

/** The spellings that a router decodes. It leaves the others as they are. */
const DECODED: readonly Spelling[] = ['encoded_slash', 'encoded_delimiter', 'encoded_twice'];
/** With these the other paths are read: they decide nothing that the first reading refuses. */
const EVERY: readonly Spelling[] = DECODED.concat('repeated_slash', 'backslash', 'parameter', 'file_alias');
const CUTS: readonly string[] = ['%3F', '%3f', '%23'];

function replaceAll(path: string, escape: string, character: string): string {
  return path.indexOf(escape) < 0 ? path : path.split(escape).join(character);
}

/** With slashes for encoded ones. INVARIANT: in a path without a malformed escape `%2F` is one wherever it occurs. */
function decodeSlashes(path: string): string {
  return replaceAll(replaceAll(path, '%2F', '/'), '%2f', '/');
}

/** Up to an encoded delimiter, which ends the path when it is read once more. */
function cutAtDelimiter(path: string): string {
  let end = path.length;
  for (let index = 0; index < CUTS.length; index++) {
    const place = path.indexOf(CUTS[index] ?? '');
    if (place >= 0 && place < end) end = place;
  }
  return path.substring(0, end);
}

/** With an escape for each that was encoded twice, and a dot for an encoded one: both are read once more. */
function decodePercents(path: string): string {
  const pieces: string[] = [];
  let start = 0;
  let percent = path.indexOf('%25');
  while (percent >= 0) {
    // `%252e`: the escape of a percent sign, and two digits that follow it.
    const octet = readOctet('%' + path.substring(percent + 3, percent + 5), 0);
    if (octet !== undefined) {
      pieces.push(path.substring(start, percent), '%');
      start = percent + 3;
    }
    percent = path.indexOf('%25', percent + 3);
  }
  pieces.push(path.substring(start));
  const decoded = pieces.join('');
  return pieces.length === 1 ? decoded : replaceAll(replaceAll(decoded, '%2E', '.'), '%2e', '.');
}

/** Whether a path can have other readings at all. */
function hasOtherPaths(path: string, terms: PathTerms): boolean {
  return path.indexOf('%') >= 0 && DECODED.some((spelling) => terms.allow.indexOf(spelling) >= 0);
}

/** The other paths. @param path as it was sent, and read without a fault */
function listOtherPaths(path: string): readonly string[] {
  const routed = decodeSlashes(path);
  const read = decodeSlashes(decodePercents(cutAtDelimiter(routed)));
  const others: string[] = [];
  if (routed !== path) others.push(routed);
  if (read !== routed) others.push(read);
  return others;
}

/**
 * The other readings of a path, each as the names of its segments, or why it cannot be judged.
 * @param path as it was sent, and read without a fault
 * @returns none when it has one reading
 */
export function readOtherPaths(path: string, terms: PathTerms, text: Text): readonly Outcome<readonly string[]>[] {
  if (!hasOtherPaths(path, terms)) return [];
  const every = { allow: EVERY, ignoreCase: terms.ignoreCase };
  return listOtherPaths(path).map((other) => canonicalizePath(other, every, text));
}
