// What nginx remembers in its dictionary: how much fits, which spellings, until when, and what a reload ends.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENGINES, startNginx, type Engine } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const nextKey = makeKeyPair('ES256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k', OAUTH_CLOCK_SKEW: '0' };
const ZONES = `js_shared_dict_zone zone=jwtverify:1m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;`;
/** Lists what the dictionary of tokens holds, for the tests alone. */
const LISTING = `
const tokens = () => ngx.shared.jwtverify.keys(100000).filter((name) => name.slice(0, 6).toLowerCase() === 'bearer');
const until = () => ngx.shared.jwtverify.get(tokens()[0]).split('\\n')[1];
export default { count: (r) => r.return(200, String(tokens().length)), until: (r) => r.return(200, until()) };
`;
const COUNT = `
    location = /count { js_content listing.count; }
    location = /until { js_content listing.until; }`;

const kinds: readonly (readonly [string, string])[] = [
  ['in the dictionary', ZONES],
  ['without a dictionary', ''],
];

describe.each(ENGINES.filter((engine) => engine.seesEnvValues))('$suite, $name', (engine: Engine) => {
  test.each(kinds)('a reload with other settings or another key ends every remembered token: %s', async (_, http) => {
    const main = Object.entries(ENV)
      .map(([name, value]) => `env "${name}=${value}";`)
      .join('\n');
    const nginx = await startNginx(engine, { http, main, files: { k: key.pem }, workers: 2 });
    const token = await signToken(key.privateKey, 'RS256');
    for (let round = 0; round < 5; round += 1) expect((await nginx.askWith(token)).status).toBe(200);
    await nginx.reload((configuration) => configuration.replace(AUDIENCE, 'https://other.example'));
    for (let round = 0; round < 5; round += 1) expect((await nginx.askWith(token)).status).toBe(401);
    await nginx.reload((configuration) => configuration.replace('https://other.example', AUDIENCE));
    for (let round = 0; round < 5; round += 1) expect((await nginx.askWith(token)).status).toBe(200);
    writeFileSync(join(nginx.directory, 'k.new'), nextKey.pem);
    renameSync(join(nginx.directory, 'k.new'), join(nginx.directory, 'k'));
    await nginx.reload();
    for (let round = 0; round < 5; round += 1) expect((await nginx.askWith(token)).status).toBe(401);
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

  test('of the spellings of one token only the two usual ones are remembered', async () => {
    const nginx = await startCounting();
    const token = await signToken(key.privateKey, 'RS256');
    const others = ['Bearer  ', 'bearer   ', 'BEARER ', 'bEARER ', `Bearer${' '.repeat(500)}`].map(
      (scheme) => scheme + token,
    );
    for (const field of [`Bearer ${token}`, `bearer ${token}`, ...others]) {
      for (let round = 0; round < 2; round += 1) {
        expect((await nginx.ask({ path: '/authorizer', headers: [['Authorization', field]] })).status).toBe(200);
      }
    }
    expect((await nginx.ask({ path: '/count' })).body).toBe('2');
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

  test('OAUTH_CACHE_AGE ends what is remembered', async () => {
    const token = await signToken(key.privateKey, 'RS256');
    const short = await startCounting({ OAUTH_CACHE_AGE: '7' });
    expect((await short.askWith(token, { path: '/authorizer' })).status).toBe(200);
    const left = Number((await short.ask({ path: '/until' })).body) - Date.now();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(7000);
    await short.stop();
  });
});
