// Ed25519 verification (RFC 8032 §5.1.7), strict: S below L, and the encoding of R compared octet by octet, so that only
// its canonical encoding passes. Points of low order are refused where, and only where, the equation fails.
import type { Hash } from '../ports/hash';
import { combColumns } from './comb';
import {
  addToSum,
  createSum,
  decodePoint,
  doubleSum,
  EDWARDS_COLUMNS,
  encodeSum,
  makeEdwardsTable,
  type EdwardsPoint,
  type EdwardsSum,
  type EdwardsTable,
} from './edwards';
import { addElements } from './field';
import { zeroLimbs, type Limbs } from './limbs';
import { multiplyModulo, readNumber, writeNumber, type Modulus } from './modulus';
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

/** A number of 64 octets, most significant first, modulo L: high * 2^256 + low. */
function reduceDigest(digest: readonly number[], order: Modulus, pause: Pause): number[] {
  const product = (a: Limbs, b: Limbs): Limbs => {
    const out = zeroLimbs(order.size);
    multiplyModulo(out, a, b, order, pause);
    return out;
  };
  const one = product(readNumber([1], order), order.entry);
  const shift = product(readNumber([1].concat(octetsOfHex('00'.repeat(32))), order), order.entry);
  const high = product(readNumber(digest.slice(0, 32), order), shift);
  const sum = product(readNumber(digest.slice(32), order), one);
  addElements(sum, sum, high, order.size);
  return writeNumber(product(sum, one), order);
}

/** S * B + k * (-A), in one run over the bits. */
function addMultiples(key: Ed25519Key, s: readonly number[], k: readonly number[], pause: Pause): EdwardsSum {
  const ofBase = combColumns(s, EDWARDS_COLUMNS);
  const ofKey = combColumns(k, EDWARDS_COLUMNS);
  const sum = createSum();
  for (let column = EDWARDS_COLUMNS - 1; column >= 0; column--) {
    doubleSum(sum);
    const baseIndex = ofBase[column] as number;
    const keyIndex = ofKey[column] as number;
    if (baseIndex > 0) addToSum(sum, key.prepared.table[baseIndex] as EdwardsPoint);
    if (keyIndex > 0) addToSum(sum, key.table[keyIndex] as EdwardsPoint);
    pause();
  }
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
  const k = reduceDigest(reverseOctets(octetsOf(digest)), key.prepared.order, pause);
  // Step 3: R = S B - k A, which step 3 calls sufficient.
  return equalOctets(encodeSum(addMultiples(key, s, k, pause)), encodedR);
}
