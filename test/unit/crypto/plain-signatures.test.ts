import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AlgorithmName, KeyType } from '../../../src/model/algorithm';
import type { PublicKey } from '../../../src/model/key';
import { plainHash } from '../../../src/crypto/plain-hash';
import { createPlainSignatures } from '../../../src/crypto/plain-signatures';
import type { VerifyRequest } from '../../../src/ports/signatures';
import { keyOf, nodeHash } from './reference';

const INPUT = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9';

interface Case {
  readonly algorithm: AlgorithmName;
  readonly type: KeyType;
  readonly key: PublicKey;
  readonly signature: Buffer;
}

function makeCase(
  algorithm: AlgorithmName,
  type: KeyType,
  pair: { publicKey: KeyObject; privateKey: KeyObject },
): Case {
  const bits = Number(algorithm.slice(2));
  const options = {
    key: pair.privateKey,
    dsaEncoding: 'ieee-p1363' as const,
    ...(algorithm.startsWith('PS') ? { padding: 6, saltLength: bits / 8 } : {}),
  };
  const signature = sign(type === 'Ed25519' ? null : `sha${bits}`, Buffer.from(INPUT), options);
  return { algorithm, type, key: keyOf(pair.publicKey, type, algorithm), signature };
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const CASES: readonly Case[] = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const).map((name) => makeCase(name, 'RSA', rsa)),
  makeCase('ES256', 'P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  makeCase('ES384', 'P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  makeCase('ES512', 'P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  makeCase('EdDSA', 'Ed25519', generateKeyPairSync('ed25519')),
];

const requestOf = ({ algorithm, key, signature }: Case, change: Partial<VerifyRequest> = {}): VerifyRequest => ({
  algorithm,
  key,
  signingInput: INPUT,
  signature: signature.toString('base64url'),
  ...change,
});

describe.each(CASES)('$algorithm', (one) => {
  const signatures = createPlainSignatures(nodeHash);

  test('is valid, and invalid when the input or the signature is another', () => {
    expect(signatures.algorithms).toContain(one.algorithm);
    expect(signatures.prepare(one.key)).toBeUndefined();
    expect(signatures.verify(requestOf(one))).toBe('valid');
    expect(signatures.verify(requestOf(one, { signingInput: `${INPUT}.` }))).toBe('invalid');
    const changed = Buffer.from(one.signature);
    changed[20] = (changed[20] ?? 0) ^ 4;
    expect(signatures.verify(requestOf(one, { signature: changed.toString('base64url') }))).toBe('invalid');
  });

  test('is invalid when the signature is not canonical base64url of the right length', () => {
    const text = one.signature.toString('base64url');
    for (const signature of ['', 'AA', text.slice(1), `${text}AA`, `${text}=`, `+${text.slice(1)}`]) {
      expect(signatures.verify(requestOf(one, { signature }))).toBe('invalid');
    }
  });

  test('is never checked with a key of another type', () => {
    const other = CASES.find(({ type }) => type !== one.type) as Case;
    expect(signatures.verify(requestOf(one, { key: other.key }))).toBe('unavailable');
    const disguised: PublicKey = { ...other.key, type: one.type };
    expect(createPlainSignatures(nodeHash).verify(requestOf(one, { key: disguised }))).not.toBe('valid');
  });

  test('comes out the same with the plain hash and with pauses in between', () => {
    let pauses = 0;
    const pausing = createPlainSignatures(plainHash, () => {
      pauses += 1;
    });
    pausing.prepare(one.key);
    pauses = 0;
    expect(pausing.verify(requestOf(one))).toBe('valid');
    expect(pauses).toBeGreaterThan(40);
  });

  test('comes out right when another verification runs inside each pause', () => {
    let depth = 0;
    const answers = new Set<string>();
    const nested = createPlainSignatures(nodeHash, () => {
      if (depth > 0) return;
      depth += 1;
      answers.add(nested.verify(requestOf(one)));
      depth -= 1;
    });
    expect(nested.verify(requestOf(one))).toBe('valid');
    expect([...answers]).toEqual(['valid']);
  });
});

describe('keys', () => {
  const [{ key }] = CASES as [Case];

  test('an elliptic curve key off its curve is named when it is made ready, and verifies nothing', () => {
    const es256 = CASES.find(({ algorithm }) => algorithm === 'ES256') as Case;
    const spki = Buffer.from(es256.key.spki, 'base64');
    spki[spki.length - 1] = (spki[spki.length - 1] ?? 0) ^ 1;
    const bad: PublicKey = { ...es256.key, spki: spki.toString('base64') };
    const signatures = createPlainSignatures(nodeHash);
    expect(signatures.prepare(bad)).toBe('a key of type P-256 is not a point of its curve');
    expect(signatures.verify(requestOf(es256, { key: bad }))).toBe('unavailable');
    expect(signatures.verify(requestOf(es256))).toBe('valid');
  });

  test('a key that cannot be read verifies nothing', () => {
    const signatures = createPlainSignatures(nodeHash);
    for (const spki of ['', 'AAAA', '====', key.spki.slice(4)]) {
      expect(signatures.verify({ ...requestOf(CASES[0] as Case), key: { ...key, spki } })).toBe('unavailable');
    }
  });

  test('no more than 128 are kept, and those dropped come back', () => {
    const signatures = createPlainSignatures(nodeHash);
    const ed = CASES.find(({ algorithm }) => algorithm === 'EdDSA') as Case;
    expect(signatures.verify(requestOf(ed))).toBe('valid');
    for (let count = 0; count < 300; count += 1) {
      signatures.prepare({ ...ed.key, spki: Buffer.from(`key ${count}`).toString('base64') });
    }
    expect(signatures.verify(requestOf(ed))).toBe('valid');
  });

  test('a secret is not for plain verification', () => {
    const secret = 's'.repeat(32);
    const signature = createHmac('sha256', secret).update(INPUT).digest('base64url');
    const signatures = createPlainSignatures(nodeHash);
    const hmac = { kind: 'secret', kid: undefined, type: 'oct', algorithms: ['HS256'], secret } as const;
    expect(signatures.prepare(hmac)).toBeUndefined();
    expect(signatures.verify({ algorithm: 'HS256', key: hmac, signingInput: INPUT, signature })).toBe('unavailable');
    expect(signatures.algorithms).not.toContain('HS256');
  });
});
