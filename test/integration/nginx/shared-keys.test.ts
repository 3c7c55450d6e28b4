// The keys that nginx fetches are in a dictionary: all workers use one fetch, and they outlast a reload.
import { describe, expect, test } from 'vitest';
import { makeKey, signWith, startIssuer } from '../helpers/issuer-server';
import { eventually, startLoad } from '../helpers/keep-alive';
import { following } from '../helpers/key-followers';
import { keySet, startKeyServer, type KeyServer } from '../helpers/nginx-provider';
import {
  CONTRACT_LOCATIONS,
  ENGINES,
  startNginx,
  type Engine,
  type Nginx,
  type NginxOptions,
} from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken, type KeyPair } from '../helpers/tokens';

const first = makeKeyPair('RS256');
const foreign = makeKeyPair('RS256');

const ZONES = `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;
  js_fetch_timeout 5s;`;
const PERIODIC = `
    location @jwtverify { js_periodic jwtverify.refresh interval=1s; }`;
const HEALTH = `
    location = /health { js_content jwtverify.health; }`;

const jwk = (pair: KeyPair, kid: string): Readonly<Record<string, unknown>> => ({ ...pair.jwk, kid, use: 'sig' });
const signed = (pair: KeyPair, kid: string): Promise<string> => signToken(pair.privateKey, 'RS256', claims(), { kid });

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

// They wait for intervals more than they work: the engines at once.
describe.concurrent.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine: Engine) => {
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

  test('js_periodic fetches the first keys without any request, and the health location shows it', async () => {
    const provider = await startKeyServer(keySet([jwk(first, 'a')]));
    const nginx = await start(engine, provider);
    await eventually('the keys were fetched', () => provider.asked.length > 0);
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

  test('a reload keeps the keys while the provider is down', async () => {
    const provider = await startKeyServer(keySet([jwk(first, 'a')]));
    const nginx = await start(engine, provider);
    expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(200);
    await provider.stop();
    await nginx.reload((configuration) => configuration.replace('worker_processes 1', 'worker_processes 2'));
    expect((await nginx.askWith(await signed(first, 'a'))).status).toBe(200);
    await nginx.stop();
  });
});

// One after the other: the load shares this process.
describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine: Engine) => {
  test('reloads under load drop no request and answer none wrongly', async () => {
    const issuer = await startIssuer();
    const nginx = await startNginx(engine, {
      workers: 2,
      http: ZONES,
      server: `location / { js_content jwtverify.authorizer; } ${PERIODIC}`,
      env: following(issuer, { OAUTH_JWKS_REFRESH: '10' }).settings,
    });
    const good = await issuer.token();
    const bad = await signWith(await makeKey('ES256', issuer.keys()[0]?.kid), issuer.issuer);
    const load = startLoad(nginx.port, (turn) => (turn % 2 === 0 ? ['good', good] : ['bad', bad]));
    try {
      for (let round = 0; round < 3; round += 1) {
        await load.more('good', 50);
        await nginx.reload();
      }
      await load.more('good', 50);
    } finally {
      await load.end();
    }
    expect([load.seen('good'), load.seen('bad')]).toEqual([['200'], ['401']]);
    await nginx.stop();
    await issuer.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error|exited on signal/);
  });
});
