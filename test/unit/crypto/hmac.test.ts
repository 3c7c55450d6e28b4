import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { deriveKey, hmacSha256 } from '../../../src/crypto/hmac';
import { plainHash } from '../../../src/crypto/plain-hash';
import { HKDF_VECTORS } from '../../contract/sealing';

const bytesOfHex = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');
const hex = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex');

describe('HMAC-SHA-256', () => {
  test('agrees with node:crypto at every length of a key around a block', () => {
    for (let length = 0; length <= 130; length += 1) {
      const key = randomBytes(length);
      const message = randomBytes(length % 17);
      const expected = createHmac('sha256', key).update(message).digest('hex');
      expect(hex(hmacSha256(key.toString('latin1'), message.toString('latin1'), plainHash))).toBe(expected);
    }
  });
});

describe('HKDF-SHA-256', () => {
  test.each(HKDF_VECTORS)('has the known answer of $id', ({ secret, salt, info, key }) => {
    const length = key.length / 2;
    expect(hex(deriveKey(bytesOfHex(secret), bytesOfHex(salt), bytesOfHex(info), length, plainHash))).toBe(key);
  });

  test('agrees with node:crypto', () => {
    for (const length of [1, 32, 33, 64, 255]) {
      const secret = randomBytes(length);
      const salt = randomBytes(length % 40);
      const info = randomBytes(length % 50);
      const expected = Buffer.from(hkdfSync('sha256', secret, salt, info, length)).toString('latin1');
      const bytes = [secret, salt, info].map((buffer) => buffer.toString('latin1'));
      expect(deriveKey(bytes[0] ?? '', bytes[1] ?? '', bytes[2] ?? '', length, plainHash)).toBe(expected);
    }
  });
});
