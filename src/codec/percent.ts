// Percent-encoding (RFC 3986 §2.1) of one path segment, decoded strictly: each octet is one that was meant.
import type { Text } from '../ports/text';

/** What stands at a percent sign, or what is wrong with it. */
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

/** RFC 3629 §4: how many octets follow a lead octet, and the least code point that they may spell; 0 for no lead. */
function sequenceOf(lead: number): { readonly more: number; readonly least: number; readonly bits: number } {
  if (lead >= 0xc2 && lead <= 0xdf) return { more: 1, least: 0x80, bits: lead - 0xc0 };
  if (lead >= 0xe0 && lead <= 0xef) return { more: 2, least: 0x800, bits: lead - 0xe0 };
  if (lead >= 0xf0 && lead <= 0xf4) return { more: 3, least: 0x10000, bits: lead - 0xf0 };
  return { more: 0, least: 0, bits: 0 };
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
  if (sequence.more === 0) return undefined;
  let codePoint = sequence.bits;
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
