import { createECDH } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { TEETH } from '../../../src/crypto/comb';
import { curveP256, curveP384, curveP521 } from '../../../src/crypto/curves';
import { combineElements, invertElement, writeElement } from '../../../src/crypto/field';
import { copyLimbs, zeroLimbs } from '../../../src/crypto/limbs';
import {
  addPoint,
  createAccumulator,
  doublePoint,
  hasX,
  makeTable,
  type Accumulator,
  type AffinePoint,
} from '../../../src/crypto/weierstrass';
import { noPause, numberOf, octetsOfNumber } from './reference';

const CURVES = [
  ['P-256', 'prime256v1', curveP256],
  ['P-384', 'secp384r1', curveP384],
  ['P-521', 'secp521r1', curveP521],
] as const;

describe.each(CURVES)('points of %s', (_, name, curve) => {
  const { field, generator } = curve;
  const { size } = field;
  const length = curve.order.length;
  const order = numberOf(curve.order);

  /** x and y of a multiple of the generator, by node:crypto. */
  function multipleOf(scalar: bigint): string {
    const ecdh = createECDH(name);
    ecdh.setPrivateKey(Buffer.from(octetsOfNumber(scalar, length)));
    return ecdh.getPublicKey('hex').slice(2);
  }

  const write = ({ x, y }: AffinePoint): string =>
    Buffer.from([...writeElement(field, x), ...writeElement(field, y)]).toString('hex');

  function affine(sum: Accumulator): string {
    const [inverse, power, x, y] = [zeroLimbs(size), zeroLimbs(size), zeroLimbs(size), zeroLimbs(size)];
    invertElement(field, inverse, sum.z);
    field.square(power, inverse);
    field.multiply(x, sum.x, power);
    field.multiply(power, power, inverse);
    field.multiply(y, sum.y, power);
    return write({ x, y });
  }

  function opposite(point: AffinePoint): AffinePoint {
    const y = zeroLimbs(size);
    combineElements(y, zeroLimbs(size), -1, point.y, size);
    return { x: point.x, y };
  }

  test('add up to the multiples that node:crypto has, doubled where the two are the same', () => {
    const sum = createAccumulator(field);
    for (let scalar = 1n; scalar <= 20n; scalar += 1n) {
      addPoint(field, sum, generator);
      expect(affine(sum)).toBe(multipleOf(scalar));
      expect(hasX(field, sum, zeroLimbs(size))).toBe(false);
    }
  });

  test('double', () => {
    const sum = createAccumulator(field);
    addPoint(field, sum, generator);
    for (let scalar = 2n; scalar < 1n << 30n; scalar *= 2n) {
      doublePoint(field, sum);
      expect(affine(sum)).toBe(multipleOf(scalar));
    }
  });

  test('cancel into infinity, which can be doubled and added to', () => {
    const sum = createAccumulator(field);
    doublePoint(field, sum);
    expect(sum.infinite).toBe(true);
    addPoint(field, sum, generator);
    addPoint(field, sum, opposite(generator));
    expect(sum.infinite).toBe(true);
    doublePoint(field, sum);
    expect(sum.infinite).toBe(true);
    addPoint(field, sum, opposite(generator));
    expect(affine(sum)).toBe(multipleOf(order - 1n));
  });

  test('are found the same or opposite also with another Z', () => {
    // 2 G + G with Z other than one, then its own affine form, or the opposite of that, on top.
    const third = createAccumulator(field);
    addPoint(field, third, generator);
    doublePoint(field, third);
    addPoint(field, third, generator);
    const text = affine(third);
    const table = makeTable(curve, generator, noPause);
    expect(write(table[1] as AffinePoint)).toBe(multipleOf(1n));
    const fresh = (): Accumulator => {
      const copy = createAccumulator(field);
      copy.infinite = false;
      copyLimbs(copy.x, third.x, size);
      copyLimbs(copy.y, third.y, size);
      copyLimbs(copy.z, third.z, size);
      return copy;
    };
    const [x, y] = [zeroLimbs(size), zeroLimbs(size)];
    const inverse = zeroLimbs(size);
    invertElement(field, inverse, third.z);
    field.square(x, inverse);
    field.multiply(y, x, inverse);
    field.multiply(x, x, third.x);
    field.multiply(y, y, third.y);
    expect(write({ x, y })).toBe(text);
    const doubled = fresh();
    addPoint(field, doubled, { x, y });
    expect(affine(doubled)).toBe(multipleOf(6n));
    const cancelled = fresh();
    addPoint(field, cancelled, opposite({ x, y }));
    expect(cancelled.infinite).toBe(true);
    expect(hasX(field, third, x)).toBe(true);
  });

  test('have tables of the sums that the comb uses', () => {
    const table = makeTable(curve, generator, noPause);
    expect(table).toHaveLength(2 ** TEETH);
    for (let index = 1; index < 2 ** TEETH; index += 1) {
      let scalar = 0n;
      for (let tooth = 0; tooth < TEETH; tooth += 1) {
        scalar += BigInt((index >>> tooth) & 1) << BigInt(tooth * curve.columns);
      }
      expect(write(table[index] as AffinePoint)).toBe(multipleOf(scalar));
    }
  });
});
