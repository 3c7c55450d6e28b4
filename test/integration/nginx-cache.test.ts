// Tokens that nginx has verified are remembered, and forgotten in time.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENGINES, startNginx, type Engine, type NginxOptions } from './nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from './tokens';

const key = makeKeyPair('RS256');
const nextKey = makeKeyPair('ES256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k', OAUTH_CLOCK_SKEW: '0' };
const ZONES = `js_shared_dict_zone zone=jwtverify:1m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;`;
/** Lists what the dictionary of tokens holds, for the tests alone. */
const LISTING = `
const tokens = () => ngx.shared.jwtverify.keys(100000).filter((name) => name.slice(0, 7) === 'Bearer ');
export default { count: (r) => r.return(200, String(tokens().length)) };
`;
const COUNT = `
    location = /count { js_content listing.count; }`;

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

const kinds: readonly (readonly [string, string])[] = [
  ['in the dictionary', ZONES],
  ['without a dictionary', ''],
];

function start(engine: Engine, http: string, options: NginxOptions = {}) {
  return startNginx(engine, {
    http: engine.hasSharedDict ? http : '',
    files: { k: key.pem },
    ...options,
    env: { ...ENV, ...options.env },
  });
}

describe.each(ENGINES)('$suite, $name', (engine: Engine) => {
  test.each(kinds)('a token ends with its exp although it was remembered: %s', async (_, http) => {
    const nginx = await start(engine, http);
    const token = await signToken(key.privateKey, 'RS256', claims({ exp: Math.floor(Date.now() / 1000) + 3 }));
    for (let round = 0; round < 5; round += 1) expect((await nginx.askWith(token)).status).toBe(200);
    await pause(3100);
    const answer = await nginx.askWith(token, { path: '/authorizer' });
    expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([401, 'expired']);
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test.each(kinds)('nothing but the very same field is taken for a remembered one: %s', async (_, http) => {
    const nginx = await start(engine, http);
    const token = await signToken(key.privateKey, 'RS256');
    for (let round = 0; round < 3; round += 1) expect((await nginx.askWith(token)).status).toBe(200);
    const [header = '', , signature = ''] = token.split('.');
    const other = claims({ sub: 'somebody else' });
    const forged = `${header}.${Buffer.from(JSON.stringify(other)).toString('base64url')}.${signature}`;
    for (const field of [
      `Bearer ${forged}`,
      `Bearer ${token.slice(1)}`,
      `Bearer x${token}`,
      `Bearer .${signature}`,
      `Basic ${token}`,
      token.slice(-43),
      '__proto__',
      'constructor',
    ]) {
      expect((await nginx.ask({ headers: [['Authorization', field]] })).status).toBe(401);
    }
    expect(
      (
        await nginx.ask({
          headers: [
            ['Authorization', `Bearer ${token}`],
            ['Authorization', `Bearer ${forged}`],
          ],
        })
      ).status,
    ).toBe(400);
    expect((await nginx.askWith(token)).headers).toBeDefined();
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test.each(kinds)('a remembered token says what it said at first: %s', async (_, http) => {
    const nginx = await start(engine, http);
    const token = await signToken(key.privateKey, 'RS256', claims({ sub: 'caf\u00e9 \u{1f439}' }));
    const said = async () => {
      const { status, headers } = await nginx.askWith(token, { path: '/authorizer' });
      return [
        status,
        headers['x-oauth-status'],
        headers['x-oauth-scopes'],
        headers['x-oauth-subject'],
        headers['x-oauth-reason'],
      ];
    };
    const first = await said();
    expect(first[2]).toBe('read:hamsters write:hamsters');
    for (let round = 0; round < 3; round += 1) expect(await said()).toEqual(first);
    await nginx.stop();
  });

  test.each(kinds)('a reload with other settings or another key ends every remembered token: %s', async (_, http) => {
    if (!engine.seesEnvValues) return;
    const main = Object.entries(ENV)
      .map(([name, value]) => `env "${name}=${value}";`)
      .join('\n');
    const nginx = await startNginx(engine, { http, main, files: { k: key.pem }, workers: 2 });
    const token = await signToken(key.privateKey, 'RS256');
    for (let round = 0; round < 5; round += 1) expect((await nginx.askWith(token)).status).toBe(200);
    await nginx.reload((configuration) => configuration.replace(AUDIENCE, 'https://other.example'));
    expect((await nginx.askWith(token)).status).toBe(401);
    await nginx.reload((configuration) => configuration.replace('https://other.example', AUDIENCE));
    for (let round = 0; round < 5; round += 1) expect((await nginx.askWith(token)).status).toBe(200);
    writeFileSync(join(nginx.directory, 'k'), nextKey.pem);
    await nginx.reload();
    expect((await nginx.askWith(token)).status).toBe(401);
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });
});

describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine: Engine) => {
  const startCounting = (env: Readonly<Record<string, string>> = {}) =>
    startNginx(engine, {
      http: `${ZONES} js_import listing from DIRECTORY/listing.js;`,
      files: { k: key.pem, 'listing.js': LISTING },
      server: `
    location /authorizer { js_content jwtverify.authorizer; }${COUNT}`,
      env: { ...ENV, ...env },
    });

  test('only tokens that were allowed are remembered', async () => {
    const nginx = await startCounting();
    const count = async () => Number((await nginx.ask({ path: '/count' })).body);
    const path = '/authorizer';
    await nginx.askWith(await signToken(nextKey.privateKey, 'ES256'), { path });
    await nginx.askWith(await signToken(key.privateKey, 'RS256', claims({ exp: 1 })), { path });
    await nginx.askWith(await signToken(key.privateKey, 'RS256', claims({ aud: 'x' })), { path });
    await nginx.askWith('x', { path });
    expect(await count()).toBe(0);
    const token = await signToken(key.privateKey, 'RS256');
    for (let round = 0; round < 3; round += 1) expect((await nginx.askWith(token, { path })).status).toBe(200);
    expect(await count()).toBe(1);
    await nginx.stop();
  });

  test('more tokens than the dictionary holds are all judged, and it does not grow', async () => {
    const nginx = await startCounting();
    const count = async () => Number((await nginx.ask({ path: '/count' })).body);
    const tokens = await Promise.all(
      Array.from({ length: 1500 }, (_, jti) => signToken(key.privateKey, 'RS256', claims({ jti: String(jti) }))),
    );
    for (const token of tokens) expect((await nginx.askWith(token, { path: '/authorizer' })).status).toBe(200);
    const held = await count();
    expect(held).toBeGreaterThan(300);
    expect(held).toBeLessThan(1500);
    for (const token of tokens.slice(0, 50))
      expect((await nginx.askWith(token, { path: '/authorizer' })).status).toBe(200);
    await nginx.stop();
    expect(nginx.errorLog()).not.toMatch(/internal error|exception/);
  });

  test('OAUTH_CACHE_SIZE 0 remembers nothing, and OAUTH_CACHE_AGE ends what is remembered', async () => {
    const nginx = await startCounting({ OAUTH_CACHE_SIZE: '0' });
    const token = await signToken(key.privateKey, 'RS256');
    for (let round = 0; round < 3; round += 1) {
      expect((await nginx.askWith(token, { path: '/authorizer' })).status).toBe(200);
    }
    expect(Number((await nginx.ask({ path: '/count' })).body)).toBe(0);
    await nginx.stop();
  });
});
