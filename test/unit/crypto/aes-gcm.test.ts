import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encryptBlock, expandKey } from '../../../src/crypto/aes';
import { makeGcmKey, openBytes, sealBytes } from '../../../src/crypto/aes-gcm';
import { makeAesTables } from '../../../src/crypto/aes-tables';
import { octetsOfWords, wordAt } from '../../../src/crypto/sha-words';
import { GCM_VECTORS } from '../../contract/sealing';
import { noPause } from './reference';

const tables = makeAesTables();
const bytesOfHex = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');
const keyOfHex = (hex: string) => makeGcmKey([...Buffer.from(hex, 'hex')], tables);

function sealByNode(key: Buffer, nonce: Buffer, plaintext: Buffer): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString('latin1');
}

describe('AES-256', () => {
  test('has the known answer of FIPS 197, appendix C.3', () => {
    const key = [...Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')];
    const block = [...Buffer.from('00112233445566778899aabbccddeeff', 'hex')];
    const into: number[] = [];
    encryptBlock(
      expandKey(key, tables),
      [0, 4, 8, 12].map((at) => wordAt(block, at)),
      into,
    );
    expect(Buffer.from(octetsOfWords(into)).toString('hex')).toBe('8ea2b7ca516745bfeafc49904b496089');
  });
});

describe('AES-256-GCM', () => {
  test.each(GCM_VECTORS)('has the known answer of $id', ({ key, nonce, plaintext, sealed }) => {
    const ready = keyOfHex(key);
    expect(sealBytes(ready, bytesOfHex(nonce), bytesOfHex(plaintext), noPause)).toBe(bytesOfHex(sealed));
    expect(openBytes(ready, bytesOfHex(nonce), bytesOfHex(sealed), noPause)).toBe(bytesOfHex(plaintext));
  });

  test('agrees with node:crypto at every length around a block, and on long texts', () => {
    const lengths = [...Array.from({ length: 70 }, (_, length) => length), 1000, 4096, 12_345];
    for (const length of lengths) {
      const key = randomBytes(32);
      const nonce = randomBytes(12);
      const plaintext = randomBytes(length);
      const ready = makeGcmKey([...key], tables);
      const sealed = sealBytes(ready, nonce.toString('latin1'), plaintext.toString('latin1'), noPause);
      expect(sealed).toBe(sealByNode(key, nonce, plaintext));
      expect(openBytes(ready, nonce.toString('latin1'), sealed, noPause)).toBe(plaintext.toString('latin1'));
    }
  });

  test('opens nothing of which one bit, the length, the nonce or the key is another', () => {
    const ready = makeGcmKey([...randomBytes(32)], tables);
    const nonce = randomBytes(12).toString('latin1');
    const sealed = sealBytes(ready, nonce, 'a session that nobody else may read', noPause);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const bytes = Buffer.from(sealed, 'latin1');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(openBytes(ready, nonce, bytes.toString('latin1'), noPause)).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(openBytes(ready, nonce, sealed.slice(0, length), noPause)).toBeUndefined();
    }
    expect(openBytes(ready, nonce, `${sealed}\0`, noPause)).toBeUndefined();
    expect(openBytes(ready, randomBytes(12).toString('latin1'), sealed, noPause)).toBeUndefined();
    expect(openBytes(ready, nonce.slice(1), sealed, noPause)).toBeUndefined();
    expect(openBytes(makeGcmKey([...randomBytes(32)], tables), nonce, sealed, noPause)).toBeUndefined();
    expect(openBytes(ready, nonce, sealed, noPause)).toBe('a session that nobody else may read');
  });

  test('pauses while it works on a long text', () => {
    const ready = makeGcmKey([...randomBytes(32)], tables);
    let pauses = 0;
    sealBytes(ready, randomBytes(12).toString('latin1'), 'x'.repeat(4096), () => (pauses += 1));
    expect(pauses).toBeGreaterThan(10);
  });
});
