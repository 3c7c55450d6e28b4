// Private keys in every form that OpenSSL writes: read as the one form that hosts import, or refused in plain words.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readPrivateKey, readRsaNumbers } from '../../../src/keys/private-key';
import { octetsOfHex } from '../../../src/crypto/octets';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const curve = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;
const pemOf = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1' = 'pkcs8'): string =>
  String(key.export({ format: 'pem', type: type }));

function problemOf(content: string): string {
  const answer = readPrivateKey(content);
  return answer.ok ? 'none' : answer.problem;
}

describe('a private key', () => {
  const p256 = curve('P-256');
  const p384 = curve('P-384');
  const p521 = curve('P-521');
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  test.each([
    ['RSA in PKCS#8', 'RSA', rsa, pemOf(rsa)],
    ['RSA in PKCS#1', 'RSA', rsa, pemOf(rsa, 'pkcs1')],
    ['P-256 in PKCS#8', 'P-256', p256, pemOf(p256)],
    ['P-256 in SEC 1', 'P-256', p256, pemOf(p256, 'sec1')],
    ['P-384 in PKCS#8', 'P-384', p384, pemOf(p384)],
    ['P-521 in SEC 1', 'P-521', p521, pemOf(p521, 'sec1')],
    ['Ed25519', 'Ed25519', ed25519, pemOf(ed25519)],
    [
      'behind parameters of the curve',
      'P-256',
      p256,
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pemOf(p256, 'sec1')}`,
    ],
  ] as const)('%s is read, and is the same key', (_name, type, key, pem) => {
    const answer = readPrivateKey(pem);
    if (!answer.ok) throw new Error(answer.problem);
    expect(answer.value.type).toBe(type);
    const read = createPrivateKey({ key: Buffer.from(answer.value.pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
    expect(read.export({ format: 'jwk' })).toEqual(key.export({ format: 'jwk' }));
  });

  // RFC 8410 §10.3: version 1, and version 2 with attributes and the public key.
  test.each([
    'MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC',
    'MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=',
  ])('of Ed25519 has the one form in which it is imported: %s', (base64) => {
    const answer = readPrivateKey(`-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`);
    expect(answer).toMatchObject({
      ok: true,
      value: { type: 'Ed25519', pkcs8: 'MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC' },
    });
  });

  test('has the certificate that stands beside it', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';
    const answer = readPrivateKey(certificate + pemOf(rsa));
    expect(answer).toMatchObject({ ok: true, value: { certificate: [0x30, 0] } });
  });
});

describe('what is refused', () => {
  const encrypted = String(
    rsa.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'x' } as never),
  );
  const old = String(rsa.export({ format: 'pem', type: 'pkcs1', cipher: 'aes-128-cbc', passphrase: 'x' } as never));
  const small = pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
  test.each([
    ['nothing', '', 'has no private key in PEM (`-----BEGIN PRIVATE KEY-----`)'],
    [
      'a certificate alone',
      '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----',
      'has no private key in PEM (`-----BEGIN PRIVATE KEY-----`)',
    ],
    ['two keys', pemOf(rsa) + pemOf(rsa), 'has more than one private key'],
    ['an encrypted key', encrypted, 'cannot be used: it is encrypted; give it without a passphrase'],
    [
      'an encrypted key of old',
      old,
      'cannot be used: its body is not base64 (an encrypted key?), or its end line is missing',
    ],
    ['an RSA key of 1024 bits', small, 'cannot be used: its RSA modulus has 1024 bits; 2048 is the least'],
    ['another curve', pemOf(curve('secp256k1')), 'cannot be used: its curve is not P-256, P-384 or P-521'],
    ['Ed448', pemOf(generateKeyPairSync('ed448').privateKey), 'cannot be used: its type is not RSA, EC or Ed25519'],
    ['X25519', pemOf(generateKeyPairSync('x25519').privateKey), 'cannot be used: its type is not RSA, EC or Ed25519'],
    [
      'Ed25519 with a seed of 31 octets',
      `-----BEGIN PRIVATE KEY-----\n${Buffer.from(`302d020100300506032b657004210 41f${'11'.repeat(31)}`.replace(' ', ''), 'hex').toString('base64')}\n-----END PRIVATE KEY-----`,
      'cannot be used: it is no private key of Ed25519',
    ],
    [
      'no DER',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
      'cannot be used: it is not a PrivateKeyInfo',
    ],
    [
      'no end',
      pemOf(rsa).slice(0, -30),
      'cannot be used: its body is not base64 (an encrypted key?), or its end line is missing',
    ],
  ])('%s', (_name, content, problem) => {
    expect(problemOf(content)).toBe(problem);
  });

  test('each key that was cut, and an RSA key whose primes are none', () => {
    const der = rsa.export({ format: 'der', type: 'pkcs8' });
    for (let length = 0; length < der.length; length += 7) {
      const pem = `-----BEGIN PRIVATE KEY-----\n${der.subarray(0, length).toString('base64')}\n-----END PRIVATE KEY-----`;
      expect(problemOf(pem)).toMatch(/^cannot be used: /);
    }
    const jwk = rsa.export({ format: 'jwk' });
    const even = Buffer.from(jwk.p ?? '', 'base64url');
    const hex = rsa.export({ format: 'der', type: 'pkcs1' }).toString('hex');
    const changed = hex.replace(even.toString('hex'), `${even.toString('hex').slice(0, -2)}00`);
    const pem = `-----BEGIN RSA PRIVATE KEY-----\n${Buffer.from(changed, 'hex').toString('base64')}\n-----END RSA PRIVATE KEY-----`;
    expect(problemOf(pem)).toBe('cannot be used: its primes are none');
    expect(readRsaNumbers(octetsOfHex(hex))?.p).toEqual([...even]);
  });
});
