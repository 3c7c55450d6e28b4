// ECDSA signatures: JWS writes r and s side by side (RFC 7518 §3.4), OpenSSL reads the DER of RFC 3279 §2.2.3.
import { readSequence, unsignedOf } from '../../../src/codec/der';
import { bytesOf, octetsOf } from '../../../src/crypto/octets';

const INTEGER = 0x02;
const SEQUENCE = 0x30;

/** A DER INTEGER of unsigned bytes: no leading zeros but the one that keeps it positive. */
function writeInteger(bytes: string): string {
  let [stripped] = string.match(bytes, '^' + string.char(0) + '*(.*)$');
  if (stripped === undefined || stripped === '') stripped = string.char(0);
  if (string.byte(stripped) >= 0x80) stripped = string.char(0) + stripped;
  return string.char(INTEGER, stripped.length) + stripped;
}

/**
 * Turns `r || s` into DER. Values out of range are for OpenSSL to refuse.
 * @param signature an even number of bytes, at most 132 (P-521)
 */
export function toDer(signature: string): string {
  const half = signature.length / 2;
  const content = writeInteger(string.sub(signature, 1, half)) + writeInteger(string.sub(signature, half + 1));
  // X.690 §8.1.3: P-521's two integers can be longer than the short form of a length holds.
  const length = content.length < 0x80 ? string.char(content.length) : string.char(0x81, content.length);
  return string.char(SEQUENCE) + length + content;
}

/** Turns DER into `r || s`. @param length of the result in bytes */
export function fromDer(der: string, length: number): string {
  const parts = readSequence(octetsOf(der)) ?? [];
  let joined: number[] = [];
  for (const part of parts) {
    const octets = unsignedOf(part) ?? [];
    const padding: number[] = [];
    while (padding.length + octets.length < length / 2) padding.push(0);
    joined = joined.concat(padding, octets);
  }
  return joined.length === length ? bytesOf(joined) : error('OpenSSL signed in another form', 0);
}
