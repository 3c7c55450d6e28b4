// js_access: the access phase without a subrequest, on the engines that have it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINES, startNginx, type Engine, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('ES256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const FILES = { k: key.pem };
const NAMES = [
  'authorized',
  'status',
  'reason',
  'challenge',
  'scopes',
  'subject',
  'claim_tenant',
  'claim_exp',
  'other',
];
const HTTP = NAMES.map((name) => `js_var $oauth_${name};`).join(' ');
const SEEN = NAMES.slice(0, -2)
  .map((name) => `$oauth_${name}`)
  .join('|');
const SERVER = `
    location /api/ {
      js_access jwtverify.access;
      add_header X-Seen "${SEEN}" always;
      add_header X-Expiry "$oauth_claim_exp" always;
      proxy_pass http://apiservers;
      proxy_set_header X-Scopes $oauth_scopes;
    }
    location /undeclared/ { js_access jwtverify.access; proxy_pass http://apiservers; }
`;

async function startAccess(engine: Engine, changes: Readonly<Record<string, string>> = {}): Promise<Nginx> {
  return startNginx(engine, { env: { ...ENV, ...changes }, files: FILES, http: HTTP, server: SERVER, workers: 2 });
}

describe.each(ENGINES.filter((engine) => engine.hasAccess))('$suite, $name', (engine: Engine) => {
  let nginx: Nginx;
  beforeAll(async () => {
    nginx = await startAccess(engine);
  });
  afterAll(async () => {
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
    expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
  });

  test('passes a valid token on and sets the declared variables', async () => {
    const payload = claims({ tenant: ['a', 'b'] });
    const answer = await nginx.askWith(await signToken(key.privateKey, 'ES256', payload), {
      method: 'POST',
      body: 'x',
    });
    expect(answer.body).toBe('reached: POST /api/hamsters (read:hamsters write:hamsters)');
    expect(answer.headers['x-seen']).toBe('1|200|||read:hamsters write:hamsters|turbo|a b');
    expect(answer.headers['x-expiry']).toBe(String(payload.exp));
  });

  test('refuses with the exact status, the challenge and problem details', async () => {
    const bare = await nginx.ask();
    expect([bare.status, bare.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(bare.headers['x-seen']).toBe('0|401|credentials_missing|Bearer|||');
    const expired = await nginx.askWith(await signToken(key.privateKey, 'ES256', claims({ exp: 1, tenant: 'a' })));
    expect(expired.status).toBe(401);
    expect(expired.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(expired.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(expired.body)).toMatchObject({ status: 401, reason: 'expired' });
    expect(expired.headers['x-seen']).not.toContain('turbo');
  });

  test('refuses a forged signature, another key and another audience', async () => {
    const token = await signToken(key.privateKey, 'ES256');
    const forged = token.slice(0, -10) + (token.endsWith('A'.repeat(10)) ? 'B' : 'A').repeat(8) + token.slice(-2);
    const foreign = await signToken(makeKeyPair('ES256').privateKey, 'ES256');
    const elsewhere = await signToken(key.privateKey, 'ES256', claims({ aud: 'x' }));
    for (const faulty of [forged, foreign, elsewhere, 'x', '']) {
      const answer = await nginx.askWith(faulty);
      expect(answer.status).toBe(401);
      expect(answer.body).not.toContain('reached');
    }
  });

  test('judges the same where no variable would be read', async () => {
    const path = '/undeclared/x';
    expect((await nginx.ask({ path })).status).toBe(401);
    expect((await nginx.askWith(await signToken(key.privateKey, 'ES256'), { path })).status).toBe(200);
  });

  test('refuses every request with 503 under broken settings', async () => {
    const broken = await startAccess(engine, { OAUTH_PUBKEY_PATH: '/nowhere' });
    const answer = await broken.askWith(await signToken(key.privateKey, 'ES256'));
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([503, undefined]);
    expect(JSON.parse(answer.body)).toMatchObject({ reason: 'settings_invalid' });
    await broken.stop();
    expect(broken.messages()[0]).toContain('OAUTH_PUBKEY_PATH');
    expect(broken.leaks()).toEqual([]);
  });
});
