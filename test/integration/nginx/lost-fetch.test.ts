// A fetch of keys that nginx ends before it has an answer counts as a failed one, whoever looks next, and good keys stay.
import { describe, expect, test, vi } from 'vitest';
import { eventually } from '../helpers/keep-alive';
import { keySet, startKeyServer, type KeyServer } from '../helpers/nginx-provider';
import { ENGINES, startNginx, type Engine, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const good = keySet([{ ...key.jwk, kid: 'a', use: 'sig' }], 'max-age=1');

const LOCATIONS = `
    location / { js_content jwtverify.authorizer; }
    location = /health { js_content jwtverify.health; }`;
/** Shorter than a silent provider is waited for: nginx ends each run that fetches. */
const PERIODIC = `
    location @jwtverify { js_periodic jwtverify.refresh interval=1s; }`;

function start(engine: Engine, provider: KeyServer, server: string): Promise<Nginx> {
  return startNginx(engine, {
    workers: 2,
    http: `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;
  js_shared_dict_zone zone=jwtverify_metrics:1m type=number;
  js_fetch_timeout 5s;`,
    server: `${server} location = /metrics { js_content jwtverify.metrics; }`,
    env: {
      OAUTH_ISSUER: ISSUER,
      OAUTH_AUDIENCE: AUDIENCE,
      OAUTH_JWKS_URL: `${provider.origin}/keys`,
      OAUTH_ALLOW_HTTP: '1',
      OAUTH_JWKS_COOLDOWN: '1',
    },
  });
}

/** Waits until it is known that the provider fails, and that it does no longer. @param ask what is asked meanwhile */
async function expectCounted(nginx: Nginx, provider: KeyServer, ask: () => Promise<void>): Promise<void> {
  const health = async (): Promise<string> => {
    await ask();
    return (await nginx.ask({ path: '/health' })).body;
  };
  await eventually('the lost fetch is counted', async () => /"failures":[1-9]/.test(await health()));
  expect(nginx.messages().join('\n')).toMatch(
    /`http:\S+\/keys`: nginx ended the fetch before an answer came;.*; the last good keys stay in use/,
  );
  const { body } = await nginx.ask({ path: '/metrics' });
  expect(body).toMatch(/fetch\S*\{[^}]*failure[^}]*\} [1-9]/);
  provider.answer(good);
  await eventually('it answers again', async () => health().then((text) => text.includes('"failures":0')));
}

const WITH_DICTIONARY = ENGINES.filter((engine) => engine.hasSharedDict);

// They wait more than they work: all at once.
vi.setConfig({ maxConcurrency: 2 * WITH_DICTIONARY.length });

describe.concurrent.each(WITH_DICTIONARY)('$suite, $name', (engine: Engine) => {
  test('a run of js_periodic that the next one ends', async () => {
    const provider = await startKeyServer(good);
    const nginx = await start(engine, provider, LOCATIONS + PERIODIC);
    await eventually('there are keys', async () => (await nginx.ask({ path: '/health' })).status === 200);
    provider.answer(() => undefined);
    await expectCounted(nginx, provider, () => Promise.resolve());
    await nginx.stop();
    await provider.stop();
    expect(nginx.errorLog()).toContain('killing previous instance');
  });

  test('a request whose worker is killed', async () => {
    const provider = await startKeyServer(good);
    const nginx = await start(engine, provider, LOCATIONS);
    const token = await signToken(key.privateKey, 'RS256', claims(), { kid: 'a' });
    const ask = async (): Promise<void> => {
      expect((await nginx.askWith(token)).status).toBe(200);
    };
    await ask();
    provider.answer(() => undefined);
    const before = provider.asked.length;
    let waiting: Promise<unknown> = Promise.resolve();
    await eventually('the provider is asked', () => {
      waiting = Promise.all([waiting, nginx.askWith(token).catch(() => undefined)]);
      return provider.asked.length > before;
    });
    for (const worker of nginx.workers()) process.kill(worker, 'SIGKILL');
    await waiting;
    await expectCounted(nginx, provider, ask);
    await nginx.stop();
    await provider.stop();
  });
});
