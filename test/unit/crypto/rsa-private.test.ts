// Signing with RSA in plain TypeScript: what OpenSSL verifies, and nothing where the key or the machine is wrong.
import { constants, generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signPlainly } from '../../../src/crypto/plain-signing';
import {
  BLINDING_EXCESS,
  createRsaPrivateKey,
  signMessage,
  type RsaPrivateNumbers,
} from '../../../src/crypto/rsa-private';
import { findAlgorithm, type Algorithm } from '../../../src/model/algorithm';
import { nodeHash, noPause } from './reference';

const octetsOf = (text = ''): number[] => [...Buffer.from(text, 'base64url')];
const signing = {
  hash: nodeHash,
  random: (count: number) => randomBytes(count).toString('latin1'),
  pause: noPause,
};
const algorithmOf = (name: string): Algorithm => findAlgorithm(name) as Algorithm;

function numbersOf(key: KeyObject): RsaPrivateNumbers {
  const jwk = key.export({ format: 'jwk' });
  return {
    n: octetsOf(jwk.n),
    e: octetsOf(jwk.e),
    p: octetsOf(jwk.p),
    q: octetsOf(jwk.q),
    dP: octetsOf(jwk.dp),
    dQ: octetsOf(jwk.dq),
    qInv: octetsOf(jwk.qi),
  };
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

// 2049 and 2055 bits: the encoded message of PSS is shorter than the modulus, or fills it to the bit.
describe.each([2048, 2049, 2055, 3072])('a key of %i bits', (modulusLength) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const key = createRsaPrivateKey(numbersOf(privateKey), noPause);

  test.each(['RS256', 'RS384', 'RS512'])("%s gives OpenSSL's signature", (name) => {
    const message = randomBytes(50);
    const hash = algorithmOf(name).hash.replace('-', '');
    const expected = sign(hash, message, privateKey).toString('base64url');
    expect(signPlainly(key, algorithmOf(name), message.toString('latin1'), signing)).toBe(expected);
  });

  test.each(['PS256', 'PS384', 'PS512'])('%s gives a signature that OpenSSL verifies, another each time', (name) => {
    const message = randomBytes(50);
    const hash = algorithmOf(name).hash.replace('-', '');
    const signatures = [1, 2].map(() => signPlainly(key, algorithmOf(name), message.toString('latin1'), signing) ?? '');
    for (const signature of signatures) {
      expect(verify(hash, message, { key: publicKey, ...PSS }, Buffer.from(signature, 'base64url'))).toBe(true);
    }
    expect(signatures[0]).not.toBe(signatures[1]);
  });
});

describe('no signature leaves', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const numbers = numbersOf(privateKey);
  const other = numbersOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
  const message = [0, 1, ...randomBytes(254)];
  const random = [...randomBytes(256 + BLINDING_EXCESS)];
  const signWith = (changed: Partial<RsaPrivateNumbers>, factor = random): number[] | undefined =>
    signMessage(createRsaPrivateKey({ ...numbers, ...changed }, noPause), message, factor, noPause);

  test('but of a key whose numbers belong together', () => {
    expect(signWith({})).toHaveLength(256);
    for (const name of ['p', 'q', 'dP', 'dQ', 'qInv'] as const)
      expect(signWith({ [name]: other[name] })).toBeUndefined();
    expect(signWith({ n: other.n })).toBeUndefined();
    expect(signWith({ e: [3] })).toBeUndefined();
  });

  test('where the blinding has no inverse', () => {
    expect(
      signWith(
        {},
        random.map(() => 0),
      ),
    ).toBeUndefined();
    expect(signWith({}, [...numbers.p.map(() => 0), ...[0, 0, 0, 0, 0, 0, 0, 0], ...numbers.p])).toBeUndefined();
  });
});

test('the same message is signed alike whatever it is blinded with', () => {
  const key = createRsaPrivateKey(numbersOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey), noPause);
  const message = [0, ...randomBytes(255)];
  const all = Array.from({ length: 5 }, () =>
    signMessage(key, message, [...randomBytes(256 + BLINDING_EXCESS)], noPause)?.join(),
  );
  expect(new Set(all).size).toBe(1);
  expect(all[0]).toBeDefined();
});
