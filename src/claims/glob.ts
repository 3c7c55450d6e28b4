// Globs over a whole text: `*` is any run of characters but `/` and `:`, `**` any run. The cost is linear in the text for
// each star, whatever the text is.
import type { Glob } from '../model/demands';

/** The places where the text before a star may end, in ascending order. */
type Ends = readonly number[];

/** How far a walk through the ends has come. */
interface Reach {
  /** The last end that is not beyond the present place, as a place among the ends. */
  end: number;
  /** The first `/` and the first `:` from that end on, as far as they are known. */
  slash: number;
  colon: number;
}

/** The first place of a separator from `start` on; a known one that is not before it is that. */
function findNext(value: string, separator: string, known: number, start: number): number {
  if (known >= start) return known;
  const found = value.indexOf(separator, start);
  return found < 0 ? value.length : found;
}

/** Whether a star reaches a place from one of some ends, the first of which is not beyond it; the last of those is nearest. */
function reaches(value: string, ends: Ends, reach: Reach, isDeep: boolean, place: number): boolean {
  if (isDeep) return true;
  let next = ends[reach.end + 1];
  while (next !== undefined && next <= place) {
    reach.end += 1;
    next = ends[reach.end + 1];
  }
  const end = ends[reach.end] ?? 0;
  reach.slash = findNext(value, '/', reach.slash, end);
  reach.colon = findNext(value, ':', reach.colon, end);
  return reach.slash >= place && reach.colon >= place;
}

function startAt(): Reach {
  return { end: 0, slash: -1, colon: -1 };
}

/** Where the text after a star may end, before `limit`. */
function findEnds(value: string, ends: Ends, isDeep: boolean, text: string, limit: number): Ends {
  const found: number[] = [];
  const reach = startAt();
  let at = value.indexOf(text, ends[0] ?? 0);
  while (at >= 0 && at + text.length <= limit) {
    if (reaches(value, ends, reach, isDeep, at)) found.push(at + text.length);
    at = value.indexOf(text, at + 1);
  }
  return found;
}

/** Whether a glob matches a whole text. */
export function matchesGlob(value: string, glob: Glob): boolean {
  const first = glob[0] ?? '';
  const last = glob[glob.length - 1] ?? '';
  const limit = value.length - last.length;
  if (glob.length < 3 || limit < first.length) return false;
  if (value.substring(0, first.length) !== first || value.substring(limit) !== last) return false;
  let ends: Ends = [first.length];
  for (let piece = 2; piece < glob.length - 1 && ends.length > 0; piece += 2) {
    ends = findEnds(value, ends, glob[piece - 1] === '**', glob[piece] ?? '', limit);
  }
  const isDeep = glob[glob.length - 2] === '**';
  return ends.length > 0 && reaches(value, ends, startAt(), isDeep, limit);
}

/** Whether one of some globs matches a whole text. */
export function matchesOne(value: string, globs: readonly Glob[]): boolean {
  for (let index = 0; index < globs.length; index++) {
    const glob = globs[index];
    if (glob !== undefined && matchesGlob(value, glob)) return true;
  }
  return false;
}
