// RSASSA-PSS (RFC 8017 §8.1.2) as JWS has it (RFC 7518 §3.5): MGF1 with the same hash, a salt as long as the digest.
import type { HashName } from '../core/algorithm';
import type { Hash } from '../ports/hash';
import { bytesOf, octetsOf } from './octets';
import type { Pause } from './pause';
import { recoverMessage, type RsaKey } from './rsa';

/** MGF1 (RFC 8017 §B.2.1). */
function generateMask(name: HashName, seed: readonly number[], length: number, hash: Hash): number[] {
  const seedBytes = bytesOf(seed);
  let mask: number[] = [];
  for (let counter = 0; mask.length < length; counter++) {
    mask = mask.concat(octetsOf(hash.digest(name, seedBytes + bytesOf([0, 0, 0, counter]))));
  }
  return mask.slice(0, length);
}

/** EMSA-PSS-VERIFY (RFC 8017 §9.1.2). */
function isConsistent(
  name: HashName,
  digest: string,
  encoded: readonly number[],
  encodedBits: number,
  hash: Hash,
): boolean {
  const length = encoded.length;
  const hashLength = digest.length;
  const maskedLength = length - hashLength - 1;
  // Steps 3 and 4.
  if (maskedLength < hashLength + 1 || encoded[length - 1] !== 0xbc) return false;
  const tag = encoded.slice(maskedLength, length - 1);
  const mask = generateMask(name, tag, maskedLength, hash);
  // Steps 6 to 9: the bits above the message's are zero, masked and unmasked.
  const limit = 2 ** (8 - (8 * length - encodedBits));
  if ((encoded[0] as number) >= limit) return false;
  const block: number[] = [];
  for (let index = 0; index < maskedLength; index++) {
    block.push((encoded[index] as number) ^ (mask[index] as number));
  }
  block[0] = (block[0] as number) % limit;
  // Step 10: zeros, then one 0x01, then the salt.
  const saltStart = maskedLength - hashLength;
  for (let index = 0; index < saltStart; index++) {
    if (block[index] !== (index === saltStart - 1 ? 1 : 0)) return false;
  }
  // Steps 12 to 14.
  const salt = bytesOf(block.slice(saltStart));
  return hash.digest(name, bytesOf([0, 0, 0, 0, 0, 0, 0, 0]) + digest + salt) === bytesOf(tag);
}

/** Whether a signature is the key's over a message, a byte string. */
export function verifyPss(
  key: RsaKey,
  name: HashName,
  message: string,
  signature: readonly number[],
  hash: Hash,
  pause: Pause,
): boolean {
  const recovered = recoverMessage(key, signature, pause);
  if (recovered === undefined) return false;
  // §8.1.2 step 2c: the message has one bit less than n; with 8k + 1 bits the first octet stands outside of it.
  const encodedBits = key.bits - 1;
  const outside = recovered.length - Math.ceil(encodedBits / 8);
  if (outside === 1 && recovered[0] !== 0) return false;
  return isConsistent(name, hash.digest(name, message), recovered.slice(outside), encodedBits, hash);
}
