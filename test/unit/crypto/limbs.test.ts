import { describe, expect, test } from 'vitest';
import {
  carryLimbs,
  isNegative,
  isZero,
  limbsOfOctets,
  octetsOfLimbs,
  zeroLimbs,
  type Limbs,
} from '../../../src/crypto/limbs';
import { octetsOfNumber, samplesBelow, valueOf } from './reference';

const SIZE = 12;

describe.each([22, 23, 24])('limbs of %i bits', (bits) => {
  const samples = samplesBelow(1n << 256n);

  test('hold the number that octets spell, and give it back', () => {
    for (const sample of samples) {
      const limbs = limbsOfOctets(octetsOfNumber(sample, 32), SIZE, bits);
      expect(valueOf(limbs, SIZE, bits)).toBe(sample);
      carryLimbs(limbs, limbs, SIZE, bits);
      expect(octetsOfLimbs(limbs, SIZE, bits, 32)).toEqual(octetsOfNumber(sample, 32));
    }
  });

  test('keep their value when carried, and get small', () => {
    const limbs: Limbs = zeroLimbs(SIZE);
    for (let index = 1; index <= SIZE; index += 1) limbs[index] = (index % 2 === 0 ? -1 : 1) * (2 ** 51 - index);
    const value = valueOf(limbs, SIZE, bits);
    const carried = zeroLimbs(SIZE);
    carryLimbs(carried, limbs, SIZE, bits);
    expect(valueOf(carried, SIZE, bits)).toBe(value);
    for (let index = 1; index < SIZE; index += 1)
      expect(Math.abs(carried[index] ?? NaN)).toBeLessThanOrEqual(2 ** (bits - 1));
  });

  test('tell their sign by the topmost that is not zero', () => {
    const limbs = zeroLimbs(SIZE);
    expect([isNegative(limbs, SIZE), isZero(limbs, SIZE)]).toEqual([false, true]);
    limbs[3] = -1;
    expect([isNegative(limbs, SIZE), isZero(limbs, SIZE)]).toEqual([true, false]);
    limbs[4] = 1;
    expect([isNegative(limbs, SIZE), isZero(limbs, SIZE)]).toEqual([false, false]);
  });
});
