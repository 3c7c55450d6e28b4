// Keys out of a location that nginx itself fetches and caches: what every njs has, bookworm's too.
import { describe, expect, test } from 'vitest';
import { AUDIENCE, makeKey, signWith, startIssuer } from '../helpers/issuer-server';
import { eventually, pause } from '../helpers/keep-alive';
import { KEYS_CACHE, keysLocation } from '../helpers/keys-location';
import { CONTRACT_LOCATIONS, ENGINES, startNginx, type Engine, type Nginx } from '../helpers/nginx-server';

const HTTP = KEYS_CACHE;

const serverFor = (url: string): string => `${CONTRACT_LOCATIONS}
    ${keysLocation(`set $jwtverify_url ${url};`)}
    location = /health { js_content jwtverify.health; }`;

async function start(engine: Engine, issuer: string, url: string, server = serverFor(url)): Promise<Nginx> {
  const env = { OAUTH_ISSUER: issuer, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS_URL: url, OAUTH_ALLOW_HTTP: '1' };
  return startNginx(engine, { workers: 2, http: HTTP, server, env });
}

describe.each(ENGINES)('$suite, $name', (engine: Engine) => {
  test('keys are fetched once for many requests, followed, and kept while the provider is down', async () => {
    const issuer = await startIssuer();
    const nginx = await start(engine, issuer.issuer, issuer.jwksUrl);
    const [first] = issuer.keys();
    if (first === undefined) throw new Error('no key');
    const token = await issuer.token();
    const began = Date.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => nginx.askWith(token)));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    // nginx's cache of it ends after two seconds, which a slow machine needs for them.
    expect(issuer.count('/jwks')).toBeLessThanOrEqual(1 + Math.floor((Date.now() - began) / 2000));
    expect(issuer.count('/jwks')).toBeGreaterThan(0);
    expect((await nginx.ask({ path: '/health' })).status).toBe(200);
    const forged = await signWith(await makeKey('ES256', first.kid), issuer.issuer);
    expect((await nginx.askWith(forged, { path: '/authorizer' })).status).toBe(401);
    // A key that was swapped at once is found within the request that first brings it.
    const second = await makeKey('ES256');
    issuer.setKeys([second]);
    expect((await nginx.askWith(await issuer.token(), { method: 'POST', body: 'x' })).status).toBe(200);
    await eventually('the first key is refused', async () => (await nginx.askWith(token)).status === 401);
    await issuer.stop();
    await pause(2500);
    expect((await nginx.askWith(await signWith(second, issuer.issuer))).status).toBe(200);
    await issuer.start();
    await nginx.stop();
    await issuer.stop();
    expect(nginx.leaks()).toEqual([]);
    expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error|exited on signal/);
  });

  test('the provider down at the start: 503, and recovery by itself', async () => {
    const issuer = await startIssuer();
    await issuer.stop();
    const nginx = await start(engine, issuer.issuer, issuer.jwksUrl);
    const [key] = issuer.keys();
    if (key === undefined) throw new Error('no key');
    const token = await signWith(key, issuer.issuer);
    const early = await nginx.askWith(token, { path: '/authorizer' });
    expect([early.status, early.headers['x-oauth-reason']]).toEqual([503, 'keys_unavailable']);
    expect((await nginx.ask({ path: '/health' })).status).toBe(503);
    await issuer.start();
    await eventually('keys are there', async () => (await nginx.askWith(token)).status === 200);
    await nginx.stop();
    await issuer.stop();
  });

  test('without a dictionary and a location every request is refused, and the log says what is missing', async () => {
    const issuer = await startIssuer();
    const nginx = await start(engine, issuer.issuer, issuer.jwksUrl, CONTRACT_LOCATIONS);
    const answer = await nginx.askWith(await issuer.token(), { path: '/authorizer' });
    expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([503, 'settings_invalid']);
    expect(issuer.count('/jwks')).toBe(0);
    await nginx.stop();
    await issuer.stop();
    expect(nginx.messages()[0]).toContain('fetching keys needs the shared dictionary');
  });
});
