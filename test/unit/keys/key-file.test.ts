import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { makeV1Certificate } from '../../integration/helpers/v1-certificate';
import { MAX_KEYS, readJwkSet, readPemFile } from '../../../src/keys/key-file';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ec384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ec521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const ed = generateKeyPairSync('ed25519');

function pem(key: KeyObject, type: 'spki' | 'pkcs1' = 'spki'): string {
  return key.export({ type, format: 'pem' }).toString();
}

function der(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64');
}

function jwkSet(...keys: object[]): string {
  return JSON.stringify({ keys });
}

const CERTIFICATE = readFileSync(new URL('../../fixtures/auth0/certificate.pem', import.meta.url), 'utf8');

describe('PEM files', () => {
  it.each([
    ['RSA', rsa.publicKey, 'RSA', 256],
    ['P-256', ec.publicKey, 'P-256', 0],
    ['P-384', ec384.publicKey, 'P-384', 0],
    ['P-521', ec521.publicKey, 'P-521', 0],
    ['Ed25519', ed.publicKey, 'Ed25519', 0],
  ])('reads a %s public key and rebuilds the same SubjectPublicKeyInfo', (_, key, type, modulusLength) => {
    const file = readPemFile(pem(key));
    expect(file).toMatchObject({ unusable: [], keys: [{ kid: undefined, type, modulusLength, spki: der(key) }] });
  });

  it('reads a PKCS#1 RSA PUBLIC KEY', () => {
    expect(readPemFile(pem(rsa.publicKey, 'pkcs1')).keys[0]?.spki).toBe(der(rsa.publicKey));
  });

  it('A2: reads the raw certificate that Auth0 hands out', () => {
    expect(readPemFile(CERTIFICATE).keys[0]?.spki).toBe(der(new X509Certificate(CERTIFICATE).publicKey));
  });

  it('reads a certificate of version 1, which says no version', () => {
    for (const { privateKey, publicKey } of [rsa, ec]) {
      expect(readPemFile(makeV1Certificate(privateKey, publicKey)).keys[0]?.spki).toBe(der(publicKey));
    }
  });

  it('reads several keys in one file, with CRLF, text and blank lines between', () => {
    const file =
      'subject=x\r\n' + pem(rsa.publicKey).replaceAll('\n', '\r\n') + '\n\n' + pem(ec.publicKey) + CERTIFICATE;
    expect(readPemFile(file).keys.map((key) => key.type)).toEqual(['RSA', 'P-256', 'RSA']);
  });

  it.each([
    ['an empty file', '', 'no PEM block'],
    ['text', 'hello', 'no PEM block'],
    ['a private key', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'private key'],
    ['a key cut short', pem(rsa.publicKey).slice(0, 200), 'end line is missing'],
    ['a body that is not base64', '-----BEGIN PUBLIC KEY-----\nMII*\n-----END PUBLIC KEY-----\n', 'not base64'],
    [
      'DER with bytes left over',
      '-----BEGIN PUBLIC KEY-----\nMAAA\n-----END PUBLIC KEY-----\n',
      'not a SubjectPublicKeyInfo',
    ],
    ['a short RSA key', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), '1024 bits'],
    ['another curve', pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey), 'not P-256'],
    ['Ed448', pem(generateKeyPairSync('ed448').publicKey), 'not RSA, EC or Ed25519'],
    [
      'a DSA request',
      '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n',
      'not PUBLIC KEY',
    ],
  ])('refuses %s and says why', (_, content, phrase) => {
    const file = readPemFile(content);
    expect(file.keys).toEqual([]);
    expect(file.unusable.join()).toContain(phrase);
  });
});

describe('JWK sets (RFC 7517)', () => {
  it.each([
    ['RSA', rsa.publicKey],
    ['P-256', ec.publicKey],
    ['P-384', ec384.publicKey],
    ['P-521', ec521.publicKey],
    ['Ed25519', ed.publicKey],
  ])('turns a %s JWK into the same SubjectPublicKeyInfo as OpenSSL', (_, key) => {
    const file = readJwkSet(jwkSet({ ...key.export({ format: 'jwk' }), kid: 'one' }), text);
    expect(file).toMatchObject({ unusable: [], keys: [{ kid: 'one', spki: der(key) }] });
  });

  const good = rsa.publicKey.export({ format: 'jwk' });
  const point = ec.publicKey.export({ format: 'jwk' });
  it.each([
    ['use: enc', { ...good, use: 'enc' }],
    ['key_ops without verify', { ...good, key_ops: ['encrypt'] }],
    ['an alg of another type', { ...good, alg: 'ES256' }],
    ['an alg for encryption', { ...good, alg: 'RSA-OAEP' }],
    ['an unknown alg', { ...good, alg: 'RS1' }],
    ['a private key', rsa.privateKey.export({ format: 'jwk' })],
    ['a secret', { kty: 'oct', k: 'AAAA' }],
    ['no kty', { ...good, kty: undefined }],
    ['a kid that is a number', { ...good, kid: 7 }],
    ['padding in n', { ...good, n: String(good.n) + '=' }],
    ['a short coordinate', { ...point, x: 'AAAA' }],
    ['a curve that does not fit', { ...point, crv: 'P-384' }],
    ['a point off its curve', { ...point, y: point.x }],
    ['use: enc that may verify', { ...good, use: 'enc', key_ops: ['verify'] }],
    ['use: sig that may only sign', { ...good, use: 'sig', key_ops: ['sign'] }],
    ['key_ops that is not a list', { ...good, key_ops: 'verify' }],
    ['key_ops of null', { ...good, key_ops: [null] }],
    ['a use that is a list', { ...good, use: ['sig'] }],
    ['an alg of null in a list', { ...good, alg: [null] }],
    ['a secret that is empty', { kty: 'oct', k: '' }],
    ['an exponent of 1', { ...good, e: 'AQ' }],
    ['an even exponent', { ...good, e: 'Ag' }],
    ['not an object', 5],
  ])('passes over a key with %s and keeps the good ones (RFC 7517 §5)', (_, bad) => {
    const file = readJwkSet(jwkSet(bad as object, { ...point, kid: 'good' }), text);
    expect(file.keys.map((key) => key.kid)).toEqual(['good']);
    expect(file.unusable).toHaveLength(1);
    expect(file.unusable[0]).toContain('key 1 cannot be used: ');
  });

  it.each(['use', 'key_ops', 'alg', 'kid', 'd', 'p', 'q', 'k', 'dp', 'oth', 'x5c', 'x5u', 'x5t', 'crv', 'x', 'y'])(
    'takes a `%s` of null, "" or [] for one that is not there',
    (member) => {
      for (const value of [null, '', []]) {
        const [plain, ...others] = readJwkSet(jwkSet(good, { ...good, [member]: value }), text).keys;
        expect(others).toEqual([plain]);
      }
    },
  );

  it.each(['kty', 'n', 'e'])('passes over a key whose `%s` is null, "" or []', (member) => {
    for (const value of [null, '', []]) {
      expect(readJwkSet(jwkSet({ ...good, [member]: value }), text).keys).toEqual([]);
    }
  });

  it('says so of a key that only a certificate holds', () => {
    const file = readJwkSet(jwkSet({ kty: 'RSA', x5c: ['MIIB'] }, { ...good, x5c: ['MIIB'] }), text);
    expect(file.unusable).toEqual([
      'key 1 cannot be used: it is in a certificate (`x5c`) alone; it needs `n` and `e`, or `x` and `y`',
    ]);
    expect(file.keys).toHaveLength(1);
  });

  it('binds a key to its own alg (RFC 7517 §4.4) and otherwise to its type', () => {
    const keys = readJwkSet(
      jwkSet({ ...good, alg: 'PS384' }, good, { ...good, use: 'sig', key_ops: ['verify'] }),
      text,
    ).keys;
    expect(keys[0]?.algorithms).toEqual(['PS384']);
    expect(keys[1]?.algorithms).toEqual(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']);
    expect(keys).toHaveLength(3);
  });

  it.each([['{}'], ['[]'], ['{"keys":{}}'], ['{"keys":[]}'], ['{"keys":[],"keys":[]}'], ['<html>'], ['']])(
    'finds no key in %s',
    (content) => {
      const file = readJwkSet(content, text);
      expect(file.keys).toEqual([]);
      expect(file.unusable).toHaveLength(1);
    },
  );

  it.each([
    ['', 'an empty `use`', { use: '' }],
    ['', 'an empty `key_ops`', { key_ops: [] }],
    [true, 'a `use` for encryption', { use: 'enc' }],
  ])('takes a broken key for one of another use only where it says so (%s): %s', (says, _, members) => {
    expect(readJwkSet(jwkSet({ ...good, n: '!', ...members }), text).hasNone).toBe(says === true);
  });

  it('reads as many keys as the limit and refuses a larger set whole', () => {
    const many = (count: number) => jwkSet(...Array.from({ length: count }, () => point));
    expect(readJwkSet(many(MAX_KEYS), text).keys).toHaveLength(MAX_KEYS);
    expect(readJwkSet(many(MAX_KEYS + 1), text).keys).toHaveLength(0);
  });
});
