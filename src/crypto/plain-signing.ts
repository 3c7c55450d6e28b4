// Signing without any library (RFC 7515 §5.1): RS and PS signatures in plain TypeScript.
import { encodeBase64Url } from '../codec/base64';
import type { Algorithm } from '../model/algorithm';
import type { Hash } from '../ports/hash';
import { octetsOf } from './octets';
import type { Pause } from './pause';
import { BLINDING_EXCESS, signMessage, type RsaPrivateKey } from './rsa-private';
import { encodePkcs1 } from './rsa-pkcs1';
import { encodePss } from './rsa-pss';

/** What signing needs of the host. */
export interface Signing {
  readonly hash: Hash;
  /** That many bytes of the system's generator, as a byte string. */
  readonly random: (this: void, count: number) => string;
  readonly pause: Pause;
}

/**
 * The message that RSA signs (RFC 8017 §8.1.1 and §8.2.1), as long as the modulus.
 * @param message a byte string
 * @param bits of the modulus
 */
export function encodeMessage(algorithm: Algorithm, message: string, bits: number, signing: Signing): number[] {
  const digest = signing.hash.digest(algorithm.hash, message);
  if (algorithm.scheme === 'RSASSA-PKCS1-v1_5') {
    return encodePkcs1(algorithm.hash, octetsOf(digest), Math.ceil(bits / 8));
  }
  return encodePss(algorithm.hash, digest, bits, signing.random(digest.length), signing.hash);
}

/**
 * Signs.
 * @param message a byte string
 * @returns base64url; undefined where the signature does not verify
 */
export function signPlainly(
  key: RsaPrivateKey,
  algorithm: Algorithm,
  message: string,
  signing: Signing,
): string | undefined {
  const encoded = encodeMessage(algorithm, message, key.publicKey.bits, signing);
  const random = octetsOf(signing.random(encoded.length + BLINDING_EXCESS));
  const signature = signMessage(key, encoded, random, signing.pause);
  return signature === undefined ? undefined : encodeBase64Url(signature);
}
