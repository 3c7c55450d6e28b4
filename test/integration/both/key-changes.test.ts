// A provider changes one member of a key: what no longer binds counts no longer, for new tokens and remembered ones.
import { describe, expect, test } from 'vitest';
import { startHaproxy } from '../helpers/haproxy-server';
import { KEYS_CACHE, keysLocation } from '../helpers/keys-location';
import { keySet, startKeyServer } from '../helpers/nginx-provider';
import { CONTRACT_LOCATIONS, ENGINES, SHARED_DICT, startNginx, type Engine } from '../helpers/nginx-server';
import { SUITES, type HttpAnswer } from '../helpers/suite';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken, type KeyPair } from '../helpers/tokens';

type Jwk = Readonly<Record<string, unknown>>;

const rsa = makeKeyPair('RS256');
const other = makeKeyPair('RS256');
const kept = makeKeyPair('ES256');
const KEPT: Jwk = { ...kept.jwk, kid: 'kept' };
const PLAIN: Jwk = { ...rsa.jwk, kid: 'a' };
const BOUND: Jwk = { ...PLAIN, alg: 'RS256', use: 'sig' };

/** What each key is before and after: a token signed with RS256 is good before only. */
const CHANGES: readonly (readonly [string, Jwk, Jwk])[] = [
  ['`alg` to another of the same type', BOUND, { ...BOUND, alg: 'PS256' }],
  ['`alg` to another hash', BOUND, { ...BOUND, alg: 'RS512' }],
  ['no `alg` to one', PLAIN, { ...PLAIN, alg: 'PS384' }],
  ['`alg` to one that is for encryption', BOUND, { ...BOUND, alg: 'RSA-OAEP' }],
  ['`use` to enc', BOUND, { ...BOUND, use: 'enc' }],
  ['no `key_ops` to some without verify', PLAIN, { ...PLAIN, key_ops: ['encrypt'] }],
  ['`kid`', BOUND, { ...BOUND, kid: 'b' }],
  ['the key behind a `kid`', BOUND, { ...other.jwk, kid: 'a', alg: 'RS256' }],
];

const SOURCE = (origin: string): Readonly<Record<string, string>> => ({
  OAUTH_ISSUER: ISSUER,
  OAUTH_AUDIENCE: AUDIENCE,
  OAUTH_JWKS_URL: `${origin}/keys`,
  OAUTH_ALLOW_HTTP: '1',
  OAUTH_JWKS_COOLDOWN: '1',
});

interface Proxy {
  askWith(token: string): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

const DENY = 'http-request deny deny_status 401 unless { var(txn.authorized) -m bool }';
const ZONES = `${SHARED_DICT} js_shared_dict_zone zone=jwtverify_keys:1m timeout=1h evict;`;

function startFor(engine: Engine, origin: string): Promise<Proxy> {
  const env = SOURCE(origin);
  if (engine.hasSharedDict) return startNginx(engine, { env, http: ZONES });
  const server = `${CONTRACT_LOCATIONS} ${keysLocation(`set $jwtverify_url ${origin}/keys;`)}`;
  return startNginx(engine, { env, http: KEYS_CACHE, server });
}

const PROXIES: readonly (readonly [string, (origin: string) => Promise<Proxy>])[] = [
  ...SUITES.map((suite) => {
    const rules = ['http-request lua.jwtverify', DENY];
    const start = (origin: string): Promise<Proxy> => startHaproxy(suite, { settings: SOURCE(origin), rules });
    return [`HAProxy of ${suite}`, start] as const;
  }),
  ...ENGINES.map((engine) => [`nginx, ${engine.name}`, (origin: string) => startFor(engine, origin)] as const),
];

async function statusIs(proxy: Proxy, token: string, status: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  let seen = 0;
  while (Date.now() < deadline) {
    seen = (await proxy.askWith(token)).status;
    if (seen === status) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  expect(seen).toBe(status);
}

describe.concurrent.each(PROXIES)('%s', (_, start) => {
  test('each member of a key that binds ends what it bound', { timeout: 180_000 }, async ({ expect }) => {
    const provider = await startKeyServer(keySet([KEPT], 'max-age=1'));
    const proxy = await start(provider.origin);
    const sign = (name: string): Promise<string> =>
      signToken(rsa.privateKey, 'RS256', claims({ jti: name }), { kid: 'a' });
    const steady = await signToken(kept.privateKey, 'ES256', claims(), { kid: 'kept' });
    await statusIs(proxy, steady, 200);
    for (const [name, before, after] of CHANGES) {
      provider.answer(keySet([before, KEPT], 'max-age=1'));
      const remembered = await sign(name);
      await statusIs(proxy, remembered, 200);
      expect([name, (await proxy.askWith(remembered)).status]).toEqual([name, 200]);
      provider.answer(keySet([after, KEPT], 'max-age=1'));
      await statusIs(proxy, remembered, 401);
      expect([name, (await proxy.askWith(await sign(name))).status]).toEqual([name, 401]);
      expect([name, (await proxy.askWith(steady)).status]).toEqual([name, 200]);
    }
    await proxy.stop();
    await provider.stop();
  });

  test('a signature that failed with one key is tried anew with the next under its name', async ({ expect }) => {
    const [wrong, right] = [makeKeyPair('ES384'), makeKeyPair('ES384')];
    const named = (pair: KeyPair): Jwk => ({ ...pair.jwk, kid: 'slow' });
    const provider = await startKeyServer(keySet([named(wrong), KEPT], 'max-age=1'));
    const proxy = await start(provider.origin);
    const token = await signToken(right.privateKey, 'ES384', claims(), { kid: 'slow' });
    await statusIs(proxy, await signToken(kept.privateKey, 'ES256', claims(), { kid: 'kept' }), 200);
    for (const keys of [wrong, right, wrong, right]) {
      provider.answer(keySet([named(keys), KEPT], 'max-age=1'));
      await statusIs(proxy, token, keys === right ? 200 : 401);
      expect((await proxy.askWith(token)).status).toBe(keys === right ? 200 : 401);
    }
    await proxy.stop();
    await provider.stop();
  });
});
