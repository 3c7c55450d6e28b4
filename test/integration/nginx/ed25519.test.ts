// Ed25519, which nginx's engines do not have: a key that only it could use, and one beside others.
import { describe, expect, test } from 'vitest';
import { ENGINES, SHARED_DICT, startNginx, type Engine } from '../helpers/nginx-server';
import { AUDIENCE, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const RSA = makeKeyPair('RS256');
const EDWARDS = makeKeyPair('EdDSA');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
const SET = JSON.stringify({
  keys: [
    { ...RSA.jwk, kid: 'RS256', use: 'sig' },
    { ...EDWARDS.jwk, kid: 'EdDSA', use: 'sig' },
  ],
});

// Debian builds its nginx modules without Ed25519, the one of njs 1.0 too.
describe.each(ENGINES)('$suite, $name', (engine: Engine) => {
  const token = (): Promise<string> => signToken(EDWARDS.privateKey, 'EdDSA', undefined, { kid: 'EdDSA' });
  const files = { 'jwks.json': SET, k: EDWARDS.pem };

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
    const rsa = await signToken(RSA.privateKey, 'RS256', undefined, { kid: 'RS256' });
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
