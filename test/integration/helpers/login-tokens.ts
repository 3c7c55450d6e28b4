// Tokens that the login provider's key signs, and somebody else's: what a provider that lies, or an attacker, sends.
import { randomUUID } from 'node:crypto';
import { decodeJwt, importJWK, SignJWT, type JWK, type JWTPayload } from 'jose';
import { makeKey } from './issuer-server';
import { CLIENT_ID } from './login-configuration';
import type { LoginProvider, Rewrite } from './login-provider';

/** Signs claims; `undefined` among them removes one. */
export async function sign(key: JWK | undefined, claims: object, header: object = {}): Promise<string> {
  if (key === undefined) throw new Error('no key');
  const all = JSON.parse(JSON.stringify(claims)) as JWTPayload;
  return new SignJWT(all)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid ?? '', ...header })
    .sign(await importJWK(key, 'RS256'));
}

/** Replaces the ID token by one with other claims, that the provider itself has signed. */
export function changeIdToken(provider: LoginProvider, changes: object, header: object = {}): Rewrite {
  return async (tokens) => {
    if (typeof tokens['id_token'] !== 'string') return;
    tokens['id_token'] = await sign(provider.keys[0], { ...decodeJwt(tokens['id_token']), ...changes }, header);
  };
}

/** Replaces the ID token by the same one of a stranger's key with the provider's `kid`. */
export async function forgeIdToken(provider: LoginProvider): Promise<Rewrite> {
  const stranger = await makeKey('RS256', provider.keys[0]?.kid ?? '');
  return async (tokens) => {
    if (typeof tokens['id_token'] !== 'string') return;
    tokens['id_token'] = await sign(stranger, decodeJwt(tokens['id_token']));
  };
}

/** Removes the signature of the ID token (RFC 8725 §2.1). */
export const stripIdToken: Rewrite = (tokens) => {
  const [, payload = ''] = String(tokens['id_token']).split('.');
  tokens['id_token'] = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
};

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** A logout token (Back-Channel Logout 1.0 §2.4). */
export async function logoutToken(provider: LoginProvider, changes: object = {}, header: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: provider.issuer, aud: CLIENT_ID, iat: now, exp: now + 120, jti: randomUUID() };
  const all = { ...claims, events: { [EVENT]: {} }, sub: 'test', ...changes };
  return sign(provider.keys[0], all, { typ: 'logout+jwt', ...header });
}

/** Each fault of a logout token that the specification names (§2.6). */
export const LOGOUT_FAULTS: readonly (readonly [name: string, changes: object, header?: object])[] = [
  ['another issuer', { iss: 'https://other.example' }],
  ['another client', { aud: 'other' }],
  ['no audience', { aud: undefined }],
  ['no issuer', { iss: undefined }],
  ['no iat', { iat: undefined }],
  ['an end that is past', { exp: 1_700_000_000 }],
  ['neither sid nor sub', { sub: undefined }],
  ['no events', { events: undefined }],
  ['another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
  ['events that are a list', { events: [EVENT] }],
  ['an event that is no object', { events: { [EVENT]: true } }],
  ['a nonce', { nonce: 'x' }],
  ['no jti', { jti: undefined }],
  ['the type of an access token', {}, { typ: 'at+jwt' }],
];
