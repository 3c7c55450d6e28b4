// Points of the curves y^2 = x^3 - 3x + b of prime order (SP 800-186 §3.2.1), in Jacobian coordinates: x = X/Z^2, y = Y/Z^3.
// Formulas: Guide to Elliptic Curve Cryptography, algorithms 3.21 (doubling) and 3.22 (adding an affine point).
import { countColumns, TEETH } from './comb';
import {
  addElements,
  combineElements,
  invertElements,
  isZeroElement,
  readElement,
  subtractElements,
  type Field,
} from './field';
import { copyLimbs, isZero, zeroLimbs, type Limbs } from './limbs';
import { octetsOfHex } from './octets';
import type { Pause } from './pause';

/** A point other than infinity. */
export interface AffinePoint {
  readonly x: Limbs;
  readonly y: Limbs;
}

/** Multiples of a point for the comb, from index 1 on (index 0 is not used). */
export type CombTable = readonly AffinePoint[];

export interface Curve {
  readonly field: Field;
  readonly b: Limbs;
  readonly generator: AffinePoint;
  /** Most significant octet first, as long as a field element. */
  readonly order: readonly number[];
  readonly columns: number;
}

/** A sum that grows, with room for intermediate results. */
export interface Accumulator {
  infinite: boolean;
  readonly x: Limbs;
  readonly y: Limbs;
  readonly z: Limbs;
  readonly scratch: readonly Limbs[];
}

/** A curve's constants, in hexadecimal. */
export interface CurveTerms {
  readonly order: string;
  readonly orderBits: number;
  readonly b: string;
  /** The generator. */
  readonly x: string;
  readonly y: string;
}

/** Makes a curve. */
export function createCurve(field: Field, terms: CurveTerms): Curve {
  const read = (hex: string): Limbs => readElement(field, octetsOfHex(hex)) as Limbs;
  return {
    field,
    b: read(terms.b),
    generator: { x: read(terms.x), y: read(terms.y) },
    order: octetsOfHex(terms.order),
    columns: countColumns(terms.orderBits),
  };
}

/** The point at infinity. */
export function createAccumulator(field: Field): Accumulator {
  const scratch: Limbs[] = [];
  for (let index = 0; index < 6; index++) scratch.push(zeroLimbs(field.size));
  const size = field.size;
  return { infinite: true, x: zeroLimbs(size), y: zeroLimbs(size), z: zeroLimbs(size), scratch };
}

/** Doubles the sum. No point of prime order has y = 0, so double the sum is never infinity. */
export function doublePoint(field: Field, sum: Accumulator): void {
  if (sum.infinite) return;
  const size = field.size;
  const multiply = field.multiply;
  const square = field.square;
  const x = sum.x;
  const y = sum.y;
  const z = sum.z;
  const delta = sum.scratch[0] as Limbs;
  const gamma = sum.scratch[1] as Limbs;
  const beta = sum.scratch[2] as Limbs;
  const alpha = sum.scratch[3] as Limbs;
  const work = sum.scratch[4] as Limbs;
  square(delta, z); // delta = Z^2
  square(gamma, y); // gamma = Y^2
  multiply(beta, x, gamma); // beta = X gamma
  subtractElements(work, x, delta, size);
  addElements(delta, x, delta, size);
  multiply(work, work, delta);
  combineElements(alpha, work, -4, work, size); // alpha = -3 (X - delta) (X + delta)
  addElements(work, y, y, size);
  multiply(z, work, z); // Z' = 2 Y Z
  square(work, alpha);
  combineElements(x, work, -8, beta, size); // X' = alpha^2 - 8 beta
  combineElements(beta, x, -4, beta, size);
  multiply(work, alpha, beta);
  square(gamma, gamma);
  combineElements(y, work, -8, gamma, size); // Y' = alpha (X' - 4 beta) - 8 gamma^2
}

function setPoint(field: Field, sum: Accumulator, point: AffinePoint): void {
  copyLimbs(sum.x, point.x, field.size);
  copyLimbs(sum.y, point.y, field.size);
  copyLimbs(sum.z, field.one, field.size);
  sum.infinite = false;
}

/** Adds a point to the sum, whatever the two are. */
export function addPoint(field: Field, sum: Accumulator, point: AffinePoint): void {
  if (sum.infinite) {
    setPoint(field, sum, point);
    return;
  }
  const size = field.size;
  const multiply = field.multiply;
  const square = field.square;
  const x = sum.x;
  const y = sum.y;
  const z = sum.z;
  const h = sum.scratch[0] as Limbs;
  const r = sum.scratch[1] as Limbs;
  const hh = sum.scratch[2] as Limbs;
  const v = sum.scratch[3] as Limbs;
  square(hh, z);
  multiply(v, z, hh);
  multiply(h, point.x, hh);
  multiply(r, point.y, v);
  subtractElements(h, h, x, size); // H = x2 Z^2 - X
  subtractElements(r, r, y, size); // r = y2 Z^3 - Y
  multiply(z, z, h); // Z' = Z H
  // INVARIANT: Z is not zero, so Z' is zero when H is: the x coordinates are the same.
  if (z[1] === 0 && isZero(z, size)) {
    const same = isZeroElement(field, r);
    setPoint(field, sum, point);
    if (same) doublePoint(field, sum);
    else sum.infinite = true;
    return;
  }
  square(hh, h);
  multiply(h, h, hh);
  multiply(v, x, hh); // V = X H^2
  square(x, r);
  subtractElements(x, x, h, size);
  combineElements(x, x, -2, v, size); // X' = r^2 - H^3 - 2 V
  multiply(h, y, h);
  subtractElements(v, v, x, size);
  multiply(y, r, v);
  combineElements(y, y, -1, h, size); // Y' = r (V - X') - Y H^3
}

/**
 * Reads a point of its coordinates (SEC 1 §2.3.4), most significant octet first.
 * @returns undefined unless both are below p and the point is on the curve; the cofactor is 1, so no more is needed
 */
export function readPoint(
  curve: Curve,
  xOctets: readonly number[],
  yOctets: readonly number[],
): AffinePoint | undefined {
  const field = curve.field;
  const size = field.size;
  const x = readElement(field, xOctets);
  const y = readElement(field, yOctets);
  if (x === undefined || y === undefined) return undefined;
  // SP 800-56A §5.6.2.3.3: y^2 = x^3 - 3x + b.
  const left = zeroLimbs(size);
  const right = zeroLimbs(size);
  field.square(left, y);
  field.square(right, x);
  field.multiply(right, right, x);
  combineElements(right, right, -3, x, size);
  addElements(right, right, curve.b, size);
  subtractElements(left, left, right, size);
  return isZeroElement(field, left) ? { x, y } : undefined;
}

/** Makes affine points of sums. INVARIANT: none is infinity. */
function toAffine(field: Field, sums: readonly Accumulator[]): AffinePoint[] {
  const inverses: Limbs[] = [];
  for (let index = 0; index < sums.length; index++) inverses.push((sums[index] as Accumulator).z);
  invertElements(field, inverses);
  const points: AffinePoint[] = [];
  for (let index = 0; index < sums.length; index++) {
    const sum = sums[index] as Accumulator;
    const square = zeroLimbs(field.size);
    field.square(square, sum.z);
    field.multiply(sum.x, sum.x, square);
    field.multiply(square, square, sum.z);
    field.multiply(sum.y, sum.y, square);
    points.push({ x: sum.x, y: sum.y });
  }
  return points;
}

/** The table of a point: entry i is the sum of 2^(k * columns) times it over the bits k of i. */
export function makeTable(curve: Curve, point: AffinePoint, pause: Pause): CombTable {
  const field = curve.field;
  const copy = (of: Accumulator): Accumulator => {
    const made = createAccumulator(field);
    copyLimbs(made.x, of.x, field.size);
    copyLimbs(made.y, of.y, field.size);
    copyLimbs(made.z, of.z, field.size);
    made.infinite = of.infinite;
    return made;
  };
  const sum = createAccumulator(field);
  addPoint(field, sum, point);
  const powers: Accumulator[] = [copy(sum)];
  for (let tooth = 1; tooth < TEETH; tooth++) {
    for (let count = 0; count < curve.columns; count++) {
      doublePoint(field, sum);
      pause();
    }
    powers.push(copy(sum));
  }
  const teeth = toAffine(field, powers);
  // INVARIANT: no entry is infinity and no two that are added are the same or opposite: all are different multiples of the
  // point, by less than its prime order.
  const entries: Accumulator[] = [];
  for (let tooth = 0; tooth < TEETH; tooth++) {
    const below = entries.length;
    for (let index = -1; index < below; index++) {
      const entry = index < 0 ? createAccumulator(field) : copy(entries[index] as Accumulator);
      addPoint(field, entry, teeth[tooth] as AffinePoint);
      entries.push(entry);
      pause();
    }
  }
  return [point].concat(toAffine(field, entries));
}

/** Whether the sum's x is a number, given as an element: X = x Z^2. */
export function hasX(field: Field, sum: Accumulator, x: Limbs): boolean {
  const work = zeroLimbs(field.size);
  field.square(work, sum.z);
  field.multiply(work, work, x);
  subtractElements(work, work, sum.x, field.size);
  return isZeroElement(field, work);
}
