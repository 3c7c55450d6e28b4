// Sessions for the measurements: sealed cookies as both proxies make them (docs/decisions/0050-login.md), all different, and
// some that open for nobody.
import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIRECTORY, ISSUER, SCOPE } from './tokens.mjs';

export const CLIENT = 'bench';
const COOKIE = '__Host-jwtverify';
const VERSION = 1;
const HOUR = 60 * 60;

/** @typedef {import('./tokens.mjs').Tokens} Tokens */

/**
 * The session of a user in five groups, with a refresh token: about 1,000 characters of cookie.
 * @param {number} number
 * @param {number} now seconds since the epoch
 */
function describeSession(number, now) {
  const identifier = number.toString(16).padStart(8, '0');
  const claims = {
    iss: ISSUER,
    aud: CLIENT,
    jti: `c0ffee00000040008000${identifier}`,
    iat: now,
    exp: now + 8 * HOUR,
    scope: `openid profile email ${SCOPE}`,
    sub: `${identifier}-0000-4000-8000-c0ffee000000`,
    email: `user-${identifier}@zoo.example`,
    preferred_username: `user-${identifier}`,
    groups: ['keepers', 'night-shift', 'hamsters', 'adoptions', 'readers'],
    sid: `5e551011-0000-4000-8000-0000${identifier}`,
  };
  return { claims, refreshed: now, expires: now + 6 * HOUR, refresh_token: `refresh-${identifier}`.padEnd(200, 'r') };
}

/**
 * @param {string} secret
 * @returns {(plain: string) => string} the value of the cookie
 */
function makeSealer(secret) {
  const derived = Buffer.from(hkdfSync('sha256', secret, '', `jwtverify ${VERSION} session ${COOKIE}`, 37));
  const mark = Buffer.concat([Buffer.from([VERSION]), derived.subarray(32)]);
  return (plain) => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, 32), nonce);
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([mark, nonce, sealed, cipher.getAuthTag()]).toString('base64url');
  };
}

/**
 * A token with the signature of another one, or a session with the end of another one's tag.
 * @param {string} one
 * @param {string} other
 */
export function forge(one, other) {
  const end = one.includes('.') ? one.length - one.lastIndexOf('.') : 8;
  return one.slice(0, -end) + other.slice(-end);
}

/**
 * Writes a list for wrk.
 * @param {string} name
 * @param {readonly string[]} list
 * @param {Tokens['field']} field
 * @param {string} publicKey
 * @returns {Tokens}
 */
function keep(name, list, field, publicKey) {
  mkdirSync(DIRECTORY, { recursive: true });
  const file = join(DIRECTORY, name);
  writeFileSync(file, `${list.join('\n')}\n`);
  return { file, list, publicKey, bytes: list[0]?.length ?? 0, field };
}

/**
 * Credentials by what a scenario presents.
 * @param {Tokens} tokens
 * @param {string} secret of the cookies
 */
export function prepareSessions(tokens, secret) {
  const seal = makeSealer(secret);
  // A proxy's clock may be a tick behind.
  const now = Math.floor(Date.now() / 1000) - 2;
  const { publicKey } = tokens;
  const field = { name: 'Cookie', before: `${COOKIE}=1.` };
  const sessions = tokens.list.map((_, number) => seal(JSON.stringify(describeSession(number, now))));
  const forged = (/** @type {readonly string[]} */ list) =>
    list.map((one, place) => forge(one, list.at(place - 2) ?? ''));
  return {
    token: tokens,
    session: keep('sessions.txt', sessions, field, publicKey),
    'forged token': keep('forged-tokens.txt', forged(tokens.list), tokens.field, publicKey),
    'forged session': keep('forged-sessions.txt', forged(sessions), field, publicKey),
  };
}
