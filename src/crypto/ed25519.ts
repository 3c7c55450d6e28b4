// Ed25519 verification (RFC 8032 §5.1.7), strict: S below L, and the encoding of R compared octet by octet, so that only
// its canonical encoding passes. Points of low order are refused where, and only where, the equation fails.
import type { Hash } from '../ports/hash';
import {
  addMultiples,
  decodePoint,
  encodeSum,
  makeEdwardsTable,
  type EdwardsPoint,
  type EdwardsTable,
} from './edwards';
import { zeroLimbs, type Limbs } from './limbs';
import { addModulo, createModulus, multiplyModulo, readNumber, writeNumber, type Modulus } from './modulus';
import { bytesOf, compareOctets, equalOctets, octetsOf, octetsOfHex, reverseOctets } from './octets';
import type { Pause } from './pause';

/** RFC 8032 §5.1: L, the order of the base point. */
export const ORDER: readonly number[] = octetsOfHex('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed');

/** RFC 8032 §5.1: B, encoded. */
export const BASE: readonly number[] = octetsOfHex('5866666666666666666666666666666666666666666666666666666666666666');

/** The tables that all keys share. */
export interface PreparedBase {
  readonly order: Modulus;
  readonly table: EdwardsTable;
}

/** Computes the tables. */
export function prepareEd25519(pause: Pause): PreparedBase {
  const table = makeEdwardsTable(decodePoint(BASE, false) as EdwardsPoint, pause);
  return { order: createModulus(ORDER, pause), table };
}

/** A public key, made ready. */
export interface Ed25519Key {
  readonly kind: 'Ed25519';
  readonly prepared: PreparedBase;
  /** The octets of the key. */
  readonly encoded: readonly number[];
  /** Multiples of -A. */
  readonly table: EdwardsTable;
}

/** Makes a key ready; undefined for 32 octets that are not a canonical encoding of a point (§5.1.3). */
export function createEd25519Key(
  prepared: PreparedBase,
  encoded: readonly number[],
  pause: Pause,
): Ed25519Key | undefined {
  const point = encoded.length === 32 ? decodePoint(encoded, true) : undefined;
  if (point === undefined) return undefined;
  return { kind: 'Ed25519', prepared, encoded, table: makeEdwardsTable(point, pause) };
}

/** The product of two forms, or of a form and a number: between -L and L. */
export function multiplyByOrder(a: Limbs, b: Limbs, order: Modulus, pause: Pause): Limbs {
  const out = zeroLimbs(order.size);
  multiplyModulo(out, a, b, order, pause);
  return out;
}

/** The octets, most significant first, of a number between -4L and 4L modulo L. */
export function writeScalar(number: Limbs, order: Modulus, pause: Pause): number[] {
  const one = multiplyByOrder(readNumber([1], order), order.entry, order, pause);
  return writeNumber(multiplyByOrder(number, one, order, pause), order);
}

/** A number of 64 octets, most significant first, modulo L, as high * 2^256 + low: between -2L and 2L. */
export function reduceDigest(digest: readonly number[], order: Modulus, pause: Pause): Limbs {
  const product = (a: Limbs, b: Limbs): Limbs => multiplyByOrder(a, b, order, pause);
  const one = product(readNumber([1], order), order.entry);
  const shift = product(readNumber([1].concat(octetsOfHex('00'.repeat(32))), order), order.entry);
  const sum = product(readNumber(digest.slice(32), order), one);
  addModulo(sum, 1, product(readNumber(digest.slice(0, 32), order), shift), order);
  return sum;
}

/** Whether a signature is the key's over a message, a byte string. */
export function verifyEd25519(
  key: Ed25519Key,
  message: string,
  signature: readonly number[],
  hash: Hash,
  pause: Pause,
): boolean {
  if (signature.length !== 64) return false;
  const encodedR = signature.slice(0, 32);
  const s = reverseOctets(signature.slice(32));
  // Step 1: S in [0, L).
  if (compareOctets(s, ORDER) >= 0) return false;
  // Step 2: k = SHA-512(R, A, M).
  const digest = hash.digest('SHA-512', bytesOf(encodedR.concat(key.encoded)) + message);
  const order = key.prepared.order;
  const k = writeScalar(reduceDigest(reverseOctets(octetsOf(digest)), order, pause), order, pause);
  // Step 3: R = S B - k A, which step 3 calls sufficient.
  return equalOctets(encodeSum(addMultiples(key.prepared.table, s, key.table, k, pause)), encodedR);
}
