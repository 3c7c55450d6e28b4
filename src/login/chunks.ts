// A value in several cookies, where it is longer than one may be (RFC 6265bis §5.6: name and value have 4096 bytes together).
// The first cookie begins with the number of all: `2.AbC...` in NAME, the rest in NAME_1.
import { readCookies } from '../token/places/cookies';
import { trimBlanks } from '../token/bearer';

/** The longest value of one cookie. */
export const CHUNK_LENGTH = 3800;
export const MOST_CHUNKS = 5;

/** What precedes the value in the first cookie: a digit and a dot. */
const HEAD_LENGTH = 2;
const DIGITS = '0123456789';

export interface Cookie {
  readonly name: string;
  readonly value: string;
}

/** The name of a cookie of several, counted from 0. */
function chunkName(name: string, index: number): string {
  return index === 0 ? name : name + '_' + index.toString();
}

/** How many cookies a value of so many characters needs. */
export function countCookies(length: number): number {
  return Math.ceil((length + HEAD_LENGTH) / CHUNK_LENGTH);
}

/** The cookies for a value of ASCII characters; undefined when it is too long for five. */
export function splitIntoCookies(name: string, value: string): readonly Cookie[] | undefined {
  const count = countCookies(value.length);
  if (count > MOST_CHUNKS) return undefined;
  const whole = count.toString() + '.' + value;
  const cookies: Cookie[] = [];
  for (let index = 0; index < count; index++) {
    const start = index * CHUNK_LENGTH;
    cookies.push({ name: chunkName(name, index), value: whole.substring(start, start + CHUNK_LENGTH) });
  }
  return cookies;
}

export type ChunkedValue =
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly value: string }
  /** A cookie is missing, occurs twice, or has another length than the first one says. */
  | { readonly kind: 'malformed' };

const MALFORMED: ChunkedValue = { kind: 'malformed' };

/** The number that the first cookie begins with; 0 for anything else. */
function readCount(first: string): number {
  const count = DIGITS.indexOf(first.charAt(0));
  return first.charAt(1) === '.' && count > 0 && count <= MOST_CHUNKS ? count : 0;
}

/**
 * Puts a value together again.
 * @param lines every Cookie field value, one for each header line
 */
export function joinCookies(lines: readonly string[], name: string): ChunkedValue {
  const firsts = readCookies(lines, name);
  const first = firsts[0];
  if (first === undefined) return { kind: 'absent' };
  // RFC 6265 §5.4: of two cookies with one name, a sibling domain may have set one. Never choose between them.
  if (firsts.length > 1) return MALFORMED;
  const count = readCount(first);
  if (count === 0) return MALFORMED;
  const pieces = [first.substring(HEAD_LENGTH)];
  for (let index = 1; index < count; index++) {
    const values = readCookies(lines, chunkName(name, index));
    const value = values[0];
    if (value === undefined || values.length > 1) return MALFORMED;
    pieces.push(value);
  }
  return hasLengths(first, pieces) ? { kind: 'value', value: pieces.join('') } : MALFORMED;
}

/** Whether each cookie but the last is full, so that a value has one spelling alone. */
function hasLengths(first: string, pieces: readonly string[]): boolean {
  const last = pieces.length - 1;
  for (let index = 0; index <= last; index++) {
    const length = index === 0 ? first.length : (pieces[index] ?? '').length;
    if (index < last ? length !== CHUNK_LENGTH : length > CHUNK_LENGTH) return false;
  }
  return true;
}

/** The names of the cookies in a request. */
function readNames(lines: readonly string[]): readonly string[] {
  const names: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const pairs = (lines[index] ?? '').split(';');
    for (let place = 0; place < pairs.length; place++) {
      const pair = pairs[place] ?? '';
      const equals = pair.indexOf('=');
      const name = equals < 0 ? '' : trimBlanks(pair.substring(0, equals));
      if (name !== '' && names.indexOf(name) < 0) names.push(name);
    }
  }
  return names;
}

/** Those of a value's possible cookies that a request has. */
export function findChunks(lines: readonly string[], name: string): readonly string[] {
  const present = readNames(lines);
  const found: string[] = [];
  for (let index = 0; index < MOST_CHUNKS; index++) {
    const chunk = chunkName(name, index);
    if (present.indexOf(chunk) >= 0) found.push(chunk);
  }
  return found;
}

/** Whether one of a value's cookies occurs twice: a sibling domain has set one, which no answer of this host removes. */
export function hasTwice(lines: readonly string[], name: string): boolean {
  return findChunks(lines, name).some((chunk) => readCookies(lines, chunk).length > 1);
}

/** The names of a request's cookies that begin with a text, in the order of the request. */
export function findNames(lines: readonly string[], beginning: string): readonly string[] {
  return readNames(lines).filter((name) => name.substring(0, beginning.length) === beginning);
}
