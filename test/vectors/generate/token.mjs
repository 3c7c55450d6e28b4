// Makes tokens byte by byte, right ones and wrong ones (RFC 7515 §5.1, RFC 7518 §3).
import { constants, createHmac, sign, verify } from 'node:crypto';
import { OTHER_SECRET, SECRET, privateKey, publicKey } from './keys.mjs';

export const NOW = 1750000000;
export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'https://api.example/hamsters';

const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'user-1',
  iat: NOW - 600,
  exp: NOW + 86400,
  scope: 'read:hamsters write:hamsters',
};

const SECRETS = { secret: SECRET, 'other-secret': OTHER_SECRET };

/** The usual claims with some changed; a member that is undefined is left out. */
export function claims(changes = {}) {
  return { ...CLAIMS, ...changes };
}

/** The usual claims with some text put right after the opening brace, or one claim written as raw text. */
export function claimsText(name, raw) {
  const rest = JSON.stringify({ ...CLAIMS, [name]: undefined });
  return `{${JSON.stringify(name)}:${raw},${rest.slice(1)}`;
}

export function base64Url(value) {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return bytes.toString('base64url');
}

function segment(value) {
  return base64Url(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value));
}

// Random signatures that an earlier run made, by signing input: the committed vectors change only where something changed.
const earlier = new Map();

export function rememberSignature(token) {
  const last = token.lastIndexOf('.');
  const input = token.slice(0, last);
  if (last > 0) earlier.set(input, [...(earlier.get(input) ?? []), token.slice(last + 1)]);
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

function optionsOf(alg) {
  if (alg.startsWith('PS')) return PSS;
  if (alg.startsWith('ES')) return { dsaEncoding: 'ieee-p1363' };
  return {};
}

function hashOf(alg) {
  return alg === 'EdDSA' || alg === 'Ed25519' ? null : `sha${alg.slice(2)}`;
}

/** The signature's bytes. `key` names a file in keys/, or `secret`, or is a Buffer used as an HMAC secret. */
export function signBytes(alg, key, input) {
  if (alg.startsWith('HS')) {
    return createHmac(hashOf(alg), Buffer.isBuffer(key) ? key : SECRETS[key])
      .update(input)
      .digest();
  }
  const data = Buffer.from(input);
  const options = optionsOf(alg);
  // Where several vectors change one token, the first of them is the token unchanged.
  const old = (earlier.get(input) ?? []).map((text) => Buffer.from(text, 'base64url'));
  const kept = old.find((bytes) => verify(hashOf(alg), data, { key: publicKey(key), ...options }, bytes));
  if (kept !== undefined) return kept;
  return sign(hashOf(alg), data, { key: privateKey(key), ...options });
}

/** The first two segments with the dot between them. Text and Buffers are taken as they are, objects as JSON. */
export function signingInput(header, payload) {
  return `${segment(header)}.${segment(payload)}`;
}

/**
 * A compact JWS. `alg` is what it is signed with; `header` replaces the usual header and may say something else.
 */
export function token({ alg = 'RS256', key = 'rsa-2048', header, extra, payload, ...changes } = {}) {
  const usual = header ?? { alg, typ: 'JWT', ...extra };
  const input = signingInput(usual, payload ?? claims(changes.claims));
  return `${input}.${base64Url(signBytes(alg, key, input))}`;
}

/** The same, with the signature's bytes passed through `change(bytes, input)`. */
export function tokenWithSignature(options, change) {
  const { alg = 'RS256', key = 'rsa-2048', extra, payload } = options;
  const input = signingInput(options.header ?? { alg, typ: 'JWT', ...extra }, payload ?? claims(options.claims));
  return `${input}.${base64Url(change(signBytes(alg, key, input), input))}`;
}
