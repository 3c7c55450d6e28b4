// Keys, and tokens signed with them, as an issuer would make them.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';

export const ISSUER = 'https://issuer.example/';
export const AUDIENCE = 'https://api.hamsters.example';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly pem: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** A key pair for a JWS algorithm that has one. */
export function makeKeyPair(algorithm: string): KeyPair {
  const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
  const namedCurve = curves[algorithm];
  const { privateKey, publicKey } =
    algorithm === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : namedCurve === undefined
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve });
  return {
    privateKey,
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: { ...publicKey.export({ format: 'jwk' }) },
  };
}

/** The claims of a token that every check passes; `undefined` removes a claim. */
export function claims(changes: Readonly<Record<string, unknown>> = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'turbo',
    iat: now,
    exp: now + 600,
    scope: 'read:hamsters write:hamsters',
    ...changes,
  };
}

/** Signs a token. */
export async function signToken(
  key: KeyObject | string,
  algorithm: string,
  payload: JWTPayload = claims(),
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const signer = new SignJWT(payload).setProtectedHeader({ alg: algorithm, typ: 'JWT', ...header });
  return signer.sign(typeof key === 'string' ? new TextEncoder().encode(key) : key);
}
