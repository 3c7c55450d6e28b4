// ECDSA verification (FIPS 186-5 §6.4.2) of signatures in the form of JWS, r and s one after the other (RFC 7518 §3.4).
import type { Limbs } from './limbs';
import { combColumns } from './comb';
import { readElement } from './field';
import { invertOctets } from './inverse';
import { zeroLimbs } from './limbs';
import { formOf, multiplyModulo, readNumber, writeNumber, type Modulus } from './modulus';
import { areZero, compareOctets } from './octets';
import type { Pause } from './pause';
import {
  addPoint,
  createAccumulator,
  doublePoint,
  hasX,
  makeTable,
  readPoint,
  type Accumulator,
  type AffinePoint,
  type CombTable,
  type Curve,
} from './weierstrass';

/** A curve with what all its keys share. */
export interface PreparedCurve {
  readonly curve: Curve;
  /** The order of the generator, to compute modulo it. */
  readonly order: Modulus;
  readonly generatorTable: CombTable;
}

/** A public key, made ready. */
export interface EcdsaKey {
  readonly kind: 'ECDSA';
  readonly prepared: PreparedCurve;
  readonly table: CombTable;
}

/** Makes a key ready; undefined for coordinates that are not a point of the curve. */
export function createEcdsaKey(
  prepared: PreparedCurve,
  x: readonly number[],
  y: readonly number[],
  pause: Pause,
): EcdsaKey | undefined {
  const point = readPoint(prepared.curve, x, y);
  if (point === undefined) return undefined;
  return { kind: 'ECDSA', prepared, table: makeTable(prepared.curve, point, pause) };
}

/** first * G + second * Q, both numbers below the order, in one run over the bits. */
function addMultiples(key: EcdsaKey, first: readonly number[], second: readonly number[], pause: Pause): Accumulator {
  const curve = key.prepared.curve;
  const field = curve.field;
  const ofGenerator = combColumns(first, curve.columns);
  const ofKey = combColumns(second, curve.columns);
  const sum = createAccumulator(field);
  for (let column = curve.columns - 1; column >= 0; column--) {
    doublePoint(field, sum);
    const generatorIndex = ofGenerator[column] as number;
    const keyIndex = ofKey[column] as number;
    if (generatorIndex > 0) addPoint(field, sum, key.prepared.generatorTable[generatorIndex] as AffinePoint);
    if (keyIndex > 0) addPoint(field, sum, key.table[keyIndex] as AffinePoint);
    pause();
  }
  return sum;
}

/** r + n, when that is still below p: x of a point may be either, as only its rest modulo n is in the signature. */
function addOrder(curve: Curve, r: readonly number[]): Limbs | undefined {
  const sum: number[] = [];
  let carry = 0;
  for (let index = 0; index < r.length; index++) sum.push(0);
  for (let index = r.length - 1; index >= 0; index--) {
    const octet = (r[index] as number) + (curve.order[index] as number) + carry;
    sum[index] = octet & 255;
    carry = octet >>> 8;
  }
  return carry === 0 ? readElement(curve.field, sum) : undefined;
}

/** Whether a number is in [1, n - 1]. */
function isInRange(number: readonly number[], order: readonly number[]): boolean {
  return compareOctets(number, order) < 0 && !areZero(number);
}

/**
 * Whether a signature is the key's over a digest.
 * @param digest at most as long as the order: no hash of JWS has bits to cut off
 */
export function verifyEcdsa(
  key: EcdsaKey,
  digest: readonly number[],
  signature: readonly number[],
  pause: Pause,
): boolean {
  const curve = key.prepared.curve;
  const modulus = key.prepared.order;
  const length = curve.order.length;
  if (signature.length !== 2 * length) return false;
  const r = signature.slice(0, length);
  const s = signature.slice(length);
  // Step 1.
  if (!isInRange(r, curve.order) || !isInRange(s, curve.order)) return false;
  // Steps 4 and 5: u = e / s, v = r / s.
  const inverse = formOf(readNumber(invertOctets(s, curve.order), modulus), modulus, pause);
  const u = zeroLimbs(modulus.size);
  const v = zeroLimbs(modulus.size);
  multiplyModulo(u, readNumber(digest, modulus), inverse, modulus, pause);
  multiplyModulo(v, readNumber(r, modulus), inverse, modulus, pause);
  // Steps 6 to 9, without the division for x.
  const sum = addMultiples(key, writeNumber(u, modulus), writeNumber(v, modulus), pause);
  if (sum.infinite) return false;
  const x = readElement(curve.field, r);
  const next = addOrder(curve, r);
  return (x !== undefined && hasX(curve.field, sum, x)) || (next !== undefined && hasX(curve.field, sum, next));
}
