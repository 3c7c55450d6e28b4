// `prefix` and `glob` of a policy: patterns for a whole text.
import type { Json, JsonObject } from '../../codec/json';
import type { Glob } from '../../model/demands';
import { isForeignGlob } from './condition-faults';
import { complain, member, remark, readStringOrStrings, type Place, type Reader } from './reader';

const MAX_STARS = 8;

/** A text with the stars between its pieces; undefined for three or more stars in a row. */
function splitGlob(glob: string): Glob | undefined {
  const pieces: string[] = [];
  const parts = glob.split('*');
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? '';
    const isEdge = index === 0 || index === parts.length - 1;
    if (isEdge || part !== '') {
      if (pieces.length % 2 === 1) pieces.push('*');
      pieces.push(part);
      continue;
    }
    // Nothing between two stars: they are one.
    if (pieces.length % 2 === 0) return undefined;
    pieces.push('**');
  }
  return pieces;
}

/** What is wrong with a glob; undefined when nothing is. */
function findFault(pieces: Glob | undefined): string | undefined {
  if (pieces === undefined) return 'has three stars in a row; `*` is any text without `/` and `:`, `**` any text';
  if (pieces.length === 1) return 'has no star; write it without `glob`, as a text that is compared exactly';
  if (pieces.length === 3 && pieces.join('') === '**')
    return 'matches everything; leave it out, or require the claim by `exists`';
  const stars = (pieces.length - 1) / 2;
  return stars > MAX_STARS ? 'has more than ' + MAX_STARS.toString() + ' stars' : undefined;
}

/** `prefix` or `glob` of an object, one or several; undefined when it has neither. */
export function readGlobs(reader: Reader, object: Place<JsonObject>): readonly Glob[] | undefined {
  const prefix = member(object, 'prefix');
  const glob = member(object, 'glob');
  if (prefix !== undefined && glob !== undefined) {
    complain(
      reader,
      prefix.pointer,
      'cannot be used together with `glob`; write the prefix as a glob with `**` at its end',
    );
  }
  if (prefix !== undefined) return readStringOrStrings(reader, prefix).map((start) => [start, '**', '']);
  return glob === undefined ? undefined : readPatterns(reader, glob);
}

function readPatterns(reader: Reader, place: Place<Json>): readonly Glob[] {
  const globs: Glob[] = [];
  const written = readStringOrStrings(reader, place);
  for (let index = 0; index < written.length; index++) {
    const glob = written[index] ?? '';
    const pieces = splitGlob(glob);
    const fault = findFault(pieces);
    if (fault === undefined && isForeignGlob(glob)) {
      const known = 'only `*` (any text without `/` and `:`) and `**` (any text) are patterns';
      remark(reader, place.pointer, '`' + glob + '` is compared literally but for its stars: ' + known);
    }
    if (fault !== undefined) complain(reader, place.pointer, '`' + glob + '` ' + fault);
    else if (pieces !== undefined) globs.push(pieces);
  }
  return globs;
}
