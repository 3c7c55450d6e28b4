// Characters of an engine's strings: bytes of UTF-8 in Lua, UTF-16 units in JavaScript, code points in njs' own engine.
import type { Text } from './text';

/** Whether this engine's strings are bytes. */
function holdsBytes(text: Text): boolean {
  return text.fromCodePoint(0x80).length === 2;
}

function isWordCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

/** Whether a unit only continues a character: a UTF-8 continuation byte in Lua, a low surrogate in JavaScript. */
function isContinuation(code: number, bytes: boolean): boolean {
  return bytes ? code >= 0x80 && code <= 0xbf : code >= 0xdc00 && code <= 0xdfff;
}

/**
 * A member name as a proxy's variable name: one `_` for every character outside `[A-Za-z0-9_]`, alike on every engine.
 */
export function toVariableName(name: string, text: Text): string {
  const bytes = holdsBytes(text);
  const pieces: string[] = [];
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (isWordCode(code)) pieces.push(name.charAt(index));
    else if (!isContinuation(code, bytes)) pieces.push('_');
  }
  return pieces.join('');
}

/** The length of a value in bytes of UTF-8 (RFC 3629 §3), the same on every engine. */
export function utf8Length(value: string, text: Text): number {
  if (holdsBytes(text)) return value.length;
  let length = 0;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    // A surrogate is half of a character of four bytes, which is one unit in njs' own engine.
    if (code >= 0xd800 && code <= 0xdfff) length += 2;
    else length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

/** The bytes of a value in UTF-8 (RFC 3629 §3), the same on every engine. */
export function utf8Octets(value: string, text: Text): readonly number[] {
  const bytes = holdsBytes(text);
  const octets: number[] = [];
  for (let index = 0; index < value.length; index++) {
    const code = bytes ? value.charCodeAt(index) : codePointAt(value, index, text);
    if (code === undefined) continue;
    if (bytes || code < 0x80) octets.push(code);
    else if (code < 0x800) octets.push(0xc0 + Math.floor(code / 64), 0x80 + (code % 64));
    else {
      const middle = 0x80 + (Math.floor(code / 64) % 64);
      if (code < 0x10000) octets.push(0xe0 + Math.floor(code / 4096), middle, 0x80 + (code % 64));
      else
        octets.push(
          0xf0 + Math.floor(code / 262144),
          0x80 + (Math.floor(code / 4096) % 64),
          middle,
          0x80 + (code % 64),
        );
    }
  }
  return octets;
}

/** The code point that bytes of UTF-8 spell from a lead byte on; other bytes give a code point without meaning. */
function readUtf8(value: string, index: number, lead: number): number {
  let codePoint = lead >= 0xf0 ? lead - 0xf0 : lead >= 0xe0 ? lead - 0xe0 : lead - 0xc0;
  for (let next = index + 1; next < value.length; next++) {
    const code = value.charCodeAt(next);
    if (!isContinuation(code, true)) return codePoint;
    codePoint = codePoint * 64 + code - 0x80;
  }
  return codePoint;
}

/** The code point of the character that begins at a unit; undefined where the unit only continues one. */
export function codePointAt(value: string, index: number, text: Text): number | undefined {
  const code = value.charCodeAt(index);
  if (code < 0x80) return code;
  const bytes = holdsBytes(text);
  if (isContinuation(code, bytes)) return undefined;
  if (bytes) return readUtf8(value, index, code);
  if (code < 0xd800 || code > 0xdbff || index + 1 >= value.length) return code;
  return 0x10000 + (code - 0xd800) * 1024 + value.charCodeAt(index + 1) - 0xdc00;
}
