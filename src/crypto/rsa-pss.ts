// RSASSA-PSS (RFC 8017 §8.1.2) as JWS has it (RFC 7518 §3.5): MGF1 with the same hash, a salt as long as the digest.
import type { HashName } from '../model/algorithm';
import type { Hash } from '../ports/hash';
import { bytesOf, octetsOf } from './octets';
import type { Pause } from './pause';
import { recoverMessage, type RsaKey, type SignedMessage } from './rsa';

/** MGF1 (RFC 8017 §B.2.1). */
function generateMask(name: HashName, seed: readonly number[], length: number, hash: Hash): number[] {
  const seedBytes = bytesOf(seed);
  let mask: number[] = [];
  for (let counter = 0; mask.length < length; counter++) {
    mask = mask.concat(octetsOf(hash.digest(name, seedBytes + bytesOf([0, 0, 0, counter]))));
  }
  return mask.slice(0, length);
}

/** The hash of M' (RFC 8017 §9.1.1, steps 5 and 6). */
function hashSalted(name: HashName, digest: string, salt: string, hash: Hash): string {
  return hash.digest(name, bytesOf([0, 0, 0, 0, 0, 0, 0, 0]) + digest + salt);
}

/**
 * EMSA-PSS-ENCODE (RFC 8017 §9.1.1) of a digest, as long as the modulus. INVARIANT: 2048 bits or more leave room for it.
 * @param bits of the modulus
 * @param salt random bytes, as many as the digest has (RFC 7518 §3.5)
 */
export function encodePss(name: HashName, digest: string, bits: number, salt: string, hash: Hash): number[] {
  const length = Math.ceil((bits - 1) / 8);
  const maskedLength = length - digest.length - 1;
  const tag = octetsOf(hashSalted(name, digest, salt, hash));
  const block: number[] = [];
  while (block.length < maskedLength - salt.length - 1) block.push(0);
  const whole = block.concat([1], octetsOf(salt));
  const mask = generateMask(name, tag, maskedLength, hash);
  const masked = whole.map((octet, index) => octet ^ (mask[index] as number));
  masked[0] = (masked[0] as number) % 2 ** (8 - (8 * length - (bits - 1)));
  // §8.1.1: with 8k + 1 bits the first octet of the modulus is outside of the message.
  return (length * 8 < bits ? [0] : []).concat(masked, tag, [0xbc]);
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
  return hashSalted(name, digest, salt, hash) === bytesOf(tag);
}

/** Whether a signature is the key's over its message. */
export function verifyPss(key: RsaKey, signed: SignedMessage, hash: Hash, pause: Pause): boolean {
  const recovered = recoverMessage(key, signed.signature, pause);
  if (recovered === undefined) return false;
  // §8.1.2 step 2c: the message has one bit less than n; with 8k + 1 bits the first octet is outside of it.
  const encodedBits = key.bits - 1;
  const outside = recovered.length - Math.ceil(encodedBits / 8);
  if (outside === 1 && recovered[0] !== 0) return false;
  const digest = hash.digest(signed.hash, signed.message);
  return isConsistent(signed.hash, digest, recovered.slice(outside), encodedBits, hash);
}
