// Base64 and base64url (RFC 4648 §4, §5) over bytes, strict: one spelling for each value. Used at start, not in requests.

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The characters that may end a segment of length 2 mod 4: the last four bits are zero (RFC 4648 §3.5). */
const LAST_OF_TWO = 'AQgw';
/** The characters that may end a segment of length 3 mod 4: the last two bits are zero. */
const LAST_OF_THREE = 'AEIMQUYcgkosw048';

/**
 * Whether base64url text without padding has a possible length and no stray bits in its last character.
 * @param segment characters of the base64url alphabet (the caller has checked it); empty is canonical
 */
export function isCanonicalBase64Url(segment: string): boolean {
  const rest = segment.length % 4;
  if (rest === 0) return true;
  if (rest === 1) return false;
  const last = segment.charAt(segment.length - 1);
  return (rest === 2 ? LAST_OF_TWO : LAST_OF_THREE).indexOf(last) >= 0;
}

/** The number of base64url characters for `bytes` bytes without padding. */
export function base64UrlLength(bytes: number): number {
  return Math.floor((bytes * 4 + 2) / 3);
}

/** The six bits of a base64 or base64url character; undefined for any other. */
function sextet(code: number, url: boolean): number | undefined {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === (url ? 45 : 43)) return 62;
  if (code === (url ? 95 : 47)) return 63;
  return undefined;
}

/** Decodes characters without padding; undefined for a foreign character or stray bits. */
function decodeUnpadded(text: string, url: boolean): number[] | undefined {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (let index = 0; index < text.length; index++) {
    const value = sextet(text.charCodeAt(index), url);
    if (value === undefined) return undefined;
    held = held * 64 + value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      const unit = 2 ** bits;
      const byte = Math.floor(held / unit);
      bytes.push(byte);
      held -= byte * unit;
    }
  }
  return bits < 6 && held === 0 ? bytes : undefined;
}

/**
 * Decodes unpadded, canonical base64url (RFC 7515 §2).
 * @returns undefined for padding, a character outside the alphabet, an impossible length or stray bits
 */
export function decodeBase64Url(segment: string): number[] | undefined {
  return decodeUnpadded(segment, true);
}

/**
 * Decodes padded, canonical base64 on one line (RFC 4648 §4), as in a PEM body (RFC 7468 §3).
 * @returns undefined for missing or wrong padding, a foreign character or stray bits
 */
export function decodeBase64(text: string): number[] | undefined {
  if (text.length % 4 !== 0) return undefined;
  let end = text.length;
  if (end > 0 && text.charAt(end - 1) === '=') end -= 1;
  if (end > 0 && end < text.length && text.charAt(end - 1) === '=') end -= 1;
  return decodeUnpadded(text.substring(0, end), false);
}

/** Padded base64 as base64url without padding. */
export function toBase64Url(base64: string): string {
  return base64.split('=').join('').split('+').join('-').split('/').join('_');
}

/** Encodes bytes (0 to 255 each) as padded base64 on one line (RFC 4648 §4). */
export function encodeBase64(bytes: readonly number[]): string {
  const characters: string[] = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const first = bytes[index] ?? 0;
    const second = bytes[index + 1];
    const third = bytes[index + 2];
    const group = first * 65536 + (second ?? 0) * 256 + (third ?? 0);
    characters.push(STANDARD.charAt(Math.floor(group / 262144)));
    characters.push(STANDARD.charAt(Math.floor(group / 4096) % 64));
    characters.push(second === undefined ? '=' : STANDARD.charAt(Math.floor(group / 64) % 64));
    characters.push(third === undefined ? '=' : STANDARD.charAt(group % 64));
  }
  return characters.join('');
}

/** Encodes bytes (0 to 255 each) as base64url without padding (RFC 4648 §5). */
export function encodeBase64Url(bytes: readonly number[]): string {
  return toBase64Url(encodeBase64(bytes));
}
