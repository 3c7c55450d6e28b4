// Ed25519 signing (RFC 8032 §5.1.5, §5.1.6) in steps, between which the host hashes. Each multiple of the base point is the
// sum of two random ones, so that no index into a table depends on a secret, and each takes the same steps.
import type { Hash } from '../ports/hash';
import { multiplyByOrder, prepareEd25519, reduceDigest, writeScalar, type PreparedBase } from './ed25519';
import { addMultiples, blindSum, encodeSum } from './edwards';
import { copyLimbs, zeroLimbs, type Limbs } from './limbs';
import { addModulo, formOf, readNumber } from './modulus';
import { bytesOf, octetsOf, octetsOfHex, reverseOctets } from './octets';
import type { Pause } from './pause';

/** Octets of a seed, which RFC 8032 calls the private key. */
export const SEED_LENGTH = 32;
/** The random octets that each multiple needs. */
export const ED25519_BLINDING = 95;
/** Those of the scalar: twice as long as L, so that no rest modulo L is likelier than another. */
const SCALAR_BLINDING = 64;

/** A private key, made ready. */
export interface Ed25519Secret {
  readonly prepared: PreparedBase;
  /** The form of the secret scalar (modulus.ts). */
  readonly scalar: Limbs;
  /** The second half of the seed's digest, a byte string. */
  readonly prefix: string;
  /** The octets of the public key. */
  readonly encoded: readonly number[];
}

/** A signature's first half, and the secret number that it is a multiple by. */
export interface Commitment {
  readonly nonce: Limbs;
  /** R, encoded. */
  readonly encoded: readonly number[];
}

/** The encoding of a multiple of B. @param number a secret, between -2L and 2L. @param random `ED25519_BLINDING` octets */
function multiplyBase(prepared: PreparedBase, number: Limbs, random: readonly number[], pause: Pause): number[] {
  const order = prepared.order;
  const mask = writeScalar(reduceDigest(random.slice(0, SCALAR_BLINDING), order, pause), order, pause);
  const rest = zeroLimbs(order.size);
  copyLimbs(rest, number, order.size);
  addModulo(rest, -1, readNumber(mask, order), order);
  const sum = addMultiples(prepared.table, mask, prepared.table, writeScalar(rest, order, pause), pause);
  blindSum(sum, random.slice(SCALAR_BLINDING));
  return encodeSum(sum);
}

/**
 * Makes a key ready (§5.1.5).
 * @param digest the 64 octets of SHA-512 over the seed
 * @param random `ED25519_BLINDING` octets that nobody knows
 */
export function createEd25519Secret(
  prepared: PreparedBase,
  digest: readonly number[],
  random: readonly number[],
  pause: Pause,
): Ed25519Secret {
  // Step 2: the lowest three bits and the highest are cleared, the one below it is set.
  const half = digest.slice(0, SEED_LENGTH);
  half[0] = (half[0] as number) & 248;
  half[31] = ((half[31] as number) & 63) | 64;
  const number = reduceDigest(octetsOfHex('00'.repeat(32)).concat(reverseOctets(half)), prepared.order, pause);
  // Step 4: A = s B.
  const encoded = multiplyBase(prepared, number, random, pause);
  return {
    prepared,
    scalar: formOf(number, prepared.order, pause),
    prefix: bytesOf(digest.slice(SEED_LENGTH)),
    encoded,
  };
}

/**
 * R of a signature (§5.1.6, step 3).
 * @param digest the 64 octets of SHA-512 over prefix and message (step 2)
 * @param random `ED25519_BLINDING` octets that nobody knows
 */
export function commit(
  secret: Ed25519Secret,
  digest: readonly number[],
  random: readonly number[],
  pause: Pause,
): Commitment {
  const prepared = secret.prepared;
  const nonce = reduceDigest(reverseOctets(digest), prepared.order, pause);
  return { nonce, encoded: multiplyBase(prepared, nonce, random, pause) };
}

/**
 * The signature (§5.1.6, steps 5 and 6).
 * @param digest the 64 octets of SHA-512 over R, A and the message (step 4)
 */
export function respond(
  secret: Ed25519Secret,
  commitment: Commitment,
  digest: readonly number[],
  pause: Pause,
): number[] {
  const order = secret.prepared.order;
  const sum = multiplyByOrder(reduceDigest(reverseOctets(digest), order, pause), secret.scalar, order, pause);
  addModulo(sum, 1, commitment.nonce, order);
  return commitment.encoded.concat(reverseOctets(writeScalar(sum, order, pause)));
}

/** What step 4 hashes, a byte string. */
export function challengeInput(secret: Ed25519Secret, commitment: Commitment, message: string): string {
  return bytesOf(commitment.encoded.concat(secret.encoded)) + message;
}

/**
 * The public key of a seed, for a host that has no random octets yet: those of the blinding come from the seed.
 * @param seed 32 octets
 */
export function deriveEd25519(seed: readonly number[], hash: Hash): readonly number[] {
  const pause: Pause = () => undefined;
  const digest = hash.digest('SHA-512', bytesOf(seed));
  const random = hash.digest('SHA-512', digest + 'scalar') + hash.digest('SHA-512', digest + 'point');
  const blinding = octetsOf(random).slice(0, ED25519_BLINDING);
  return createEd25519Secret(prepareEd25519(pause), octetsOf(digest), blinding, pause).encoded;
}
