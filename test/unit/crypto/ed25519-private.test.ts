// Signing with Ed25519 in plain TypeScript: the vectors of the RFCs, and what OpenSSL signs with the same key.
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { deriveEd25519 } from '../../../src/crypto/ed25519-private';
import { octetsOfHex } from '../../../src/crypto/octets';
import { readyEd25519, signEd25519, type Signing } from '../../../src/crypto/plain-signing';
import { nodeHash, noPause } from './reference';

function signingWith(random: (count: number) => Buffer): Signing {
  return { hash: nodeHash, random: (count) => random(count).toString('latin1'), pause: noPause };
}
const signing = signingWith(randomBytes);
const hexOf = (base64url: string): string => Buffer.from(base64url, 'base64url').toString('hex');

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
    [
      'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
        '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
    [
      '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
      'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
        '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589' +
        '09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
    ],
  ])('secret key %s', (seed, key, message, signature) => {
    const secret = readyEd25519(octetsOfHex(seed), signing);
    expect(secret.encoded).toEqual(octetsOfHex(key));
    expect(deriveEd25519(octetsOfHex(seed), nodeHash)).toEqual(octetsOfHex(key));
    expect(hexOf(signEd25519(secret, Buffer.from(message, 'hex').toString('latin1'), signing))).toBe(signature);
  });
});

test('RFC 8037 §A.4', () => {
  const seed = Buffer.from('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', 'base64url');
  const input = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc';
  expect(signEd25519(readyEd25519([...seed], signing), input, signing)).toBe(
    'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  );
});

test('the signature is that of OpenSSL, whatever the random octets of the blinding are', () => {
  const fills = [randomBytes, (count: number) => Buffer.alloc(count), (count: number) => Buffer.alloc(count, 255)];
  for (let count = 0; count < 6; count += 1) {
    const { privateKey } = generateKeyPairSync('ed25519');
    const seed = [...Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')];
    const message = randomBytes(count * 40);
    const expected = sign(null, message, privateKey).toString('base64url');
    for (const fill of fills) {
      const own = signingWith(fill);
      expect(signEd25519(readyEd25519(seed, own), message.toString('latin1'), own)).toBe(expected);
    }
  }
});

test('no index into a table, and no coordinate, is the same for one message twice', () => {
  // Each signature takes as many random octets as its blinding needs, and takes them anew.
  const taken: number[] = [];
  const counting = signingWith((count) => {
    taken.push(count);
    return randomBytes(count);
  });
  const pkcs8 = Buffer.from('MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC', 'base64');
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const secret = readyEd25519([...Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')], counting);
  signEd25519(secret, 'x', counting);
  signEd25519(secret, 'x', counting);
  expect(taken).toEqual([95, 95, 95]);
});
