import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bytesOf, octetsOf } from '../../../src/crypto/octets';
import { plainHash } from '../../../src/crypto/plain-hash';
import { nodeHash } from './reference';

const hex = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex');

// FIPS 180-4's examples of "abc".
const KNOWN = {
  'SHA-256': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  'SHA-384': 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  'SHA-512':
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
    '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
} as const;

describe.each(['SHA-256', 'SHA-384', 'SHA-512'] as const)('%s', (name) => {
  test('has the known answer', () => {
    expect(hex(plainHash.digest(name, 'abc'))).toBe(KNOWN[name]);
  });

  test('agrees with node:crypto at every length around a block', () => {
    for (let length = 0; length <= 260; length += 1) {
      const bytes = bytesOf(octetsOf(randomBytes(length).toString('latin1')));
      expect(hex(plainHash.digest(name, bytes))).toBe(hex(nodeHash.digest(name, bytes)));
    }
  });
});
