// The WebCrypto port, here on Node's WebCrypto; the integration tests run it on nginx's.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSignatures, probeEd25519 } from '../../../../nginx/ports/signatures';
import type { VerificationKey } from '../../../../src/model/key';
import type { SignatureOutcome } from '../../../../src/ports/signatures';

const INPUT = 'header.payload';
const pair = generateKeyPairSync('ed25519');

function publicKey(key: KeyObject): VerificationKey {
  const spki = key.export({ type: 'spki', format: 'der' }).toString('base64');
  return { kind: 'public', kid: undefined, type: 'Ed25519', algorithms: ['EdDSA'], spki, modulusLength: 0 };
}

function verify(key: VerificationKey, signingInput: string): Promise<SignatureOutcome> {
  const signature = sign(null, Buffer.from(INPUT), pair.privateKey).toString('base64url');
  return createSignatures(true).verify({ algorithm: 'EdDSA', key, signingInput, signature });
}

describe('createSignatures', () => {
  test('verifies EdDSA where the engine has Ed25519', async () => {
    expect(await probeEd25519()).toBe(true);
    expect(await verify(publicKey(pair.publicKey), INPUT)).toBe('valid');
    expect(await verify(publicKey(pair.publicKey), `${INPUT}x`)).toBe('invalid');
    expect(await verify(publicKey(generateKeyPairSync('ed25519').publicKey), INPUT)).toBe('invalid');
  });

  test('a key that the engine cannot import is unavailable, never valid', async () => {
    expect(await verify({ ...publicKey(pair.publicKey), spki: 'AAAA' } as VerificationKey, INPUT)).toBe('unavailable');
  });

  test('names EdDSA only where it was said to be there', () => {
    expect(createSignatures(true).algorithms).toContain('EdDSA');
    expect(createSignatures(false).algorithms).not.toContain('EdDSA');
    expect(createSignatures(false).algorithms).toContain('RS256');
  });
});
