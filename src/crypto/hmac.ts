// HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869) over byte strings, by the hash of the host.
import type { Hash } from '../ports/hash';
import { bytesOf, octetsOf } from './octets';

const BLOCK_LENGTH = 64;
const DIGEST_LENGTH = 32;

/** RFC 2104 §2: a key as long as a block, each byte combined with another. */
function padKey(key: readonly number[], other: number): string {
  const padded: number[] = [];
  for (let index = 0; index < BLOCK_LENGTH; index++) padded.push((key[index] ?? 0) ^ other);
  return bytesOf(padded);
}

/** The 32 bytes of HMAC-SHA-256, RFC 2104 §2. */
export function hmacSha256(key: string, message: string, hash: Hash): string {
  const short = octetsOf(key.length > BLOCK_LENGTH ? hash.digest('SHA-256', key) : key);
  return hash.digest('SHA-256', padKey(short, 0x5c) + hash.digest('SHA-256', padKey(short, 0x36) + message));
}

/**
 * Derives a key, RFC 5869 §2.
 * @param secret the input keying material
 * @param salt may be empty
 * @param info what the key is for
 * @param length in bytes, 8160 at the most
 */
export function deriveKey(secret: string, salt: string, info: string, length: number, hash: Hash): string {
  // RFC 5869 §2.2: no salt is as good as one of zeros, which HMAC makes of an empty key.
  const extracted = hmacSha256(salt, secret, hash);
  let derived = '';
  let block = '';
  for (let count = 1; count <= Math.ceil(length / DIGEST_LENGTH); count++) {
    block = hmacSha256(extracted, block + info + String.fromCharCode(count), hash);
    derived += block;
  }
  return derived.substring(0, length);
}
