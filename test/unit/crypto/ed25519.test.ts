import { createPublicKey, generateKeyPairSync, sign, verify as verifyByNode } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  BASE,
  createEd25519Key,
  ORDER,
  verifyEd25519,
  type Ed25519Key,
  type PreparedBase,
} from '../../../src/crypto/ed25519';
import { decodePoint, makeEdwardsTable, type EdwardsPoint } from '../../../src/crypto/edwards';
import { createModulus } from '../../../src/crypto/modulus';
import { octetsOfHex, reverseOctets } from '../../../src/crypto/octets';
import { nodeHash, noPause, numberOf, octetsOfNumber } from './reference';

const PRIME = 2n ** 255n - 19n;

const prepared: PreparedBase = {
  order: createModulus(ORDER, noPause),
  table: makeEdwardsTable(decodePoint(BASE, false) as EdwardsPoint, noPause),
};

const keyOf = (encoded: readonly number[]): Ed25519Key | undefined => createEd25519Key(prepared, encoded, noPause);
const littleEndian = (value: bigint): number[] => reverseOctets(octetsOfNumber(value, 32));

function verify(key: Ed25519Key | undefined, message: string, signature: readonly number[]): boolean {
  return key !== undefined && verifyEd25519(key, message, signature, nodeHash, noPause);
}

describe('RFC 8032 §7.1', () => {
  test.each([
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
        '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
  ])('secret key %s', (_, key, message, signature) => {
    const text = Buffer.from(message, 'hex').toString('latin1');
    expect(verify(keyOf(octetsOfHex(key)), text, octetsOfHex(signature))).toBe(true);
    expect(verify(keyOf(octetsOfHex(key)), `${text}.`, octetsOfHex(signature))).toBe(false);
  });
});

test('verifies what node:crypto signed, and nothing that was changed', () => {
  for (let count = 0; count < 8; count += 1) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { x = '' } = publicKey.export({ format: 'jwk' });
    const key = keyOf([...Buffer.from(x, 'base64url')]);
    const message = 'm'.repeat(count * 20);
    const signature = [...sign(null, Buffer.from(message), privateKey)];
    expect(verify(key, message, signature)).toBe(true);
    signature[count * 8] = (signature[count * 8] ?? 0) ^ (1 << count);
    expect(verify(key, message, signature)).toBe(false);
  }
});

describe('strictness', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const encoded = [...Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')];
  const key = keyOf(encoded);
  const signature = [...sign(null, Buffer.from('m'), privateKey)];

  test('refuses S + L, which is the same modulo L', () => {
    const s = numberOf(reverseOctets(signature.slice(32)));
    expect(verify(key, 'm', signature)).toBe(true);
    expect(verify(key, 'm', [...signature.slice(0, 32), ...littleEndian(s + numberOf(ORDER))])).toBe(false);
  });

  test('refuses other lengths', () => {
    expect(verify(key, 'm', [...signature, 0])).toBe(false);
    expect(verify(key, 'm', signature.slice(0, 63))).toBe(false);
    expect(verify(key, 'm', [])).toBe(false);
  });

  test('reads no key that is not the canonical encoding of a point', () => {
    expect(keyOf(littleEndian(PRIME + 1n))).toBeUndefined();
    expect(keyOf(littleEndian(PRIME))).toBeUndefined();
    // y = 2 has no x; x = 0 has no sign.
    expect(keyOf(littleEndian(2n))).toBeUndefined();
    expect(keyOf(littleEndian(1n))).toBeDefined();
    expect(keyOf(littleEndian(1n + (1n << 255n)))).toBeUndefined();
    expect(keyOf(littleEndian(PRIME - 1n + (1n << 255n)))).toBeUndefined();
    expect(keyOf(encoded.slice(1))).toBeUndefined();
  });

  test('refuses an R that is not canonical even where the equation holds', () => {
    // With the neutral point as the key, R = S B: for S = 0 it is (0, 1), also spelt with y = p + 1 or with the sign.
    const neutral = keyOf(littleEndian(1n));
    expect(verify(neutral, 'm', [...littleEndian(1n), ...littleEndian(0n)])).toBe(true);
    expect(verify(neutral, 'm', [...littleEndian(PRIME + 1n), ...littleEndian(0n)])).toBe(false);
    expect(verify(neutral, 'm', [...littleEndian(1n + (1n << 255n)), ...littleEndian(0n)])).toBe(false);
  });
});

test('computes with a point of low order as node:crypto does', () => {
  // (0, -1) has order 2: k A is neutral or (0, -1), as k is even or odd.
  const encoded = littleEndian(PRIME - 1n);
  const x = Buffer.from(encoded).toString('base64url');
  const reference = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signature = [...littleEndian(1n), ...littleEndian(0n)];
  const messages = Array.from({ length: 16 }, (_, count) => String(count));
  const answers = messages.map((message) => verify(keyOf(encoded), message, signature));
  expect(answers).toEqual(
    messages.map((message) => verifyByNode(null, Buffer.from(message), reference, Uint8Array.from(signature))),
  );
  expect(new Set(answers).size).toBe(2);
});
