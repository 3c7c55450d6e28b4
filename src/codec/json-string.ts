// The strings of strict JSON (RFC 8259 §7): every escape checked, surrogates only in pairs, no raw control character.
import type { Text } from './text';

/** A place in JSON text. Positions are the engine's own: bytes in Lua, UTF-16 units in JavaScript. */
export interface Reader {
  readonly source: string;
  readonly text: Text;
  /** Whether the source has a control character anywhere: white space, or a fault inside a string. */
  readonly control: boolean;
  position: number;
  /** The position of the next backslash, from the last search on; the source's length when none is left. */
  backslash: number;
}

const BACKSLASH = 92;
const SHORT_ESCAPES = '"\\/bfnrt';
const SHORT_VALUES = ['"', '\\', '/', '\b', '\f', '\n', '\r', '\t'];

/** Whether there is a raw control character below U+0020 between two positions (RFC 8259 §7). */
function holdsRawControl(reader: Reader, start: number, end: number): boolean {
  if (!reader.control) return false;
  const part = reader.source.substring(start, end);
  // U+007F counts as a control character elsewhere, and not in JSON.
  return reader.text.hasControl(part) && reader.text.hasControl(part.split('\u007f').join(''));
}

function hexDigit(code: number): number | undefined {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 65 && code <= 70) return code - 55;
  if (code >= 97 && code <= 102) return code - 87;
  return undefined;
}

/** The four hexadecimal digits at a position; undefined when they are not four. */
function readHex(source: string, position: number): number | undefined {
  if (position + 4 > source.length) return undefined;
  let value = 0;
  for (let index = position; index < position + 4; index++) {
    const digit = hexDigit(source.charCodeAt(index));
    if (digit === undefined) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

/** Reads the four digits after `\u`, or a pair of them for a character outside the basic plane; the reader is after the `u`. */
function readUnicodeEscape(reader: Reader): string | undefined {
  const first = readHex(reader.source, reader.position);
  if (first === undefined) return undefined;
  reader.position += 4;
  if (first < 0xd800 || first > 0xdfff) return reader.text.fromCodePoint(first);
  // RFC 8259 §8.2: a lone surrogate has no agreed meaning, so it is refused.
  if (first > 0xdbff || reader.source.substring(reader.position, reader.position + 2) !== '\\u') return undefined;
  const second = readHex(reader.source, reader.position + 2);
  if (second === undefined || second < 0xdc00 || second > 0xdfff) return undefined;
  reader.position += 6;
  return reader.text.fromCodePoint(0x10000 + (first - 0xd800) * 1024 + (second - 0xdc00));
}

/** Reads one escape and moves the reader from the backslash past the escape. */
function readEscape(reader: Reader): string | undefined {
  const letter = reader.source.charAt(reader.position + 1);
  reader.position += 2;
  if (letter === 'u') return readUnicodeEscape(reader);
  if (letter === '') return undefined;
  const index = SHORT_ESCAPES.indexOf(letter);
  return index < 0 ? undefined : SHORT_VALUES[index];
}

/** The position of the quote that closes a string: the first with an even number of backslashes before it. */
function findEnd(source: string, start: number): number {
  let quote = source.indexOf('"', start);
  while (quote >= 0) {
    let first = quote;
    while (first > start && source.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    if ((quote - first) % 2 === 0) return quote;
    quote = source.indexOf('"', quote + 1);
  }
  return quote;
}

/** Reads the rest of a string with escapes by the engine's own decoder. */
function readNatively(reader: Reader, decode: (quoted: string) => string | undefined): string | undefined {
  const start = reader.position;
  const end = findEnd(reader.source, start);
  if (end < 0 || holdsRawControl(reader, start, end)) return undefined;
  reader.position = end + 1;
  reader.backslash = -1;
  return decode(reader.source.substring(start - 1, end + 1));
}

/** The rest of a string that has a backslash before the next quote. */
function readEscaped(reader: Reader): string | undefined {
  const decode = reader.text.decodeJsonString;
  if (decode !== undefined) return readNatively(reader, decode);
  const pieces: string[] = [];
  for (;;) {
    const start = reader.position;
    const quote = reader.source.indexOf('"', start);
    if (quote < 0) return undefined;
    let backslash = reader.source.indexOf('\\', start);
    if (backslash < 0) backslash = reader.source.length;
    const end = backslash < quote ? backslash : quote;
    if (holdsRawControl(reader, start, end)) return undefined;
    pieces.push(reader.source.substring(start, end));
    reader.position = end + 1;
    reader.backslash = backslash;
    if (end === quote) return pieces.join('');
    reader.position = end;
    const escaped = readEscape(reader);
    if (escaped === undefined) return undefined;
    pieces.push(escaped);
  }
}

/**
 * Reads a string and moves the reader from after the opening quote past the closing one.
 * @returns undefined for a string that is not closed, a wrong escape, a lone surrogate or a raw control character
 */
export function readString(reader: Reader): string | undefined {
  const start = reader.position;
  const quote = reader.source.indexOf('"', start);
  if (quote < 0) return undefined;
  if (reader.backslash < start) {
    const next = reader.source.indexOf('\\', start);
    reader.backslash = next < 0 ? reader.source.length : next;
  }
  if (reader.backslash < quote) return readEscaped(reader);
  if (holdsRawControl(reader, start, quote)) return undefined;
  reader.position = quote + 1;
  return reader.source.substring(start, quote);
}
