// The location by which an operator of nginx changes the deny list while requests are judged.
import { describe, expect, test } from 'vitest';
import { CONTRACT_LOCATIONS, ENGINES, startNginx, type Engine } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('ES256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const ZONES = `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_deny:1m;`;
const DENY = `
    location = /deny { js_content jwtverify.deny; }`;

describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine: Engine) => {
  test('the location adds, lists and removes entries for every worker, and refuses what denies nobody', async () => {
    const nginx = await startNginx(engine, {
      http: ZONES,
      workers: 3,
      server: CONTRACT_LOCATIONS + DENY,
      env: ENV,
      files: { k: key.pem },
    });
    const token = await signToken(key.privateKey, 'ES256', claims({ jti: 'one', client_id: 'keeper' }), { kid: 'a' });
    const statuses = async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => nginx.askWith(token)));
      return [...new Set(answers.map((answer) => answer.status))];
    };
    const change = async (method: string, entry: string) =>
      (await nginx.ask({ method, path: `/deny?entry=${encodeURIComponent(entry)}` })).status;
    expect(await statuses()).toEqual([200]);
    expect([await change('PUT', 'jti:one'), await change('PUT', 'client_id:keeper')]).toEqual([200, 200]);
    expect(await statuses()).toEqual([401]);
    expect(JSON.parse((await nginx.ask({ path: '/deny' })).body)).toEqual({
      entries: expect.arrayContaining(['jti:one', 'client_id:keeper']) as unknown,
    });
    expect(await change('DELETE', 'jti:one')).toBe(200);
    expect(await statuses()).toEqual([401]);
    expect(await change('DELETE', 'client_id:keeper')).toBe(200);
    expect(await statuses()).toEqual([200]);
    for (const wrong of ['', 'jti:', 'name:x', 'one'])
      expect([wrong, await change('PUT', wrong)]).toEqual([wrong, 400]);
    expect(await change('POST', 'jti:two')).toBe(405);
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });
});

test('without the dictionary the deny location says so', async () => {
  const nginx = await startNginx(ENGINES[0] as Engine, { server: DENY, env: ENV, files: { k: key.pem } });
  expect((await nginx.ask({ method: 'PUT', path: '/deny?entry=jti:x' })).status).toBe(503);
  await nginx.stop();
});
