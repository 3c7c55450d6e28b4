// The text port for njs, QuickJS and Node (RFC 4648 §5, RFC 3629), on `Buffer` and regular expressions.
// njs's `$` also matches before a final line feed, so patterns here search for forbidden characters.
import type { Text } from '../../src/codec/text';
import { decodeJsonString, parseCanonicalJson } from './json';

export interface Bytes {
  readonly length: number;
  readonly [index: number]: number;
  indexOf(value: number, from?: number): number;
  toString(encoding: 'base64url' | 'utf8'): string;
}

declare const Buffer: { from(text: string, encoding: 'base64url' | 'utf8'): Bytes };

function isBase64UrlAlphabet(value: string): boolean {
  // A canonical segment comes back unchanged; a regular expression checks the others.
  return Buffer.from(value, 'base64url').toString('base64url') === value || !/[^A-Za-z0-9_-]/.test(value);
}

/** Whether UTF-8 bytes spell a surrogate (ED A0 to ED BF), which QuickJS decodes without complaint. */
function holdsSurrogate(bytes: Bytes): boolean {
  if (bytes.indexOf(0xed) === -1) return false;
  for (let index = 1; index < bytes.length; index++) {
    const byte = bytes[index];
    if (bytes[index - 1] === 0xed && byte !== undefined && byte >= 0xa0) return true;
  }
  return false;
}

function decodeBase64Url(segment: string): string | undefined {
  const bytes = Buffer.from(segment, 'base64url');
  const text = bytes.toString('utf8');
  // INVARIANT: encoding again gives `segment` only if it was unpadded, canonical and decodable: padding, `+`, `/`,
  // stray final bits and bytes replaced by U+FFFD all come back as something else.
  if (Buffer.from(text, 'utf8').toString('base64url') !== segment) return undefined;
  // RFC 3629 §3: UTF-8 has no surrogates.
  return holdsSurrogate(bytes) ? undefined : text;
}

/** Encodes text as base64url of its UTF-8 (RFC 7515 §2). */
export function encodeBase64Url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** Whether bytes are strict UTF-8 (RFC 3629). */
export function isUtf8(bytes: Bytes): boolean {
  const again = Buffer.from(bytes.toString('utf8'), 'utf8');
  return again.toString('base64url') === bytes.toString('base64url') && !holdsSurrogate(bytes);
}

function hasControl(text: string): boolean {
  return /[\x00-\x1f\x7f]/.test(text);
}

function isVisibleAscii(value: string): boolean {
  return !/[^\x21-\x7e]/.test(value);
}

function isUnreserved(value: string): boolean {
  return !/[^A-Za-z0-9._~-]/.test(value);
}

function fromCodePoint(codePoint: number): string {
  return String.fromCodePoint(codePoint);
}

/** A value that njs before 0.8 may have as bytes, such as a part of a variable, as text. */
export function toText(value: string): string {
  return Buffer.from(value, 'utf8').toString('utf8');
}

/** Text as the JavaScript engines have it. */
export const text: Text = {
  isBase64UrlAlphabet,
  decodeBase64Url,
  hasControl,
  isVisibleAscii,
  isUnreserved,
  fromCodePoint,
  parseCanonicalJson,
  decodeJsonString,
};
