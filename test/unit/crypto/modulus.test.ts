import { describe, expect, test } from 'vitest';
import { zeroLimbs } from '../../../src/crypto/limbs';
import { createModulus, multiplyModulo, readNumber, squareModulo, writeNumber } from '../../../src/crypto/modulus';
import { noPause, numberOf, octetsOfNumber, randomBelow, samplesBelow } from './reference';

/** Odd moduli with few ones, many ones, and any. */
function moduliOf(bits: bigint): bigint[] {
  const top = 1n << (bits - 1n);
  return [top + 1n, 2n * top - 1n, top + randomBelow(top >> 1n) * 2n + 1n];
}

describe.each([253, 256, 384, 521, 2048, 2049, 2055, 2056, 2067, 2070, 3072, 8192])('moduli of %i bits', (bits) => {
  const length = Math.ceil(bits / 8);

  test('multiply and square', () => {
    for (const n of moduliOf(BigInt(bits))) {
      const modulus = createModulus(octetsOfNumber(n, length), noPause);
      const samples = samplesBelow(n).slice(0, bits > 4096 ? 8 : 12);
      const out = zeroLimbs(modulus.size);
      for (const a of samples) {
        for (const b of [samples.at(-1) ?? 0n, n - 1n]) {
          multiplyModulo(out, readNumber(octetsOfNumber(a, length), modulus), modulus.entry, modulus, noPause);
          multiplyModulo(out, out, readNumber(octetsOfNumber(b, length), modulus), modulus, noPause);
          expect(numberOf(writeNumber(out, modulus))).toBe((a * b) % n);
        }
        multiplyModulo(out, readNumber(octetsOfNumber(a, length), modulus), modulus.entry, modulus, noPause);
        squareModulo(out, out, modulus, noPause);
        multiplyModulo(out, out, readNumber([1], modulus), modulus, noPause);
        expect(numberOf(writeNumber(out, modulus))).toBe((a * a) % n);
      }
    }
  });
});

test('pauses while it multiplies', () => {
  const n = moduliOf(2048n)[2] ?? 0n;
  let pauses = 0;
  const modulus = createModulus(octetsOfNumber(n, 256), noPause);
  multiplyModulo(zeroLimbs(modulus.size), modulus.entry, modulus.entry, modulus, () => {
    pauses += 1;
  });
  expect(pauses).toBeGreaterThan(10);
});
