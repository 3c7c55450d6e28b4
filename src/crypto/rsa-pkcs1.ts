// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2): the encoding is rebuilt and compared, never parsed.
import type { HashName } from '../model/algorithm';
import type { Hash } from '../ports/hash';
import { equalOctets, octetsOf } from './octets';
import type { Pause } from './pause';
import { recoverMessage, type RsaKey, type SignedMessage } from './rsa';

/** The octets before the digest in a DigestInfo in DER (RFC 8017 §9.2, note 1). */
const DIGEST_INFO: Readonly<Record<HashName, readonly number[]>> = {
  'SHA-256': [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20],
  'SHA-384': [0x30, 0x41, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 5, 0, 4, 0x30],
  'SHA-512': [0x30, 0x51, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 5, 0, 4, 0x40],
};

/** EMSA-PKCS1-v1_5-ENCODE (RFC 8017 §9.2) of a digest. INVARIANT: 2048 bits or more leave room for it. */
export function encodePkcs1(hash: HashName, digest: readonly number[], length: number): number[] {
  const info = DIGEST_INFO[hash].concat(digest);
  const encoded = [0, 1];
  while (encoded.length < length - info.length - 1) encoded.push(0xff);
  encoded.push(0);
  return encoded.concat(info);
}

/** Whether a signature is the key's over its message. */
export function verifyPkcs1(key: RsaKey, signed: SignedMessage, hash: Hash, pause: Pause): boolean {
  const recovered = recoverMessage(key, signed.signature, pause);
  if (recovered === undefined) return false;
  const digest = octetsOf(hash.digest(signed.hash, signed.message));
  return equalOctets(recovered, encodePkcs1(signed.hash, digest, key.n.length));
}
