// Keys that nginx fetches: start, rotation, outages, and every way in which a provider misbehaves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keySet, misbehaviours, startKeyServer, type KeyServer } from './nginx-provider';
import { CONTRACT_LOCATIONS, ENGINES, startNginx, type Engine, type Nginx, type NginxOptions } from './nginx-server';
import { AUDIENCE, claims, makeKeyPair, signToken, type KeyPair } from './tokens';

const ISSUER = 'https://issuer.example/';
const first = makeKeyPair('RS256');
const next = makeKeyPair('ES256');
const foreign = makeKeyPair('RS256');

const ZONES = `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;
  js_fetch_timeout 5s;`;
const PERIODIC = `
    location @jwtverify { js_periodic jwtverify.refresh interval=1s; }`;
const HEALTH = `
    location = /health { js_content jwtverify.health; }`;

const jwk = (pair: KeyPair, kid: string): Readonly<Record<string, unknown>> => ({ ...pair.jwk, kid, use: 'sig' });
const signed = (pair: KeyPair, kid: string): Promise<string> =>
  signToken(pair.privateKey, pair.jwk['kty'] === 'EC' ? 'ES256' : 'RS256', claims(), { kid });

async function eventually(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 25_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`waited 25 seconds until ${what}`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

function start(engine: Engine, provider: KeyServer, options: NginxOptions = {}): Promise<Nginx> {
  return startNginx(engine, {
    http: ZONES,
    server: CONTRACT_LOCATIONS + PERIODIC + HEALTH,
    ...options,
    env: {
      OAUTH_ISSUER: ISSUER,
      OAUTH_AUDIENCE: AUDIENCE,
      OAUTH_JWKS_URL: `${provider.origin}/keys`,
      OAUTH_ALLOW_HTTP: '1',
      OAUTH_JWKS_REFRESH: '10',
      OAUTH_JWKS_COOLDOWN: '2',
      ...options.env,
    },
  });
}

const fetching = ENGINES.filter((engine) => engine.hasSharedDict);

// They wait for intervals more than they work: the engines at once, and of each engine what has servers of its own.
describe.concurrent.each(fetching)('$suite, $name', (engine: Engine) => {
  test('the first request finds the keys, and every worker uses the one fetch', async () => {
    const provider = await startKeyServer(keySet([jwk(first, 'a')]));
    const nginx = await start(engine, provider, { workers: 3, server: CONTRACT_LOCATIONS + HEALTH });
    const token = await signed(first, 'a');
    const answers = await Promise.all(Array.from({ length: 30 }, () => nginx.askWith(token)));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    expect(provider.asked).toEqual(['/keys']);
    expect((await nginx.askWith(await signed(foreign, 'a'))).status).toBe(401);
    await nginx.stop();
    await provider.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test('js_periodic fetches the first keys without any request, and health tells', async () => {
    const provider = await startKeyServer(keySet([jwk(first, 'a')]));
    const nginx = await start(engine, provider);
    await eventually('the keys were fetched', async () => provider.asked.length > 0);
    const health = await nginx.ask({ path: '/health' });
    expect(health.status).toBe(200);
    expect(JSON.parse(health.body)).toMatchObject({
      ready: true,
      settings: 'good',
      issuers: [{ issuer: ISSUER, ready: true, keys: 1, failures: 0, problem: '' }],
    });
    await nginx.stop();
    await provider.stop();
  });

  test('a key that signs before the next refresh is found within the request that first brings it', async () => {
    const provider = await startKeyServer(keySet([jwk(first, 'a')]));
    const nginx = await start(engine, provider, { env: { OAUTH_JWKS_REFRESH: '600', OAUTH_JWKS_COOLDOWN: '1' } });
    expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(200);
    await new Promise((done) => setTimeout(done, 2100));
    provider.answer(keySet([jwk(next, 'b')]));
    const before = provider.asked.length;
    const token = await signed(next, 'b');
    const answers = await Promise.all(Array.from({ length: 20 }, () => nginx.askWith(token)));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    expect(provider.asked.length).toBe(before + 1);
    // The first key has left the set: its tokens are refused, remembered ones too, after a second at the latest.
    await new Promise((done) => setTimeout(done, 1100));
    expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(401);
    await nginx.stop();
    await provider.stop();
  });

  test('a remembered token ends when its key leaves the key set', async () => {
    const provider = await startKeyServer(keySet([jwk(first, 'a'), jwk(next, 'b')]));
    const nginx = await start(engine, provider);
    const token = await signed(first, 'a');
    expect((await nginx.askWith(token)).status).toBe(200);
    expect((await nginx.askWith(token)).status).toBe(200);
    provider.answer(keySet([jwk(next, 'b')]));
    await eventually('the removed key is refused', async () => (await nginx.askWith(token)).status === 401);
    expect((await nginx.askWith(await signed(next, 'b'))).status).toBe(200);
    await nginx.stop();
    await provider.stop();
  });

  test('unknown kids cause no more fetches than time divided by the cooldown', async () => {
    const provider = await startKeyServer(keySet([jwk(first, 'a')]));
    const nginx = await start(engine, provider, {
      workers: 2,
      env: { OAUTH_JWKS_REFRESH: '600', OAUTH_JWKS_COOLDOWN: '3' },
    });
    const good = await signed(first, 'a');
    expect((await nginx.askWith(good)).status).toBe(200);
    const began = Date.now();
    const strays = await Promise.all(Array.from({ length: 50 }, (_, kid) => signed(foreign, `stray-${String(kid)}`)));
    while (Date.now() - began < 5000) {
      const answers = await Promise.all(strays.map((stray) => nginx.askWith(stray)));
      expect(answers.every((answer) => answer.status === 401)).toBe(true);
      expect((await nginx.askWith(good)).status).toBe(200);
    }
    const seconds = (Date.now() - began) / 1000;
    expect(provider.asked.length).toBeLessThanOrEqual(2 + Math.ceil(seconds / 3));
    expect(provider.asked.length).toBeGreaterThan(1);
    await nginx.stop();
    await provider.stop();
  });

  test('the provider down at the start: 503, and recovery by itself; down later: nothing is missed', async () => {
    const provider = await startKeyServer(keySet([jwk(first, 'a')]));
    await provider.stop();
    const nginx = await start(engine, provider);
    const token = await signed(first, 'a');
    const early = await nginx.askWith(token, { path: '/authorizer' });
    expect([early.status, early.headers['x-oauth-reason']]).toEqual([503, 'keys_unavailable']);
    expect((await nginx.ask({ path: '/health' })).status).toBe(503);
    expect((await nginx.ask({ path: '/authorizer' })).headers['x-oauth-reason']).toBe('credentials_missing');
    await provider.start();
    await eventually('keys are there', async () => (await nginx.askWith(token)).status === 200);
    expect((await nginx.ask({ path: '/health' })).status).toBe(200);
    await provider.stop();
    await eventually('a refresh failed', async () =>
      /"failures":[1-9]/.test((await nginx.ask({ path: '/health' })).body),
    );
    for (const pair of [0, 1, 2]) {
      expect([pair, (await nginx.askWith(await signed(first, 'a'))).status]).toEqual([pair, 200]);
    }
    provider.answer(keySet([jwk(first, 'a'), jwk(next, 'b')]));
    await provider.start();
    await eventually('a new key is there', async () => (await nginx.askWith(await signed(next, 'b'))).status === 200);
    await nginx.stop();
    await provider.stop();
    expect(nginx.messages().some((line) => line.includes('cannot be fetched'))).toBe(true);
    expect(nginx.messages().some((line) => line.includes('are there again'))).toBe(true);
    expect(nginx.leaks()).toEqual([]);
  });

  test('a reload keeps the keys while the provider is down', async () => {
    const provider = await startKeyServer(keySet([jwk(first, 'a')]));
    const nginx = await start(engine, provider);
    expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(200);
    await provider.stop();
    await nginx.reload((configuration) => configuration.replace('worker_processes 1', 'worker_processes 2'));
    expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(200);
    await nginx.stop();
  });

  describe('a provider that misbehaves', () => {
    let provider: KeyServer;
    let nginx: Nginx;
    const good = [jwk(first, 'a')];
    beforeAll(async () => {
      provider = await startKeyServer(keySet(good));
      nginx = await start(engine, provider, { env: { OAUTH_JWKS_COOLDOWN: '1', OAUTH_JWKS_REFRESH: '10' } });
      expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(200);
    });
    afterAll(async () => {
      await nginx.stop();
      await provider.stop();
      expect(nginx.leaks()).toEqual([]);
      const strange = /js exception|unhandled|internal error|exited on signal/;
      expect(
        nginx
          .errorLog()
          .split('\n')
          .filter((line) => strange.test(line)),
      ).toEqual([]);
    });

    test.each(misbehaviours(good, [jwk(foreign, 'a'), jwk(foreign, 'f')]))(
      'keeps good keys: %s',
      { concurrent: false },
      async (_, how) => {
        provider.answer(how);
        const before = provider.asked.length;
        const stray = await signed(foreign, 'f');
        await eventually('it was asked', async () => {
          expect((await nginx.askWith(stray)).status).toBe(401);
          return provider.asked.length > before;
        });
        // A token with a known key is served while the fetch is still on its way, and after it.
        expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(200);
        expect((await nginx.askWith(await signed(foreign, 'a'))).status).toBe(401);
        await eventually('it is over', async () => {
          const { issuers } = JSON.parse((await nginx.ask({ path: '/health' })).body) as {
            issuers: { failures: number }[];
          };
          expect((await nginx.askWith(stray)).status).toBe(401);
          return (issuers[0]?.failures ?? 0) > 0;
        });
        expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(200);
        provider.answer(keySet(good));
        await eventually('it is left behind', async () => {
          expect((await nginx.askWith(stray)).status).toBe(401);
          return (await nginx.ask({ path: '/health' })).body.includes('"failures":0');
        });
        expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(200);
      },
    );
  });
});
