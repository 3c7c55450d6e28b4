import { expect, test } from 'vitest';
import { combColumns, countColumns, TEETH } from '../../../src/crypto/comb';
import { octetsOfNumber, randomBelow } from './reference';

test.each([253, 256, 384, 521])('the columns of %i bits hold each bit once', (bits) => {
  const columns = countColumns(bits);
  const number = randomBelow(1n << BigInt(bits));
  const indices = combColumns(octetsOfNumber(number, Math.ceil(bits / 8)), columns);
  expect(indices).toHaveLength(columns);
  let sum = 0n;
  indices.forEach((index, column) => {
    expect(index).toBeLessThan(2 ** TEETH);
    for (let tooth = 0; tooth < TEETH; tooth += 1) {
      sum += BigInt((index >>> tooth) & 1) << BigInt(column + tooth * columns);
    }
  });
  expect(sum).toBe(number);
});
