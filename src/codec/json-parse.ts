// Strict JSON (RFC 8259): no duplicate member (RFC 7515 §4, RFC 7519 §4), bounded depth, no number that is not finite.
import type { Text } from './text';
import type { Json, JsonNull } from './json';
import { readString, type Reader } from './json-string';

/** How deep arrays and objects may nest; the outermost one counts as 1. */
export const MAX_DEPTH = 32;

/** Digits in a row: no number that means something has more. */
const MOST_DIGITS = 512;

const NULL: JsonNull = { kind: 'null' };
const LARGEST = 1.7976931348623157e308;

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Skips white space. @returns the code at the reader's place; -1 at the end */
function nextCode(reader: Reader): number {
  const source = reader.source;
  while (reader.position < source.length) {
    const code = source.charCodeAt(reader.position);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code;
    reader.position += 1;
  }
  return -1;
}

/** Passes digits over and says how many there were; a number with more of them in a row ends too early, and is a fault. */
function skipDigits(reader: Reader): number {
  const start = reader.position;
  while (reader.position < reader.source.length && reader.position < start + MOST_DIGITS) {
    const code = reader.source.charCodeAt(reader.position);
    if (code < ZERO || code > NINE) break;
    reader.position += 1;
  }
  return reader.position - start;
}

/** Whether the character at the reader's place is `wanted`; never at the end. */
function standsAt(reader: Reader, wanted: number): boolean {
  return reader.position < reader.source.length && reader.source.charCodeAt(reader.position) === wanted;
}

/** RFC 8259 §6: `-`, an integer without leading zeros, a fraction, an exponent. */
function readNumber(reader: Reader): Json | undefined {
  const start = reader.position;
  if (standsAt(reader, MINUS)) reader.position += 1;
  const leadingZero = standsAt(reader, ZERO);
  const digits = skipDigits(reader);
  if (digits === 0 || (leadingZero && digits > 1)) return undefined;
  if (standsAt(reader, DOT)) {
    reader.position += 1;
    if (skipDigits(reader) === 0) return undefined;
  }
  if (standsAt(reader, 101) || standsAt(reader, 69)) {
    reader.position += 1;
    if (standsAt(reader, 43) || standsAt(reader, MINUS)) reader.position += 1;
    if (skipDigits(reader) === 0) return undefined;
  }
  const text = reader.source.substring(start, reader.position);
  const value = Number(text);
  return value >= -LARGEST && value <= LARGEST ? { kind: 'number', value, text } : undefined;
}

/** Reads `true`, `false` or `null`. */
function readWord(reader: Reader): Json | undefined {
  const four = reader.source.substring(reader.position, reader.position + 4);
  if (four === 'true' || four === 'null') {
    reader.position += 4;
    return four === 'true' ? true : NULL;
  }
  if (reader.source.substring(reader.position, reader.position + 5) !== 'false') return undefined;
  reader.position += 5;
  return false;
}

function readArray(reader: Reader, depth: number): Json | undefined {
  const items: Json[] = [];
  if (nextCode(reader) === CLOSE_BRACKET) {
    reader.position += 1;
    return { kind: 'array', items };
  }
  for (;;) {
    const item = readValue(reader, depth);
    if (item === undefined) return undefined;
    items.push(item);
    const code = nextCode(reader);
    reader.position += 1;
    if (code === CLOSE_BRACKET) return { kind: 'array', items };
    if (code !== COMMA) return undefined;
  }
}

function readObject(reader: Reader, depth: number): Json | undefined {
  const names: string[] = [];
  const values: Json[] = [];
  // INVARIANT: the `$` keeps member names apart from what an engine's objects inherit (`__proto__`, `constructor`).
  const seen: Record<string, boolean> = {};
  if (nextCode(reader) === CLOSE_BRACE) {
    reader.position += 1;
    return { kind: 'object', names, values };
  }
  for (;;) {
    if (nextCode(reader) !== QUOTE) return undefined;
    reader.position += 1;
    const name = readString(reader);
    if (name === undefined || seen['$' + name] === true) return undefined;
    if (nextCode(reader) !== COLON) return undefined;
    reader.position += 1;
    const value = readValue(reader, depth);
    if (value === undefined) return undefined;
    seen['$' + name] = true;
    names.push(name);
    values.push(value);
    const code = nextCode(reader);
    reader.position += 1;
    if (code === CLOSE_BRACE) return { kind: 'object', names, values };
    if (code !== COMMA) return undefined;
  }
}

/** Reads one value; `depth` is the number of arrays and objects around it. */
function readValue(reader: Reader, depth: number): Json | undefined {
  const code = nextCode(reader);
  if (code === QUOTE) {
    reader.position += 1;
    return readString(reader);
  }
  if (code === OPEN_BRACE || code === OPEN_BRACKET) {
    if (depth >= MAX_DEPTH) return undefined;
    reader.position += 1;
    return code === OPEN_BRACE ? readObject(reader, depth + 1) : readArray(reader, depth + 1);
  }
  if (code === MINUS || (code >= ZERO && code <= NINE)) return readNumber(reader);
  return readWord(reader);
}

/**
 * Parses strict JSON: one value, white space around it, nothing else.
 * @param source text that is known to be valid UTF-8
 * @returns undefined for anything that is not strict JSON, holds a duplicate member, nests too deep, or holds a number
 *   that is not finite
 */
export function parseJson(source: string, text: Text): Json | undefined {
  const canonical = text.parseCanonicalJson?.(source);
  return canonical === undefined ? parseJsonStrictly(source, text) : canonical;
}

function createReader(source: string, text: Text): Reader {
  return { source, text, control: text.hasControl(source), position: 0, backslash: -1 };
}

/** The whole of a reader's source as one value. */
function readAll(reader: Reader): Json | undefined {
  const value = readValue(reader, 0);
  return value !== undefined && nextCode(reader) === -1 ? value : undefined;
}

/** The same, by this file's own parser alone. */
export function parseJsonStrictly(source: string, text: Text): Json | undefined {
  return readAll(createReader(source, text));
}

/** The line, counted from 1, at which a text ceases to be strict JSON; undefined for strict JSON. */
export function findFaultyLine(source: string, text: Text): number | undefined {
  const reader = createReader(source, text);
  if (readAll(reader) !== undefined) return undefined;
  return source.substring(0, reader.position).split('\n').length;
}
