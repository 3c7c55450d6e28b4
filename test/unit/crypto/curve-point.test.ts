import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isOnCurve, P256, P384, P521 } from '../../../src/crypto/curve-point';

const PRIMES = {
  'P-256': 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  'P-384': 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  'P-521': 2n ** 521n - 1n,
};

function octets(value: bigint, length: number): readonly number[] {
  return [...Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')];
}

function point(curve: string): readonly [bigint, bigint] {
  const { x, y } = generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ format: 'jwk' });
  const read = (text = ''): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
  return [read(x), read(y)];
}

describe.each([
  ['P-256' as const, P256, 32],
  ['P-384' as const, P384, 48],
  ['P-521' as const, P521, 66],
])('%s', (name, curve, length) => {
  const prime = PRIMES[name];
  const holds = (x: bigint, y: bigint): boolean => isOnCurve(curve, octets(x, length), octets(y, length));

  it('finds points of OpenSSL and their negatives on the curve', () => {
    for (let count = 0; count < 40; count++) {
      const [x, y] = point(name);
      expect([holds(x, y), holds(x, prime - y)]).toEqual([true, true]);
    }
  });

  it('finds no other point on the curve', () => {
    for (let count = 0; count < 20; count++) {
      const [x, y] = point(name);
      const others = [holds(x, y ^ 1n), holds(x ^ 1n, y), holds(y, x), holds(x, y ^ (1n << BigInt(length * 8 - 9)))];
      expect(others).toEqual([false, false, false, false]);
    }
    const most = 2n ** BigInt(length * 8) - 1n;
    for (const x of [0n, 1n, prime - 1n, prime, most]) {
      for (const y of [0n, 1n, prime - 1n, prime, most]) expect(holds(x, y)).toBe(false);
    }
  });

  it('accepts no coordinate that is not below the prime', () => {
    // x = 0 is on each of these curves: y² = b has a root.
    const b = BigInt(`0x${curve.b}`);
    const power = (base: bigint, exponent: bigint): bigint => {
      let [result, square] = [1n, base];
      for (let rest = exponent; rest > 0n; rest >>= 1n) {
        if (rest % 2n === 1n) result = (result * square) % prime;
        square = (square * square) % prime;
      }
      return result;
    };
    const root = power(b, (prime + 1n) / 4n);
    expect((root * root) % prime).toBe(b);
    expect([holds(0n, root), holds(prime, root)]).toEqual([true, false]);
  });
});
