import { constants, generateKeyPairSync, privateEncrypt, randomBytes, sign, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createRsaKey, recoverMessage, type RsaKey } from '../../../src/crypto/rsa';
import { verifyPkcs1 } from '../../../src/crypto/rsa-pkcs1';
import { verifyPss } from '../../../src/crypto/rsa-pss';
import { nodeHash, noPause, numberOf, octetsOfNumber } from './reference';

function createPair(modulusLength: number, publicExponent = 65537): { key: RsaKey; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  return { key: createRsaKey([...Buffer.from(n, 'base64url')], [...Buffer.from(e, 'base64url')], noPause), privateKey };
}

const pss = (privateKey: KeyObject, saltLength: number): object => ({
  key: privateKey,
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength,
});

const HASHES = [
  ['SHA-256', 32],
  ['SHA-384', 48],
  ['SHA-512', 64],
] as const;

describe.each([
  [2048, 65537],
  [2049, 65537],
  [2055, 3],
  [2056, 17],
  [3072, 65537],
  [4096, 65539],
])('a key of %i bits with exponent %i', (bits, exponent) => {
  const { key, privateKey } = createPair(bits, exponent);

  test.each(HASHES)('verifies %s with both paddings, and nothing that was changed', (name, saltLength) => {
    for (let count = 0; count < 3; count += 1) {
      const message = randomBytes(40).toString('hex');
      const data = Buffer.from(message);
      const hash = name.replace('-', '');
      const pkcs1 = [...sign(hash, data, privateKey)];
      const salted = [...sign(hash, data, pss(privateKey, saltLength) as never)];
      expect(verifyPkcs1(key, { hash: name, message: message, signature: pkcs1 }, nodeHash, noPause)).toBe(true);
      expect(verifyPss(key, { hash: name, message: message, signature: salted }, nodeHash, noPause)).toBe(true);
      expect(verifyPkcs1(key, { hash: name, message: message, signature: salted }, nodeHash, noPause)).toBe(false);
      expect(verifyPss(key, { hash: name, message: message, signature: pkcs1 }, nodeHash, noPause)).toBe(false);
      expect(verifyPkcs1(key, { hash: name, message: `${message}.`, signature: pkcs1 }, nodeHash, noPause)).toBe(false);
      expect(verifyPss(key, { hash: name, message: `${message}.`, signature: salted }, nodeHash, noPause)).toBe(false);
      const changed = [...pkcs1];
      changed[count * 80 + 3] = (changed[count * 80 + 3] ?? 0) ^ 1;
      expect(verifyPkcs1(key, { hash: name, message: message, signature: changed }, nodeHash, noPause)).toBe(false);
    }
  });

  test('refuses a salt that is not as long as the hash', () => {
    for (const saltLength of [0, 20, 31, 33, 64]) {
      const signature = [...sign('sha256', Buffer.from('m'), pss(privateKey, saltLength) as never)];
      expect(verifyPss(key, { hash: 'SHA-256', message: 'm', signature: signature }, nodeHash, noPause)).toBe(false);
    }
  });

  test('refuses signatures of another length, and those not below the modulus', () => {
    const signature = [...sign('sha256', Buffer.from('m'), privateKey)];
    const length = key.n.length;
    expect(recoverMessage(key, signature.slice(1), noPause)).toBeUndefined();
    expect(recoverMessage(key, [...signature, 0], noPause)).toBeUndefined();
    expect(recoverMessage(key, [0, ...signature], noPause)).toBeUndefined();
    expect(recoverMessage(key, [...key.n], noPause)).toBeUndefined();
    const top = numberOf(key.n);
    expect(recoverMessage(key, octetsOfNumber(top - 1n, length), noPause)).toEqual(octetsOfNumber(top - 1n, length));
    expect(recoverMessage(key, octetsOfNumber(0n, length), noPause)).toEqual(octetsOfNumber(0n, length));
    expect(recoverMessage(key, octetsOfNumber(1n, length), noPause)).toEqual(octetsOfNumber(1n, length));
    const above = numberOf(signature) + top;
    if (above < 1n << BigInt(8 * length)) {
      expect(
        verifyPkcs1(
          key,
          { hash: 'SHA-256', message: 'm', signature: octetsOfNumber(above, length) },
          nodeHash,
          noPause,
        ),
      ).toBe(false);
    }
  });
});

test('accepts an exponent of 64 bits', () => {
  const { key } = createPair(2048);
  const exponent = 0xfedcba9876543211n;
  const wide = createRsaKey(key.n, octetsOfNumber(exponent, 8), noPause);
  const base = 0x1234567n;
  const n = numberOf(key.n);
  let [power, result] = [base, 1n];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) result = (result * power) % n;
    power = (power * power) % n;
  }
  expect(numberOf(recoverMessage(wide, octetsOfNumber(base, 256), noPause) ?? [])).toBe(result);
});

describe('encodings signed with the genuine private key', () => {
  const { key, privateKey } = createPair(2048);
  const digest = Buffer.from(nodeHash.digest('SHA-256', 'm'), 'latin1').toString('hex');
  const info = `3031300d060960864801650304020105000420${digest}`;
  const fill = (length: number): string => 'ff'.repeat(length);
  const verify = (encoded: string): boolean => {
    const signature = privateEncrypt(
      { key: privateKey, padding: constants.RSA_NO_PADDING },
      Buffer.from(encoded, 'hex'),
    );
    return verifyPkcs1(key, { hash: 'SHA-256', message: 'm', signature: [...signature] }, nodeHash, noPause);
  };

  test('the one that RFC 8017 §9.2 has is right', () => {
    expect(verify(`0001${fill(202)}00${info}`)).toBe(true);
  });

  test.each([
    ['no NULL after the hash', `0001${fill(204)}00302f300b06096086480165030402010420${digest}`],
    ['something after the digest', `0001${fill(200)}00${info}0000`],
    ['short padding and something after the digest', `0001${fill(8)}00${info}${'00'.repeat(194)}`],
    ['block type 2', `0002${fill(202)}00${info}`],
    ['a hole in the padding', `0001${fill(100)}00${fill(101)}00${info}`],
    ['another hash', `0001${fill(202)}00${info.replace('0304020105', '0304020305')}`],
    ['the digest alone', `0001${fill(221)}00${digest}`],
  ])('%s is wrong', (_, encoded) => {
    expect(encoded).toHaveLength(512);
    expect(verify(encoded)).toBe(false);
  });
});
