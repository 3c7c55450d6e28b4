// Deny lists on nginx: what stands in one is refused on the next request, remembered tokens included.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startLoad } from './keep-alive';
import { CONTRACT_LOCATIONS, ENGINES, startNginx, type Engine, type Nginx } from './nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from './tokens';

const key = makeKeyPair('ES256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const ZONES = `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;
  js_shared_dict_zone zone=jwtverify_deny:1m;`;
const DENY = `
    location = /deny { js_content jwtverify.deny; }`;
const token = (changes: Readonly<Record<string, unknown>>): Promise<string> =>
  signToken(key.privateKey, 'ES256', claims(changes), { kid: 'a' });

const LOCATION = `
    location = /_jwtverify { internal; js_content jwtverify.auth; }
    location / { auth_request /_jwtverify; empty_gif; }`;

/** Revokes `jti:one` again and again while clients ask with it and with another token. */
async function revokeUnderLoad(nginx: Nginx, change: (isRevoked: boolean) => Promise<void>): Promise<void> {
  const tokens = { one: await token({ jti: 'one' }), other: await token({ jti: 'other' }) };
  let phase = 'allowed';
  const load = startLoad(nginx.port, (turn) => (turn % 2 === 0 ? [phase, tokens.one] : ['other', tokens.other]));
  for (let round = 0; round < 3; round += 1) {
    await load.more('allowed', 100);
    phase = 'meanwhile';
    await load.settle();
    await change(true);
    phase = 'revoked';
    await load.more('revoked', 100);
    phase = 'meanwhile';
    await load.settle();
    await change(false);
    phase = 'allowed';
  }
  await load.end();
  expect(load.seen('revoked')).toEqual(['401']);
  expect(load.seen('other')).toEqual(['200']);
  expect(load.seen('allowed')).toEqual(['200']);
}

describe.each(ENGINES)('$suite, $name', (engine: Engine) => {
  test.each([
    ['without dictionaries', ''],
    ['with dictionaries where there are some', engine.hasSharedDict ? ZONES : ''],
  ])(
    'under load no request passes once an entry stands in the file, and no other token is refused: %s',
    async (_, http) => {
      const env = { ...ENV, OAUTH_DENY_PATH: 'DIRECTORY/denied' };
      const files = { k: key.pem, denied: '' };
      const nginx = await startNginx(engine, { http, workers: 2, server: LOCATION, env, files });
      await revokeUnderLoad(nginx, (isRevoked) => {
        // As an operator should: the file is replaced whole.
        writeFileSync(join(nginx.directory, 'denied.new'), isRevoked ? 'jti:one\n' : '');
        renameSync(join(nginx.directory, 'denied.new'), join(nginx.directory, 'denied'));
        return Promise.resolve();
      });
      await nginx.stop();
      expect(nginx.leaks()).toEqual([]);
    },
  );

  test.each([
    ['without dictionaries', ''],
    ['with dictionaries where there are some', engine.hasSharedDict ? ZONES : ''],
  ])('an entry of the file is refused on the next request, and allowed again once it is gone: %s', async (_, http) => {
    const nginx = await startNginx(engine, {
      http,
      workers: 2,
      env: { ...ENV, OAUTH_DENY_PATH: 'DIRECTORY/denied' },
      files: { k: key.pem, denied: '# none yet\n' },
    });
    const one = await token({ jti: 'one' });
    const other = await token({ jti: 'other', sub: 'hazel' });
    const statuses = async () => [(await nginx.askWith(one)).status, (await nginx.askWith(other)).status];
    const reason = async () => (await nginx.askWith(one, { path: '/authorizer' })).headers['x-oauth-reason'];
    for (let round = 0; round < 4; round += 1) expect(await statuses()).toEqual([200, 200]);
    writeFileSync(join(nginx.directory, 'denied'), '# revoked today\njti:one stolen\nsub:nobody\njti:othe\n');
    expect(await statuses()).toEqual([401, 200]);
    expect(await reason()).toBe('token_revoked');
    writeFileSync(join(nginx.directory, 'denied'), 'sub:hazel\r\n');
    expect(await statuses()).toEqual([200, 401]);
    writeFileSync(join(nginx.directory, 'denied'), '');
    expect(await statuses()).toEqual([200, 200]);
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test('a file that cannot be read is a broken setting', async () => {
    const env = { ...ENV, OAUTH_DENY_PATH: '/nowhere/denied' };
    const nginx = await startNginx(engine, { env, files: { k: key.pem } });
    expect((await nginx.askWith(await token({}))).status).toBe(403);
    expect(nginx.messages()[0]).toContain('OAUTH_DENY_PATH: cannot read `/nowhere/denied`');
    await nginx.stop();
  });
});

describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine: Engine) => {
  test('under load no request passes from the answer of a revocation on, and no other token is refused', async () => {
    const server = LOCATION + DENY;
    const nginx = await startNginx(engine, { http: ZONES, workers: 2, server, env: ENV, files: { k: key.pem } });
    await revokeUnderLoad(nginx, async (isRevoked) => {
      const method = isRevoked ? 'PUT' : 'DELETE';
      expect((await nginx.ask({ method, path: '/deny?entry=jti:one' })).status).toBe(200);
    });
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test('an entry of the dictionary is refused on the next request, in every worker, remembered tokens included', async () => {
    const nginx = await startNginx(engine, {
      http: ZONES,
      workers: 3,
      server: CONTRACT_LOCATIONS + DENY,
      env: ENV,
      files: { k: key.pem },
    });
    const one = await token({ jti: 'one' });
    const other = await token({ jti: 'other', client_id: 'keeper' });
    const statuses = async () => {
      const answers = await Promise.all([one, one, one, one, other].map((each) => nginx.askWith(each)));
      return answers.map((answer) => answer.status);
    };
    const change = async (method: string, entry: string) =>
      (await nginx.ask({ method, path: `/deny?entry=${encodeURIComponent(entry)}` })).status;
    for (let round = 0; round < 4; round += 1) expect(await statuses()).toEqual([200, 200, 200, 200, 200]);
    expect(await change('PUT', 'jti:one')).toBe(200);
    expect(await statuses()).toEqual([401, 401, 401, 401, 200]);
    expect((await nginx.askWith(one, { path: '/authorizer' })).headers['x-oauth-reason']).toBe('token_revoked');
    expect(await change('PUT', 'client_id:keeper')).toBe(200);
    expect(await statuses()).toEqual([401, 401, 401, 401, 401]);
    expect(JSON.parse((await nginx.ask({ path: '/deny' })).body)).toEqual({
      entries: expect.arrayContaining(['jti:one', 'client_id:keeper']) as unknown,
    });
    expect(await change('DELETE', 'jti:one')).toBe(200);
    expect(await change('DELETE', 'client_id:keeper')).toBe(200);
    expect(await statuses()).toEqual([200, 200, 200, 200, 200]);
    expect(await change('PUT', 'kid:a')).toBe(200);
    expect(await statuses()).toEqual([401, 401, 401, 401, 401]);
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
