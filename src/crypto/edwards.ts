// Points of edwards25519 (RFC 8032 §5.1) in extended coordinates: x = X/Z, y = Y/Z, x y = T/Z. The formulas are complete:
// they hold for any two points of the curve (Hisil, Wong, Carter, Dawson, "Twisted Edwards curves revisited", §3.1, §3.3).
import { combColumns, countColumns, TEETH } from './comb';
import { field25519 } from './curve25519-field';
import {
  addElements,
  combineElements,
  invertElements,
  isZeroElement,
  readElement,
  subtractElements,
  writeElement,
} from './field';
import { copyLimbs, zeroLimbs, type Limbs } from './limbs';
import { bitOf, octetsOfHex, reverseOctets } from './octets';
import type { Pause } from './pause';

const field = field25519;
const size = field.size;
const multiply = field.multiply;
const square = field.square;

/** A sum that grows, with room for intermediate results. */
export interface EdwardsSum {
  readonly x: Limbs;
  readonly y: Limbs;
  readonly z: Limbs;
  readonly t: Limbs;
  readonly scratch: readonly Limbs[];
}

/** An affine point as adding it needs it: y + x, y - x, 2 d x y. */
export interface EdwardsPoint {
  readonly plus: Limbs;
  readonly minus: Limbs;
  readonly product: Limbs;
}

/** Multiples of a point for the comb; at index 0 the neutral point. */
export type EdwardsTable = readonly EdwardsPoint[];

/** Scalars are below 2^253. */
export const EDWARDS_COLUMNS = countColumns(253);

function constant(hex: string): Limbs {
  return readElement(field, octetsOfHex(hex)) as Limbs;
}

/** RFC 8032 §5.1: d = -121665/121666. */
const D = constant('52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3');
/** RFC 8032 §5.1.3: 2^((p - 1) / 4). */
const ROOT_OF_MINUS_ONE = constant('2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0');
/** (p - 5) / 8 = 2^252 - 3. */
const ROOT_EXPONENT = octetsOfHex('0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd');

/** The neutral point (0, 1). */
export function createSum(): EdwardsSum {
  const scratch: Limbs[] = [];
  for (let index = 0; index < 5; index++) scratch.push(zeroLimbs(size));
  const sum = { x: zeroLimbs(size), y: zeroLimbs(size), z: zeroLimbs(size), t: zeroLimbs(size), scratch };
  copyLimbs(sum.y, field.one, size);
  copyLimbs(sum.z, field.one, size);
  return sum;
}

/** The end of doubling and adding: X = E F, Y = G H, T = E H, Z = F G. */
function finish(sum: EdwardsSum, e: Limbs, f: Limbs, g: Limbs, h: Limbs): void {
  multiply(sum.x, e, f);
  multiply(sum.y, g, h);
  multiply(sum.t, e, h);
  multiply(sum.z, f, g);
}

/** Doubles the sum. */
export function doubleSum(sum: EdwardsSum): void {
  const a = sum.scratch[0] as Limbs;
  const b = sum.scratch[1] as Limbs;
  const e = sum.scratch[2] as Limbs;
  const f = sum.scratch[3] as Limbs;
  const g = sum.scratch[4] as Limbs;
  square(a, sum.x);
  square(b, sum.y);
  square(f, sum.z);
  addElements(e, sum.x, sum.y, size);
  square(e, e);
  subtractElements(g, b, a, size); // G = B - A
  addElements(a, a, b, size);
  combineElements(f, g, -2, f, size); // F = G - 2 Z^2
  subtractElements(e, e, a, size); // E = (X + Y)^2 - A - B
  combineElements(a, a, -2, a, size); // H = -A - B
  finish(sum, e, f, g, a);
}

/** Adds a point to the sum. */
export function addToSum(sum: EdwardsSum, point: EdwardsPoint): void {
  const a = sum.scratch[0] as Limbs;
  const b = sum.scratch[1] as Limbs;
  const c = sum.scratch[2] as Limbs;
  const f = sum.scratch[3] as Limbs;
  const g = sum.scratch[4] as Limbs;
  subtractElements(a, sum.y, sum.x, size);
  multiply(a, a, point.minus);
  addElements(b, sum.y, sum.x, size);
  multiply(b, b, point.plus);
  multiply(c, sum.t, point.product);
  addElements(g, sum.z, sum.z, size);
  subtractElements(f, g, c, size); // F = 2 Z - C
  addElements(g, g, c, size); // G = 2 Z + C
  subtractElements(c, b, a, size); // E = B - A
  addElements(b, b, a, size); // H = B + A
  finish(sum, c, f, g, b);
}

/** x^((p - 5) / 8). */
function raiseToRoot(x: Limbs): Limbs {
  const out = zeroLimbs(size);
  copyLimbs(out, x, size);
  for (let bit = 250; bit >= 0; bit--) {
    square(out, out);
    if (bitOf(ROOT_EXPONENT, bit) === 1) multiply(out, out, x);
  }
  return out;
}

/** A root of u / v (RFC 8032 §5.1.3 steps 2 and 3); undefined when there is none. */
function findRoot(u: Limbs, v: Limbs): Limbs | undefined {
  const x = zeroLimbs(size);
  const work = zeroLimbs(size);
  square(work, v);
  multiply(work, work, v);
  multiply(x, u, work); // u v^3
  multiply(work, x, work);
  multiply(work, work, v); // u v^7
  multiply(x, x, raiseToRoot(work));
  square(work, x);
  multiply(work, work, v); // v x^2
  const difference = zeroLimbs(size);
  subtractElements(difference, work, u, size);
  if (isZeroElement(field, difference)) return x;
  addElements(difference, work, u, size);
  if (!isZeroElement(field, difference)) return undefined;
  multiply(x, x, ROOT_OF_MINUS_ONE);
  return x;
}

/** An affine point ready to be added. */
function makePoint(x: Limbs, y: Limbs): EdwardsPoint {
  const point = { plus: zeroLimbs(size), minus: zeroLimbs(size), product: zeroLimbs(size) };
  combineElements(point.plus, y, 1, x, size);
  combineElements(point.minus, y, -1, x, size);
  multiply(point.product, x, y);
  multiply(point.product, point.product, D);
  combineElements(point.product, point.product, 1, point.product, size);
  return point;
}

/**
 * Decodes a point (RFC 8032 §5.1.3).
 * @param octets the 32 octets of a key
 * @param negate whether to answer the point with the opposite x
 * @returns undefined for y not below p, no x for it, or x = 0 with the sign set
 */
export function decodePoint(octets: readonly number[], negate: boolean): EdwardsPoint | undefined {
  const reversed = reverseOctets(octets);
  const sign = (reversed[0] as number) >>> 7;
  reversed[0] = (reversed[0] as number) & 127;
  const y = readElement(field, reversed);
  if (y === undefined) return undefined;
  const u = zeroLimbs(size);
  const v = zeroLimbs(size);
  square(v, y);
  subtractElements(u, v, field.one, size); // u = y^2 - 1
  multiply(v, v, D);
  addElements(v, v, field.one, size); // v = d y^2 + 1
  const x = findRoot(u, v);
  if (x === undefined) return undefined;
  if (sign === 1 && isZeroElement(field, x)) return undefined;
  const isOpposite = bitOf(writeElement(field, x), 0) !== sign;
  if (isOpposite !== negate) combineElements(x, x, -2, x, size);
  return makePoint(x, y);
}

/**
 * Multiplies the coordinates by a random factor, which the point does not depend on: Z, and so the time that its inverse
 * takes, then tells nothing about the secret whose multiple the point is (Naccache, Smart, Stern, "Projective coordinates leak").
 * @param random 31 octets
 */
export function blindSum(sum: EdwardsSum, random: readonly number[]): void {
  // Below p, and never zero.
  const factor = readElement(field, [1].concat(random)) as Limbs;
  multiply(sum.x, sum.x, factor);
  multiply(sum.y, sum.y, factor);
  multiply(sum.z, sum.z, factor);
  multiply(sum.t, sum.t, factor);
}

/** Encodes the sum (RFC 8032 §5.1.2). */
export function encodeSum(sum: EdwardsSum): number[] {
  const x = zeroLimbs(size);
  const y = zeroLimbs(size);
  const inverse = zeroLimbs(size);
  copyLimbs(inverse, sum.z, size);
  invertElements(field, [inverse]);
  multiply(x, sum.x, inverse);
  multiply(y, sum.y, inverse);
  const octets = writeElement(field, y);
  octets[0] = (octets[0] as number) + bitOf(writeElement(field, x), 0) * 128;
  return reverseOctets(octets);
}

/** Makes affine points of sums; Z is never zero on this curve. */
function toPoints(sums: readonly EdwardsSum[]): EdwardsPoint[] {
  const inverses: Limbs[] = [];
  for (let index = 0; index < sums.length; index++) inverses.push((sums[index] as EdwardsSum).z);
  invertElements(field, inverses);
  const points: EdwardsPoint[] = [];
  for (let index = 0; index < sums.length; index++) {
    const sum = sums[index] as EdwardsSum;
    multiply(sum.x, sum.x, sum.z);
    multiply(sum.y, sum.y, sum.z);
    points.push(makePoint(sum.x, sum.y));
  }
  return points;
}

function copySum(of: EdwardsSum): EdwardsSum {
  const made = createSum();
  copyLimbs(made.x, of.x, size);
  copyLimbs(made.y, of.y, size);
  copyLimbs(made.z, of.z, size);
  copyLimbs(made.t, of.t, size);
  return made;
}

/** The table of a point: entry i is the sum of 2^(k * columns) times it over the bits k of i. */
export function makeEdwardsTable(point: EdwardsPoint, pause: Pause): EdwardsTable {
  const sum = createSum();
  addToSum(sum, point);
  const powers: EdwardsSum[] = [copySum(sum)];
  for (let tooth = 1; tooth < TEETH; tooth++) {
    for (let count = 0; count < EDWARDS_COLUMNS; count++) {
      doubleSum(sum);
      pause();
    }
    powers.push(copySum(sum));
  }
  const teeth = toPoints(powers);
  const entries: EdwardsSum[] = [];
  for (let tooth = 0; tooth < TEETH; tooth++) {
    const below = entries.length;
    for (let index = -1; index < below; index++) {
      const entry = index < 0 ? createSum() : copySum(entries[index] as EdwardsSum);
      addToSum(entry, teeth[tooth] as EdwardsPoint);
      entries.push(entry);
      pause();
    }
  }
  const neutral = { plus: zeroLimbs(size), minus: zeroLimbs(size), product: zeroLimbs(size) };
  copyLimbs(neutral.plus, field.one, size);
  copyLimbs(neutral.minus, field.one, size);
  return [neutral].concat(toPoints(entries));
}

/** first * P + second * Q for the tables of P and Q, in one run over the bits; the same steps for all numbers. */
export function addMultiples(
  tableP: EdwardsTable,
  first: readonly number[],
  tableQ: EdwardsTable,
  second: readonly number[],
  pause: Pause,
): EdwardsSum {
  const ofP = combColumns(first, EDWARDS_COLUMNS);
  const ofQ = combColumns(second, EDWARDS_COLUMNS);
  const sum = createSum();
  for (let column = EDWARDS_COLUMNS - 1; column >= 0; column--) {
    doubleSum(sum);
    addToSum(sum, tableP[ofP[column] as number] as EdwardsPoint);
    addToSum(sum, tableQ[ofQ[column] as number] as EdwardsPoint);
    pause();
  }
  return sum;
}
