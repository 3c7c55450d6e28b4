// Text as bytes in Lua: by HAProxy's converters inside a request, in plain Lua outside of one.
import { base64UrlLength, isCanonicalBase64Url } from '../../src/codec/base64';
import type { Text } from '../../src/codec/text';
import { activeConverters } from './transaction';
import { parsePlainJson } from './json';

const find = string.find;
const match = string.match;
const byte = string.byte;
const char = string.char;
const utf8Length = utf8.len;

/** The byte with which every encoded surrogate begins, and the pattern of one: Lua 5.3 accepts them as UTF-8. */
const SURROGATE_LEAD = char(0xed);
const SURROGATE = SURROGATE_LEAD + '[' + char(0xa0) + '-' + char(0xbf) + ']';

const NULLS = char(0, 0);

/** Ranges of a pattern go by the bytes' values in the C locale, which is HAProxy's. */
const INVISIBLE = '[^!-~]';

const RESERVED = '[^A-Za-z0-9._~%-]';

const CONTROL = '[' + char(0x00) + '-' + char(0x1f) + char(0x7f) + ']';

/** Whether bytes are strict UTF-8 (RFC 3629): shortest form, no surrogate, at most U+10FFFF. */
export function isUtf8(bytes: string): boolean {
  const length: number | undefined = utf8Length(bytes);
  if (length === undefined) return false;
  const [lead] = find(bytes, SURROGATE_LEAD, 1, true);
  if (lead === undefined) return true;
  const [surrogate] = find(bytes, SURROGATE);
  return surrogate === undefined;
}

/** The six bits of each base64url character, by its code. */
const SEXTETS: Record<number, number> = {};
for (const [first, last, value] of [
  [65, 90, 0],
  [97, 122, 26],
  [48, 57, 52],
  [45, 45, 62],
  [95, 95, 63],
] as const) {
  for (let code = first; code <= last; code++) SEXTETS[code] = value + code - first;
}

/** Decodes a canonical segment in plain Lua. */
function decodePlainly(segment: string): string {
  const pieces: string[] = [];
  for (let index = 1; index <= segment.length; index += 4) {
    const [a, b, c, d] = byte(segment, index, index + 3);
    const group =
      (SEXTETS[a ?? 0] ?? 0) * 262144 +
      (SEXTETS[b ?? 0] ?? 0) * 4096 +
      (SEXTETS[c ?? 0] ?? 0) * 64 +
      (SEXTETS[d ?? 0] ?? 0);
    const piece = char((group >>> 16) & 255, (group >>> 8) & 255, group & 255);
    pieces.push(d !== undefined ? piece : string.sub(piece, 1, c !== undefined ? 2 : 1));
  }
  return pieces.join('');
}

/** The code of each base64url character, by its six bits. */
const CODES: Record<number, number> = {};
for (const [code, value] of pairs(SEXTETS)) CODES[value] = code;

/** Encodes in plain Lua, three bytes at a time. */
function encodePlainly(bytes: string): string {
  const padded = bytes + NULLS;
  const pieces: string[] = [];
  for (const start of $range(1, bytes.length, 3)) {
    const [a, b, c] = byte(padded, start, start + 2);
    const group = (a as number) * 65536 + (b as number) * 256 + (c as number);
    const codes = CODES;
    pieces.push(
      char(
        codes[group >>> 18] as number,
        codes[(group >>> 12) & 63] as number,
        codes[(group >>> 6) & 63] as number,
        codes[group & 63] as number,
      ),
    );
  }
  return string.sub(table.concat(pieces), 1, base64UrlLength(bytes.length));
}

/** Encodes bytes as base64url (RFC 7515 §2): by HAProxy's converter, which takes what fits into one of its buffers. */
export function encodeBytes(bytes: string): string {
  return activeConverters()?.ub64enc(bytes) ?? encodePlainly(bytes);
}

/** A segment that was decoded, with its bytes. */
interface Decoded {
  readonly segment: string;
  readonly bytes: string;
}

/**
 * The segments that were decoded last: a token's are checked first, and read later.
 * INVARIANT: one value holds both, for HAProxy may suspend an action between any two instructions (transaction.ts), and no
 * token may ever be given the bytes of another.
 */
const RECENT = 3;
const recent: (Decoded | undefined)[] = [];
let oldest = 0;

/** Decodes and encodes again: an equal result means canonical. Both steps are C and cost about 1 µs each. */
function decodeWith(converters: Converters, segment: string): string | undefined {
  for (const place of $range(0, RECENT - 1)) {
    const decoded = recent[place];
    if (decoded?.segment === segment) return decoded.bytes;
  }
  const bytes = converters.ub64dec(segment);
  if (bytes === undefined || converters.ub64enc(bytes) !== segment) return undefined;
  recent[oldest] = { segment, bytes };
  oldest = (oldest + 1) % RECENT;
  return bytes;
}

function isBase64UrlAlphabet(value: string): boolean {
  const converters = activeConverters();
  if (converters !== undefined && value !== '' && decodeWith(converters, value) !== undefined) return true;
  const [start] = find(value, '^[A-Za-z0-9_-]*$');
  return start !== undefined;
}

/**
 * Decodes unpadded, canonical base64url to bytes (RFC 7515 §2).
 * @returns undefined for anything else
 */
export function decodeBytes(segment: string): string | undefined {
  if (segment === '') return '';
  const converters = activeConverters();
  if (converters !== undefined) return decodeWith(converters, segment);
  const [alphabet] = match(segment, '^[A-Za-z0-9_-]*$');
  return alphabet !== undefined && isCanonicalBase64Url(segment) ? decodePlainly(segment) : undefined;
}

function decodeBase64Url(segment: string): string | undefined {
  const bytes = decodeBytes(segment);
  return bytes !== undefined && isUtf8(bytes) ? bytes : undefined;
}

function hasControl(value: string): boolean {
  const [start] = find(value, CONTROL);
  return start !== undefined;
}

function isVisibleAscii(value: string): boolean {
  const [start] = find(value, INVISIBLE);
  return start === undefined;
}

function isUnreserved(value: string): boolean {
  const [start] = find(value, RESERVED);
  return start === undefined;
}

/** The text port of every Lua engine; it needs HAProxy only to be fast. */
export const text: Text = {
  isBase64UrlAlphabet,
  decodeBase64Url,
  hasControl,
  isVisibleAscii,
  isUnreserved,
  fromCodePoint: (codePoint) => utf8.char(codePoint),
  parseCanonicalJson: parsePlainJson,
};
