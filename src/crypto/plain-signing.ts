// Signing without any library (RFC 7515 §5.1): RS, PS and EdDSA signatures in plain TypeScript.
import { encodeBase64Url } from '../codec/base64';
import type { Algorithm } from '../model/algorithm';
import type { Hash } from '../ports/hash';
import { prepareEd25519 } from './ed25519';
import {
  challengeInput,
  commit,
  createEd25519Secret,
  ED25519_BLINDING,
  respond,
  type Ed25519Secret,
} from './ed25519-private';
import { bytesOf, octetsOf } from './octets';
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

/** Makes an Ed25519 key ready. @param seed 32 octets */
export function readyEd25519(seed: readonly number[], signing: Signing): Ed25519Secret {
  const digest = octetsOf(signing.hash.digest('SHA-512', bytesOf(seed)));
  const prepared = prepareEd25519(signing.pause);
  return createEd25519Secret(prepared, digest, octetsOf(signing.random(ED25519_BLINDING)), signing.pause);
}

/**
 * Signs with Ed25519 (RFC 8037 §3.1).
 * @param message a byte string
 * @returns base64url
 */
export function signEd25519(secret: Ed25519Secret, message: string, signing: Signing): string {
  const hash = (bytes: string): number[] => octetsOf(signing.hash.digest('SHA-512', bytes));
  const random = octetsOf(signing.random(ED25519_BLINDING));
  const commitment = commit(secret, hash(secret.prefix + message), random, signing.pause);
  const digest = hash(challengeInput(secret, commitment, message));
  return encodeBase64Url(respond(secret, commitment, digest, signing.pause));
}
