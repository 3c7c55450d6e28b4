// Encodings of RSASSA-PSS that were signed with the genuine private key, each with one fault.
import { constants, createHash, generateKeyPairSync, privateEncrypt, publicDecrypt, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRsaKey } from '../../../src/crypto/rsa';
import { verifyPss } from '../../../src/crypto/rsa-pss';
import { nodeHash, noPause, numberOf, octetsOfNumber } from './reference';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
const [modulus, exponent] = [n, e].map((one) => [...Buffer.from(one, 'base64url')]) as [number[], number[]];
const key = createRsaKey(modulus, exponent, noPause);
const RAW = { padding: constants.RSA_NO_PADDING };

function encode(saltLength: number): number[] {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const signature = sign('sha256', Buffer.from('m'), { key: privateKey, padding, saltLength });
  return [...publicDecrypt({ key: publicKey, ...RAW }, signature)];
}

function verify(encoded: readonly number[]): boolean {
  const signature = privateEncrypt({ key: privateKey, ...RAW }, Buffer.from(encoded));
  return verifyPss(key, { hash: 'SHA-256', message: 'm', signature: [...signature] }, nodeHash, noPause);
}

test('the encoding of RFC 8017 §9.1.1 is right, and one with a last octet other than 0xbc is not', () => {
  expect(verify(encode(32))).toBe(true);
  expect(verify([...encode(32).slice(0, -1), 0xbd])).toBe(false);
});

test.each([0, 20, 31, 33, 64])('a salt of %d octets is refused: RFC 7518 §3.5 has as many as the hash', (length) => {
  expect(verify(encode(length))).toBe(false);
});

test('an encoding with a bit above those of the message is refused', () => {
  const top = 1n << 2047n;
  let encoded = encode(32);
  // What is signed has to stay below the modulus.
  while (numberOf(encoded) + top >= numberOf(modulus)) encoded = encode(32);
  expect(verify(encoded)).toBe(true);
  expect(verify(octetsOfNumber(numberOf(encoded) + top, 256))).toBe(false);
});

const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** EMSA-PSS-ENCODE (RFC 8017 §9.1.1) with a salt of 32 octets behind a padding of one's own. */
function encodeBehind(padding: Buffer): number[] {
  const salt = Buffer.alloc(32, 7);
  const tag = sha256(Buffer.alloc(8), sha256(Buffer.from('m')), salt);
  const block = Buffer.concat([padding, salt]);
  const mask = Buffer.concat(
    Array.from({ length: Math.ceil(block.length / 32) }, (_, counter) => sha256(tag, Buffer.from([0, 0, 0, counter]))),
  );
  const masked = [...block].map((octet, index) => octet ^ (mask[index] ?? 0));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return [...masked, ...tag, 0xbc];
}

test('the padding before the salt is zeros and one 0x01, each octet of it', () => {
  const good = Buffer.concat([Buffer.alloc(190), Buffer.from([1])]);
  expect(verify(encodeBehind(good))).toBe(true);
  for (const place of [0, 1, 95, 189]) {
    const bad = Buffer.from(good);
    bad[place] = 1;
    expect(verify(encodeBehind(bad))).toBe(false);
  }
  for (const last of [0, 2])
    expect(verify(encodeBehind(Buffer.concat([Buffer.alloc(190), Buffer.from([last])])))).toBe(false);
});
