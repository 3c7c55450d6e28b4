import { describe, expect, test } from 'vitest';
import { field25519 } from '../../../src/crypto/curve25519-field';
import {
  addElements,
  combineElements,
  FIELD_BITS,
  invertElement,
  invertElements,
  isZeroElement,
  readElement,
  subtractElements,
  writeElement,
  type Field,
} from '../../../src/crypto/field';
import { zeroLimbs, type Limbs } from '../../../src/crypto/limbs';
import { fieldP256 } from '../../../src/crypto/p256-field';
import { fieldP384 } from '../../../src/crypto/p384-field';
import { fieldP521 } from '../../../src/crypto/p521-field';
import { modulo, numberOf, octetsOfNumber, samplesBelow, valueOf } from './reference';

const FIELDS: readonly (readonly [name: string, field: Field, prime: bigint])[] = [
  ['P-256', fieldP256, 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n],
  ['P-384', fieldP384, 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n],
  ['P-521', fieldP521, 2n ** 521n - 1n],
  ['25519', field25519, 2n ** 255n - 19n],
];

describe.each(FIELDS)('the field of %s', (_, field, prime) => {
  const { size } = field;
  const length = field.prime.length;
  const samples = samplesBelow(prime);
  const read = (value: bigint): Limbs => readElement(field, octetsOfNumber(value, length)) as Limbs;
  const written = (element: Limbs): bigint => numberOf(writeElement(field, element));
  const inverseOf = (value: bigint): bigint => {
    let [power, result] = [value, 1n];
    for (let exponent = prime - 2n; exponent > 0n; exponent >>= 1n) {
      if (exponent % 2n === 1n) result = (result * power) % prime;
      power = (power * power) % prime;
    }
    return result;
  };

  test('has its prime', () => {
    expect(numberOf(field.prime)).toBe(prime);
    expect(written(field.one)).toBe(1n);
  });

  test('reads what is below the prime, and nothing else', () => {
    for (const sample of samples) expect(written(read(sample))).toBe(sample);
    expect(readElement(field, octetsOfNumber(prime, length))).toBeUndefined();
    expect(readElement(field, octetsOfNumber(prime + 1n, length))).toBeUndefined();
    expect(readElement(field, octetsOfNumber(1n, length + 1))).toBeUndefined();
    expect(readElement(field, octetsOfNumber(1n, length - 1))).toBeUndefined();
  });

  test('multiplies and squares', () => {
    const out = zeroLimbs(size);
    for (const a of samples) {
      for (const b of samples) {
        field.multiply(out, read(a), read(b));
        expect(written(out)).toBe((a * b) % prime);
      }
      field.square(out, read(a));
      expect(written(out)).toBe((a * a) % prime);
    }
  });

  test('multiplies sums and differences that have not been carried, in place', () => {
    for (const a of samples) {
      for (const b of samples) {
        const sum = read(a);
        const difference = read(a);
        addElements(sum, sum, read(b), size);
        subtractElements(difference, difference, read(b), size);
        field.multiply(sum, sum, difference);
        expect(written(sum)).toBe(modulo((a + b) * (a - b), prime));
        field.square(difference, difference);
        expect(written(difference)).toBe(modulo((a - b) ** 2n, prime));
      }
    }
  });

  test('keeps the largest limbs that are allowed below 2^53', () => {
    // Every limb at its most, on both sides: two summands times two.
    for (const [left, right] of [
      [1, 1],
      [1, -1],
      [-1, -1],
    ] as const) {
      const a = zeroLimbs(size);
      const b = zeroLimbs(size);
      for (let index = 1; index <= size; index += 1) {
        a[index] = left * 2 ** 24;
        b[index] = right * 2 ** 24;
      }
      const product = modulo(valueOf(a, size, FIELD_BITS) * valueOf(b, size, FIELD_BITS), prime);
      const out = zeroLimbs(size);
      field.multiply(out, a, b);
      field.multiply(out, out, field.entry);
      expect(modulo(valueOf(out, size, FIELD_BITS), prime)).toBe(product);
      field.square(out, a);
      field.multiply(out, out, field.entry);
      expect(modulo(valueOf(out, size, FIELD_BITS), prime)).toBe(modulo(valueOf(a, size, FIELD_BITS) ** 2n, prime));
    }
  });

  test('products are below the prime and carried', () => {
    const out = zeroLimbs(size);
    for (const a of samples) {
      field.multiply(out, read(a), read(prime - 1n));
      const value = valueOf(out, size, FIELD_BITS);
      expect(value < prime && value > -prime).toBe(true);
      for (let index = 1; index < size; index += 1) expect(Math.abs(out[index] ?? NaN)).toBeLessThan(2 ** 23 + 2 ** 18);
    }
  });

  test('combines', () => {
    const out = zeroLimbs(size);
    for (const a of samples) {
      combineElements(out, read(a), -8, read(prime - 5n), size);
      expect(written(out)).toBe(modulo(a + 40n, prime));
    }
  });

  test('knows zero in every form', () => {
    const zero = zeroLimbs(size);
    expect(isZeroElement(field, zero)).toBe(true);
    subtractElements(zero, read(5n), read(5n), size);
    expect(isZeroElement(field, zero)).toBe(true);
    addElements(zero, read(prime - 5n), read(5n), size);
    expect(isZeroElement(field, zero)).toBe(true);
    expect(isZeroElement(field, field.primeLimbs)).toBe(true);
    expect(isZeroElement(field, read(1n))).toBe(false);
  });

  test('inverts', () => {
    const all = samples.filter((sample) => sample !== 0n);
    const elements = all.map(read);
    invertElements(field, elements);
    expect(elements.map(written)).toEqual(all.map(inverseOf));
    const out = zeroLimbs(size);
    invertElement(field, out, read(2n));
    expect(written(out)).toBe(inverseOf(2n));
  });
});
