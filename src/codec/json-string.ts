// The strings of strict JSON (RFC 8259 §7): every escape checked, surrogates only in pairs, no raw control character.
import type { Text } from '../ports/text';

/** A place in JSON text. Positions are the engine's own: bytes in Lua, UTF-16 units in JavaScript. */
export interface Reader {
  readonly source: string;
  readonly text: Text;
  /** Whether a control character stands anywhere in the source: white space, or a fault inside a string. */
  readonly control: boolean;
  position: number;
  /** Where the next backslash stands, at or after the last place looked from; the source's length when none is left. */
  backslash: number;
}

const SHORT_ESCAPES = '"\\/bfnrt';
const SHORT_VALUES = ['"', '\\', '/', '\b', '\f', '\n', '\r', '\t'];

/** Whether a raw control character below U+0020 stands between two positions (RFC 8259 §7). */
function holdsRawControl(reader: Reader, start: number, end: number): boolean {
  if (!reader.control) return false;
  for (let index = start; index < end; index++) {
    if (reader.source.charCodeAt(index) < 32) return true;
  }
  return false;
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

/** Reads the four digits after `\u`, or a pair of them for a character outside the basic plane; the reader stands after the `u`. */
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

/** Reads one escape; the reader stands on the backslash and is moved past the escape. */
function readEscape(reader: Reader): string | undefined {
  const letter = reader.source.charAt(reader.position + 1);
  reader.position += 2;
  if (letter === 'u') return readUnicodeEscape(reader);
  if (letter === '') return undefined;
  const index = SHORT_ESCAPES.indexOf(letter);
  return index < 0 ? undefined : SHORT_VALUES[index];
}

/** The rest of a string in which a backslash stands before the next quote. */
function readEscaped(reader: Reader): string | undefined {
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
 * Reads a string; the reader stands after the opening quote and is moved past the closing one.
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
