// Tokens for the measurements: RS256, all different, signed once and kept for some weeks in .cache/bench.
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ISSUER = 'https://issuer.example/';
export const AUDIENCE = 'https://api.example';
export const SCOPE = 'read:hamsters';

/** What is kept from run to run. */
export const DIRECTORY = fileURLToPath(new URL('../.cache/bench', import.meta.url));
/** @type {Field} */
export const BEARER = { name: 'Authorization', before: 'Bearer ' };
const DAY = 24 * 60 * 60;
const LIFETIME = 30 * DAY;
/** Signatures on their way at once; Node's threads do them. */
const AT_ONCE = 64;

/**
 * @typedef {{ count: number, expires: number, publicKey: string, bytes: number }} About
 * @typedef {{ file: string, list: readonly string[], publicKey: string, bytes: number, field: Field }} Tokens
 *   `file` has one token a line; `bytes` is the length of one
 * @typedef {{ name: string, before: string }} Field the header field that has a token, and what is before the token
 */

/** @param {object} value */
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * The claims of a machine's token as Auth0 issues it, with a subject and an identifier of its own.
 * @param {number} number
 * @param {number} now seconds since the epoch
 */
function signingInput(number, now) {
  const identifier = number.toString(16).padStart(8, '0');
  const header = { alg: 'RS256', typ: 'JWT', kid: 'bench-1' };
  const claims = {
    iss: ISSUER,
    sub: `${identifier}@clients`,
    aud: AUDIENCE,
    iat: now,
    exp: now + LIFETIME,
    azp: 'bench',
    scope: `${SCOPE} write:hamsters`,
    jti: `c0ffee00-0000-4000-8000-0000${identifier}`,
  };
  return `${encode(header)}.${encode(claims)}`;
}

/** @param {number} count */
async function signTokens(count) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signAsync = promisify(sign);
  const now = Math.floor(Date.now() / 1000);
  const list = Array.from({ length: count }, () => '');
  let next = 0;
  async function work() {
    for (let number = next++; number < count; number = next++) {
      const input = signingInput(number, now);
      const signature = await signAsync('RSA-SHA256', Buffer.from(input), privateKey);
      list[number] = `${input}.${signature.toString('base64url')}`;
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const key = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { list, about: { count, expires: now + LIFETIME, publicKey: key, bytes: list[0]?.length ?? 0 } };
}

/**
 * @param {string} file
 * @returns {About | undefined} what is kept, if it is there and good for another day
 */
function readAbout(file) {
  try {
    const about = JSON.parse(readFileSync(file, 'utf8'));
    return about.expires > Date.now() / 1000 + DAY ? about : undefined;
  } catch {
    return undefined;
  }
}

/**
 * At least `count` tokens of one key, all different; signed now where they are not kept.
 * @param {number} count
 * @param {(line: string) => void} say
 * @returns {Promise<Tokens>}
 */
export async function prepareTokens(count, say) {
  const file = join(DIRECTORY, 'tokens.txt');
  const aboutFile = join(DIRECTORY, 'tokens.json');
  let about = readAbout(aboutFile);
  if (about === undefined || about.count < count) {
    say(`signing ${count} tokens, about ${Math.ceil(count / 1500)} s`);
    const signed = await signTokens(count);
    mkdirSync(DIRECTORY, { recursive: true });
    writeFileSync(file, `${signed.list.join('\n')}\n`);
    writeFileSync(`${aboutFile}.half`, JSON.stringify(signed.about));
    renameSync(`${aboutFile}.half`, aboutFile);
    about = signed.about;
  }
  const list = readFileSync(file, 'utf8').trimEnd().split('\n').slice(0, count);
  return { file, list, publicKey: about.publicKey, bytes: about.bytes, field: BEARER };
}
