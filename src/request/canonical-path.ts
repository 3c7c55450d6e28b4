// The one path that rules judge: decoded, dot segments resolved, slashes merged (RFC 3986 §6.2.2;
// docs/decisions/0030-paths.md).
import { lowerAscii } from '../codec/percent';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { PathTerms } from '../model/policy';
import type { Text } from '../codec/text';
import { decodeSegment, hidesDots, isFileAlias } from './path-segment';

/** In characters of the request. */
const MAX_PATH_LENGTH = 8000;
const MAX_SEGMENTS = 100;

const TAKEN: Outcome<undefined> = { ok: true, value: undefined };

/** The state of a walk through a path. */
interface Walk {
  readonly names: string[];
  climbs: boolean;
  merges: boolean;
}

/** Whether every character of a path is literal, so that no segment needs decoding. */
function isPlain(path: string, text: Text): boolean {
  if (!text.isVisibleAscii(path)) return false;
  return path.indexOf('%') < 0 && path.indexOf(';') < 0 && path.indexOf('\\') < 0 && path.indexOf('#') < 0;
}

/** Whether the segments of a plain path are its names as they are: no dots, no slashes in a row, no file's other name. */
function isCanonical(path: string): boolean {
  if (path.indexOf('//') >= 0 || path.indexOf(':$') >= 0) return false;
  if (path.indexOf('.') < 0) return true;
  return path.indexOf('/.') < 0 && path.indexOf('./') < 0 && path.charAt(path.length - 1) !== '.';
}

/** Adds one segment. A `..` removes the name before it (RFC 3986 §5.2.4). */
function take(walk: Walk, raw: string, plain: boolean, terms: PathTerms, text: Text): Outcome<undefined> {
  if (raw === '.') return TAKEN;
  if (raw === '..') {
    walk.climbs = true;
    // RFC 3986 §5.2.4 stops at the root; readers that do not, leave it.
    if (walk.names.pop() === undefined) return fail('path_climbs_out');
    return TAKEN;
  }
  const name = plain ? succeed(raw) : decodeSegment(raw, terms, text, false);
  if (!name.ok) return name;
  // A client encodes a dot to hide it from a reader on the way.
  if (!plain && hidesDots(name.value)) return fail('path_dots_disguised');
  if (isFileAlias(name.value) && terms.allow.indexOf('file_alias') < 0) return fail('path_alias');
  walk.names.push(terms.ignoreCase ? lowerAscii(name.value, text) : name.value);
  return TAKEN;
}

/**
 * Makes a path canonical.
 * @param path from its first slash on, without query
 * @returns the names of its segments, none of which is empty or has a slash in it, so that `/a/`, `/a` and `/./a` are
 *   one path; or why readers could differ over it
 */
export function canonicalizePath(path: string, terms: PathTerms, text: Text): Outcome<readonly string[]> {
  if (path.length > MAX_PATH_LENGTH) return fail('path_too_long');
  if (path.charAt(0) !== '/') return fail('target_malformed');
  const segments = path.split('/');
  const count = segments.length - (segments[segments.length - 1] === '' ? 2 : 1);
  if (count > MAX_SEGMENTS) return fail('path_too_long');
  const plain = isPlain(path, text);
  if (plain && !terms.ignoreCase && isCanonical(path)) {
    // Nearly every request.
    segments.shift();
    if (segments[segments.length - 1] === '') segments.pop();
    return succeed(segments);
  }
  const walk: Walk = { names: [], climbs: false, merges: false };
  for (let index = 1; index < segments.length; index++) {
    const raw = segments[index] ?? '';
    if (raw === '') {
      if (index < segments.length - 1) walk.merges = true;
      continue;
    }
    const taken = take(walk, raw, plain, terms, text);
    if (!taken.ok) return taken;
  }
  if (walk.merges) {
    // `//a/b` is host and path to some readers (RFC 3986 §4.2), and `/a//..` is `/` to some and `/a` to others.
    const isLeading = segments[1] === '' && segments.length > 2;
    if (walk.climbs || (isLeading && terms.allow.indexOf('repeated_slash') < 0)) return fail('path_slash_repeated');
  }
  return succeed(walk.names);
}
