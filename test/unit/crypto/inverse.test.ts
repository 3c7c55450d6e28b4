import { expect, test } from 'vitest';
import { invertOctets } from '../../../src/crypto/inverse';
import { numberOf, octetsOfNumber, samplesBelow } from './reference';

const PRIMES = [
  2n ** 256n - 2n ** 224n + 2n ** 192n - 0x4319055258e8617b0c46353d039cdaafn,
  2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  2n ** 521n - 1n,
  2n ** 255n - 19n,
  2n ** 252n + 27742317777372353535851937790883648493n,
  251n,
];

test.each(PRIMES)('a number times its inverse is one modulo %d', (prime) => {
  const length = Math.ceil(prime.toString(16).length / 2);
  for (const sample of samplesBelow(prime)) {
    if (sample === 0n) continue;
    const inverse = numberOf(invertOctets(octetsOfNumber(sample, length), octetsOfNumber(prime, length)));
    expect((inverse * sample) % prime).toBe(1n);
    expect(inverse < prime).toBe(true);
  }
});
