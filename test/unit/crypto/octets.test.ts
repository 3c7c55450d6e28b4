import { expect, test } from 'vitest';
import {
  areZero,
  bitOf,
  bytesOf,
  compareOctets,
  countBits,
  equalOctets,
  octetsOf,
  octetsOfHex,
  reverseOctets,
} from '../../../src/crypto/octets';

test('octets become a byte string and come back', () => {
  const all = Array.from({ length: 256 }, (_, octet) => octet);
  expect(octetsOf(bytesOf(all))).toEqual(all);
  expect(bytesOf(all)).toBe(Buffer.from(all).toString('latin1'));
  expect(octetsOfHex('00ff10')).toEqual([0, 255, 16]);
  expect(reverseOctets([1, 2, 3])).toEqual([3, 2, 1]);
});

test('octets compare as numbers', () => {
  expect(compareOctets([1, 2], [1, 3])).toBeLessThan(0);
  expect(compareOctets([2, 0], [1, 255])).toBeGreaterThan(0);
  expect(compareOctets([1, 2], [1, 2])).toBe(0);
  expect(equalOctets([1], [1, 0])).toBe(false);
  expect(equalOctets([1, 0], [1, 0])).toBe(true);
  expect([areZero([0, 0]), areZero([0, 1])]).toEqual([true, false]);
});

test('bits are counted and found', () => {
  expect([countBits([]), countBits([0, 0]), countBits([0, 1]), countBits([0x80, 0]), countBits([1, 0])]).toEqual([
    0, 0, 1, 16, 9,
  ]);
  expect([0, 1, 8, 15, 16, 100].map((bit) => bitOf([0x81, 0x02], bit))).toEqual([0, 1, 1, 1, 0, 0]);
});
