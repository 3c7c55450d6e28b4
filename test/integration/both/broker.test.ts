// The issuer that a proxy is: its documents in the form of document 004, the lines of docs/broker.md, and a proxy that trusts
// itself by discovery, on both proxies in all suites.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../helpers/docs-blocks';
import { IS_STOCK } from '../helpers/haproxy-server';
import type { LoginGateway, RunningProxy } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { makeProxyName, type ProxyName } from '../helpers/proxy-name';
import { CONDITIONS, makeWorkDirectory, request, runIn, SUITES } from '../helpers/suite';

const BLOCKS = blocksOf('docs/broker.md');
const CERTS = '/oauth2/v1/certs';
const DISCOVERY = '/.well-known/openid-configuration';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));
/** Without luaossl, HAProxy has RSA keys alone. */
const GATEWAYS = LOGIN_GATEWAYS.filter(({ proxy }) => !IS_STOCK || proxy === 'HAProxy');
const hasEc = ({ proxy }: LoginGateway): boolean => proxy === 'nginx' || !IS_STOCK;

/** The lines of the document, and on nginx those of an application. */
function linesFor({ proxy }: LoginGateway): string {
  const lines = BLOCKS.find(({ language }) => language === proxy.toLowerCase())?.text ?? '';
  const application = `
    location / { auth_request /_jwtverify; include DIRECTORY/forward.conf; proxy_pass http://apps; }
    location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }`;
  return proxy === 'nginx' ? lines + application : lines;
}

/** Nobody is at this address: a provider that is away ends nothing else. */
const AWAY = 'http://127.0.0.1:9';

/** Who signs people in, on nginx alone: HAProxy starts with nothing but the document's line for keys and documents. */
function deskFor({ proxy, discovers }: LoginGateway): object {
  if (proxy === 'HAProxy') return {};
  const endpoints = { authorization_endpoint: `${AWAY}/a`, token_endpoint: `${AWAY}/t` };
  const corp = { issuer: AWAY, client_id: 'x', client_secret_file: 'DIRECTORY/secret', user_claims: ['email'] };
  return {
    providers: { corp: discovers ? corp : { ...corp, keys: { jwks_url: `${AWAY}/k` }, endpoints } },
    audiences: { zoo: { redirect: `${AWAY}/in`, look_up: false } },
    cookie: { secret_file: 'DIRECTORY/secret', secure: false },
  };
}

describe.each(GATEWAYS)('$name', (gateway) => {
  let name: ProxyName;
  let proxy: RunningProxy;
  const keys = [
    { kid: '2022030801', private_key_file: 'DIRECTORY/rsa.pem' },
    ...(hasEc(gateway) ? [{ kid: 'next', private_key_file: 'DIRECTORY/ec.pem' }] : []),
    { kid: 'edwards', private_key_file: 'DIRECTORY/ed.pem' },
  ];

  beforeAll(async () => {
    name = await makeProxyName();
    // It trusts itself: an issuer of whom it has to ask the keys, where it can.
    const own = gateway.discovers ? { discovery: true } : { public_key_file: 'DIRECTORY/public.pem' };
    const policy = {
      issuers: [{ issuer: name.url, audiences: ['register'], keys: own }],
      otherwise: 'authenticated',
      allow_http: true,
      jwks_cooldown: 1,
      broker: { issuer: name.url, keys, ...deskFor(gateway) },
    };
    const files = {
      secret: 's'.repeat(32),
      'rsa.pem': pemOf(rsa.privateKey),
      'ec.pem': pemOf(ec.privateKey),
      'ed.pem': pemOf(ed.privateKey),
      'public.pem': String(rsa.publicKey.export({ type: 'spki', format: 'pem' })),
    };
    proxy = await gateway.start(policy, { files, lines: linesFor(gateway) });
    name.lead(proxy.port);
  });
  afterAll(async () => {
    await proxy.stop();
    await name.stop();
    for (const pem of [rsa, ec, ed].map(({ privateKey }) => pemOf(privateKey))) {
      for (const line of pem.split('\n').filter((text) => text.length > 20)) expect(proxy.log()).not.toContain(line);
    }
  });

  const tokenOf = (): Promise<string> =>
    new SignJWT({ upn: 'someone@cloudfield.cz', name: 'Someone', provider: 'microsoft', roles: ['USER'] })
      .setProtectedHeader({ alg: 'RS256', kid: '2022030801', typ: 'JWT' })
      .setIssuer(name.url)
      .setAudience('register')
      .setJti('1de17e17-a580-4420-8603-a9c2e04a039b')
      .setIssuedAt()
      .setExpirationTime('1 day')
      .sign(rsa.privateKey);

  test('the documents have the members of document 004 in its order', async () => {
    const { n, e } = rsa.publicKey.export({ format: 'jwk' });
    const { x, y } = ec.publicKey.export({ format: 'jwk' });
    const { x: point } = ed.publicKey.export({ format: 'jwk' });
    const answer = await request({ port: proxy.port, path: CERTS });
    const expected = [
      { alg: 'RS256', e, kid: '2022030801', kty: 'RSA', n, use: 'sig' },
      ...(hasEc(gateway) ? [{ alg: 'ES256', crv: 'P-256', kid: 'next', kty: 'EC', use: 'sig', x, y }] : []),
      { alg: 'EdDSA', crv: 'Ed25519', kid: 'edwards', kty: 'OKP', use: 'sig', x: point },
    ];
    expect([answer.status, answer.body]).toEqual([200, JSON.stringify({ keys: expected })]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
    });
    const discovery = await request({ port: proxy.port, path: DISCOVERY });
    expect(discovery.status).toBe(200);
    expect(discovery.body).toBe(
      JSON.stringify({ issuer: name.url, authorization_endpoint: '', jwks_uri: name.url + CERTS }),
    );
  });

  test('a token of the key is good in jose and, by discovery, in the proxy that publishes the key', async () => {
    const token = await tokenOf();
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(name.url + CERTS)), { audience: 'register' });
    expect(payload['upn']).toBe('someone@cloudfield.cz');
    const judge = (value: string): Promise<number> =>
      request({ port: proxy.port, path: '/x', headers: [['Authorization', `Bearer ${value}`]] }).then(
        ({ status }) => status,
      );
    // Keys that were asked for before the name led anywhere are asked for again a second later.
    await expect.poll(() => judge(token), { timeout: 20_000, interval: 250 }).toBe(200);
    expect(await judge(`${token.slice(0, -6)}AAAAAA`)).toBe(401);
  });

  test('the documents are answered to whoever may read them, whole, and at their own spelling alone', async () => {
    const at = (path: string, method = 'GET', headers: readonly (readonly [string, string])[] = []) =>
      request({ port: proxy.port, path, method, headers });
    const { body } = await at(CERTS);
    for (const field of CONDITIONS) {
      const whole = await at(CERTS, 'GET', [field]);
      expect([field, Math.floor(whole.status / 100), whole.body]).toEqual([field, 2, body]);
    }
    const head = await at(CERTS, 'HEAD');
    expect([head.status, head.body]).toEqual([200, '']);
    const preflight = await at(CERTS, 'OPTIONS', [['Origin', 'https://a.example']]);
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, '*']);
    const posted = await at(CERTS, 'POST');
    expect([posted.status, posted.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect((await at(`${CERTS}?a=b`)).status).toBe(200);
    for (const path of ['/oauth2/v1/%63erts', '/oauth2//v1/certs', '/oauth2/./v1/certs', `${CERTS}/`]) {
      // HAProxy leads these to the action, nginx those that it decodes to the broker.
      expect([401, 404]).toContain((await at(path)).status);
    }
  });

  test('a key that every user may read is warned of where the proxy can see it', () => {
    const isNamed = proxy.log().includes('can be read by every user of this machine');
    // Without dictionaries nothing remembers that a notice was logged, and so none is.
    expect(isNamed).toBe(gateway.proxy === 'nginx' && gateway.discovers);
  });
});

test.each(SUITES)('the commands of docs/broker.md make a key, %s', async (suite) => {
  const work = makeWorkDirectory(suite);
  const commands = BLOCKS.filter(({ language }) => language === 'sh').map(({ text }) => text);
  const script = commands.join('\n').replaceAll('/run/secrets', work.inside);
  expect(await runIn(suite, ['sh', '-euc', script])).toMatchObject({ code: 0 });
  expect(createPrivateKey(readFileSync(join(work.outside, 'broker.pem'))).asymmetricKeyDetails?.modulusLength).toBe(
    2048,
  );
  const ed25519 = readFileSync(join(work.outside, 'broker-ed25519.pem'));
  expect(createPrivateKey(ed25519).asymmetricKeyType).toBe('ed25519');
});
