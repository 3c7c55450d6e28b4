import { describe, expect, test } from 'vitest';
import { TEETH } from '../../../src/crypto/comb';
import { BASE } from '../../../src/crypto/ed25519';
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
} from '../../../src/crypto/edwards';
import { reverseOctets } from '../../../src/crypto/octets';
import { modulo, noPause, numberOf, octetsOfNumber } from './reference';

const P = 2n ** 255n - 19n;

function power(base: bigint, exponent: bigint): bigint {
  let [square, result] = [base, 1n];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

const invert = (value: bigint): bigint => power(modulo(value, P), P - 2n);
const D = modulo(-121665n * invert(121666n), P);

type Point = readonly [x: bigint, y: bigint];

/** RFC 8032 §5.1: the addition law, affine. */
function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const product = (D * x1 * x2 * y1 * y2) % P;
  return [modulo((x1 * y2 + x2 * y1) * invert(1n + product), P), modulo((y1 * y2 + x1 * x2) * invert(1n - product), P)];
}

function multiple(point: Point, scalar: bigint): Point {
  let [doubled, result]: [Point, Point] = [point, [0n, 1n]];
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

const encode = ([x, y]: Point): number[] => reverseOctets(octetsOfNumber(y + ((x & 1n) << 255n), 32));

const base: Point = [
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
];
const read = (octets: readonly number[], negate = false): EdwardsPoint => decodePoint(octets, negate) as EdwardsPoint;

function sumOf(...points: readonly EdwardsPoint[]): EdwardsSum {
  const sum = createSum();
  for (const point of points) addToSum(sum, point);
  return sum;
}

describe('points of edwards25519', () => {
  test('decode and encode', () => {
    expect(encode(base)).toEqual(BASE);
    for (let scalar = 1n; scalar < 12n; scalar += 1n) {
      const octets = encode(multiple(base, scalar));
      expect(encodeSum(sumOf(read(octets)))).toEqual(octets);
      const [x, y] = multiple(base, scalar);
      expect(encodeSum(sumOf(read(octets, true)))).toEqual(encode([P - x, y]));
    }
  });

  test('add, double and cancel', () => {
    const generator = read(BASE);
    const sum = createSum();
    expect(encodeSum(sum)).toEqual(encode([0n, 1n]));
    doubleSum(sum);
    expect(encodeSum(sum)).toEqual(encode([0n, 1n]));
    for (let scalar = 1n; scalar < 12n; scalar += 1n) {
      addToSum(sum, generator);
      expect(encodeSum(sum)).toEqual(encode(multiple(base, scalar)));
    }
    for (let scalar = 22n; scalar < 1n << 20n; scalar *= 2n) {
      doubleSum(sum);
      expect(encodeSum(sum)).toEqual(encode(multiple(base, scalar)));
    }
    expect(encodeSum(sumOf(generator, read(BASE, true)))).toEqual(encode([0n, 1n]));
  });

  test('of low order add up as well', () => {
    const root = power(2n, (P - 1n) / 4n);
    for (const point of [
      [0n, 1n],
      [0n, P - 1n],
      [root, 0n],
      [P - root, 0n],
    ] as Point[]) {
      const octets = encode(point);
      expect(encodeSum(sumOf(read(octets)))).toEqual(octets);
      expect(encodeSum(sumOf(read(octets), read(octets)))).toEqual(encode(add(point, point)));
      expect(encodeSum(sumOf(read(BASE), read(octets)))).toEqual(encode(add(base, point)));
    }
  });

  test('are refused when no x belongs to y', () => {
    let refused = 0;
    for (let y = 2n; y < 40n; y += 1n) {
      const square = modulo((y * y - 1n) * invert(D * y * y + 1n), P);
      const hasRoot = power(square, (P - 1n) / 2n) === 1n;
      expect(decodePoint(encode([0n, y]), false) !== undefined).toBe(hasRoot);
      if (!hasRoot) refused += 1;
    }
    expect(refused).toBeGreaterThan(5);
  });

  test('have tables of the sums that the comb uses', () => {
    const table = makeEdwardsTable(read(BASE), noPause);
    for (let index = 1; index < 2 ** TEETH; index += 1) {
      let scalar = 0n;
      for (let tooth = 0; tooth < TEETH; tooth += 1) {
        scalar += BigInt((index >>> tooth) & 1) << BigInt(tooth * EDWARDS_COLUMNS);
      }
      expect(encodeSum(sumOf(table[index] as EdwardsPoint))).toEqual(encode(multiple(base, scalar)));
    }
    expect(numberOf(BASE)).toBeGreaterThan(0n);
  });
});
