// Every algorithm on every engine of nginx.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINES, SHARED_DICT, startNginx, type Engine, type Nginx } from './nginx-server';
import { AUDIENCE, ISSUER, makeKeyPair, signToken, type KeyPair } from './tokens';

const SIGNED = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const AVAILABLE = SIGNED.filter((algorithm) => algorithm !== 'EdDSA');
const SECRET = 'a shared secret of hamsters, which is 64 bytes long, as HS512 has';
const keys = new Map<string, KeyPair>(SIGNED.map((algorithm) => [algorithm, makeKeyPair(algorithm)]));
const jwks = JSON.stringify({ keys: SIGNED.map((kid) => ({ ...keys.get(kid)?.jwk, kid, use: 'sig' })) });
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };

function pairOf(algorithm: string): KeyPair {
  const pair = keys.get(algorithm);
  if (pair === undefined) throw new Error(`no key for ${algorithm}`);
  return pair;
}

/** The token with one bit of its signature flipped. */
function forge(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

async function expectJudged(nginx: Nginx, token: string): Promise<void> {
  // Twice: the second time with keys that have been imported, where the engine keeps them.
  for (const attempt of [1, 2]) {
    expect([attempt, (await nginx.askWith(token)).status]).toEqual([attempt, 200]);
    const forged = await nginx.askWith(forge(token), { path: '/authorizer' });
    expect([forged.status, forged.headers['x-oauth-reason']]).toEqual([401, 'signature_invalid']);
  }
}

describe.each(ENGINES)('$suite, $name', (engine: Engine) => {
  let nginx: Nginx;

  beforeAll(async () => {
    const env = { ...ENV, OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json' };
    nginx = await startNginx(engine, { env, files: { 'jwks.json': jwks } });
  });
  afterAll(async () => {
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test.each(AVAILABLE)(
    'passes a token signed with %s by its key in the set, refuses a forged one',
    async (algorithm) => {
      await expectJudged(
        nginx,
        await signToken(pairOf(algorithm).privateKey, algorithm, undefined, { kid: algorithm }),
      );
    },
  );

  test('passes tokens without a kid by one PEM file with a key of each type, each key for all its algorithms', async () => {
    const pem = ['RS256', 'ES256', 'ES384', 'ES512'].map((algorithm) => pairOf(algorithm).pem).join('\n');
    const several = await startNginx(engine, { env: { ...ENV, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' }, files: { k: pem } });
    for (const algorithm of AVAILABLE) {
      const signer = algorithm.startsWith('ES') ? algorithm : 'RS256';
      await expectJudged(several, await signToken(pairOf(signer).privateKey, algorithm));
    }
    await several.stop();
    expect(several.leaks()).toEqual([]);
  });

  test.each(['HS256', 'HS384', 'HS512'])(
    'A4: passes a token signed with %s, refuses a forged one',
    async (algorithm) => {
      const shared = await startNginx(engine, { env: { ...ENV, OAUTH_HMAC_SECRET: SECRET } });
      await expectJudged(shared, await signToken(SECRET, algorithm));
      expect((await shared.askWith(await signToken(SECRET.toUpperCase(), algorithm))).status).toBe(401);
      expect((await shared.askWith(await signToken(pairOf('RS256').privateKey, 'RS256'))).status).toBe(401);
      await shared.stop();
      expect(shared.leaks()).toEqual([]);
      expect(shared.errorLog()).not.toContain(SECRET);
    },
  );
});

// Debian builds its nginx modules without Ed25519, the one of njs 1.0 too.
describe.each(ENGINES)('$suite, $name, which has no Ed25519', (engine: Engine) => {
  const token = (): Promise<string> => signToken(pairOf('EdDSA').privateKey, 'EdDSA', undefined, { kid: 'EdDSA' });
  const files = { 'jwks.json': jwks, k: pairOf('EdDSA').pem };

  test('names an Ed25519 key that no token can be checked with, and refuses every request with 503', async () => {
    const nginx = await startNginx(engine, { env: { ...ENV, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' }, files });
    const answer = await nginx.askWith(await token(), { path: '/authorizer' });
    expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([503, 'settings_invalid']);
    await nginx.stop();
    expect(nginx.messages()[0]).toContain('EdDSA');
    expect(nginx.leaks()).toEqual([]);
  });

  test('names EdDSA when OAUTH_ALGORITHMS demands it', async () => {
    const env = { ...ENV, OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json', OAUTH_ALGORITHMS: 'RS256 EdDSA' };
    const nginx = await startNginx(engine, { env, files });
    expect((await nginx.askWith(await token())).status).toBe(403);
    await nginx.stop();
    expect(nginx.messages()[0]).toMatch(/OAUTH_ALGORITHMS.*EdDSA/);
    expect(nginx.leaks()).toEqual([]);
  });

  test('refuses an EdDSA token by name beside keys that work, and these go on working', async () => {
    const env = { ...ENV, OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json' };
    const nginx = await startNginx(engine, { env, files, http: engine.hasSharedDict ? SHARED_DICT : '' });
    const refused = await nginx.askWith(await token(), { path: '/authorizer' });
    expect([refused.status, refused.headers['x-oauth-reason']]).toEqual([503, 'algorithm_unavailable']);
    const rsa = await signToken(pairOf('RS256').privateKey, 'RS256', undefined, { kid: 'RS256' });
    expect((await nginx.askWith(rsa)).status).toBe(200);
    expect((await nginx.askWith(rsa)).status).toBe(200);
    await nginx.stop();
    const named = nginx
      .errorLog()
      .split('\n')
      .filter((line) => line.includes('EdDSA'));
    expect(named.length).toBeGreaterThan(0);
    if (engine.hasSharedDict) expect(named.length).toBe(1);
    expect(nginx.leaks()).toEqual([]);
  });
});
