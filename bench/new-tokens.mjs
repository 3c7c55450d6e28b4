// Tokens that no proxy has seen yet, signed as they are needed, so that there can be any number of them.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

const LIFETIME = 24 * 60 * 60;

/**
 * @typedef {{ algorithm: string, sign: (input: string) => Buffer }} Signer
 * @typedef {{ iss: string, aud: string, header?: (number: number) => Readonly<Record<string, string>> }} About
 *   `header`: what a header has besides the algorithm
 */

/**
 * HS256 (RFC 7518 §3.2): the fastest to sign.
 * @param {string} secret OAUTH_HMAC_SECRET
 * @returns {Signer}
 */
export function hmacSigner(secret) {
  return { algorithm: 'HS256', sign: (input) => createHmac('sha256', secret).update(input).digest() };
}

/**
 * ES256 (RFC 7518 §3.4) with a key made for it: the fastest to sign that has a public key.
 * @returns {Signer & { publicKey: string, jwk: import('node:crypto').JsonWebKey }} `publicKey` as PEM
 */
export function ecdsaSigner() {
  const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    algorithm: 'ES256',
    sign: (input) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: publicKey.export({ format: 'jwk' }),
  };
}

/** @param {object} value */
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Signs tokens that differ from all with another number, about 400 characters each.
 * @param {Signer} signer
 * @param {number} first the number of the first one
 * @param {number} count
 * @param {About} about
 * @returns {string[]}
 */
export function makeNewTokens(signer, first, count, { iss, aud, header }) {
  // A proxy's clock may be a tick behind.
  const now = Math.floor(Date.now() / 1000) - 2;
  return Array.from({ length: count }, (_, index) => {
    const identifier = (first + index).toString(16).padStart(8, '0');
    const claims = { iss, aud, sub: `${identifier}@clients`, iat: now, exp: now + LIFETIME, scope: 'read:hamsters' };
    const all = { ...claims, azp: 'bench', jti: `c0ffee00-0000-4000-8000-0000${identifier}` };
    const head = { alg: signer.algorithm, typ: 'JWT', ...header?.(first + index) };
    const input = `${encode(head)}.${encode(all)}`;
    return `${input}.${signer.sign(input).toString('base64url')}`;
  });
}
