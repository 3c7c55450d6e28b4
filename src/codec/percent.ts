// Percent-encoding (RFC 3986 §2.1) of one path segment, decoded strictly.
import type { Text } from './text';

/** The character that a percent sign begins, or the reason against it. */
export type Octet = number | undefined;

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 65 && code <= 70) return code - 55;
  return code >= 97 && code <= 102 ? code - 87 : -1;
}

/** The octet that a percent sign at `position` begins; undefined when no two hexadecimal digits follow. */
export function readOctet(value: string, position: number): Octet {
  if (position + 3 > value.length) return undefined;
  const high = hexValue(value.charCodeAt(position + 1));
  const low = hexValue(value.charCodeAt(position + 2));
  return high < 0 || low < 0 ? undefined : high * 16 + low;
}

/** RFC 3629 §4: the octets after a lead octet, the least code point for it, and the lead octet of code point zero. */
interface Sequence {
  readonly more: number;
  readonly least: number;
  readonly zero: number;
}

const OF_TWO: Sequence = { more: 1, least: 0x80, zero: 0xc0 };
const OF_THREE: Sequence = { more: 2, least: 0x800, zero: 0xe0 };
const OF_FOUR: Sequence = { more: 3, least: 0x10000, zero: 0xf0 };

/** The sequence that an octet leads; undefined when it leads none. */
function sequenceOf(lead: number): Sequence | undefined {
  if (lead < 0xc2 || lead > 0xf4) return undefined;
  if (lead <= 0xdf) return OF_TWO;
  return lead <= 0xef ? OF_THREE : OF_FOUR;
}

/** A character of several octets, each percent-encoded. */
export interface EncodedCharacter {
  readonly codePoint: number;
  /** The position after its last octet. */
  readonly end: number;
}

/**
 * Reads a character beyond ASCII whose first octet is percent-encoded at `position` (RFC 3629 §3).
 * @returns undefined unless it is in shortest form, no surrogate, and at most U+10FFFF
 */
export function readEncodedCharacter(value: string, position: number): EncodedCharacter | undefined {
  const lead = readOctet(value, position);
  const sequence = sequenceOf(lead ?? 0);
  if (lead === undefined || sequence === undefined) return undefined;
  let codePoint = lead - sequence.zero;
  let end = position + 3;
  for (let index = 0; index < sequence.more; index++) {
    const octet = value.charAt(end) === '%' ? readOctet(value, end) : undefined;
    if (octet === undefined || octet < 0x80 || octet > 0xbf) return undefined;
    codePoint = codePoint * 64 + octet - 0x80;
    end += 3;
  }
  if (codePoint < sequence.least || codePoint > 0x10ffff) return undefined;
  return codePoint >= 0xd800 && codePoint <= 0xdfff ? undefined : { codePoint, end };
}

/** The octets that a deny entry always has percent-encoded, besides control characters. */
const ENCODED: readonly (readonly [string, string])[] = [
  ['%', '%25'],
  [' ', '%20'],
  ['"', '%22'],
];
const DIGITS = '0123456789ABCDEF';

function encodeControl(value: string, code: number, text: Text): string {
  const escape = '%' + DIGITS.charAt(Math.floor(code / 16)) + DIGITS.charAt(code % 16);
  return value.split(text.fromCodePoint(code)).join(escape);
}

/** A value as one word of visible characters: blanks, quotes, percent signs and control characters as `%` and hexadecimal. */
export function encodeEntry(value: string, text: Text): string {
  let encoded = value;
  for (let index = 0; index < ENCODED.length; index++) {
    const pair = ENCODED[index];
    if (pair !== undefined && encoded.indexOf(pair[0]) >= 0) encoded = encoded.split(pair[0]).join(pair[1]);
  }
  if (!text.hasControl(encoded)) return encoded;
  for (let code = 0; code < 32; code++) encoded = encodeControl(encoded, code, text);
  return encodeControl(encoded, 127, text);
}

/** ASCII capitals as small letters, everything else as it is: the same on every engine. */
export function lowerAscii(value: string, text: Text): string {
  const pieces: string[] = [];
  let start = 0;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 65 || code > 90) continue;
    pieces.push(value.substring(start, index), text.fromCodePoint(code + 32));
    start = index + 1;
  }
  if (start === 0) return value;
  pieces.push(value.substring(start));
  return pieces.join('');
}
