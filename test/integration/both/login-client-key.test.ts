// A client that proves itself by a signature (`private_key_jwt`), on both proxies in all suites.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IS_STOCK } from '../helpers/haproxy-server';
import { expectNoSession, stopBeforeCallback } from '../helpers/login-callback';
import { startLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';

interface Pair {
  readonly pem: string;
  readonly jwk: JWK;
}

function keep({ publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }): Pair {
  return {
    pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    jwk: publicKey.export({ format: 'jwk' }),
  };
}

const makeRsa = (): Pair => keep(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const rsa = makeRsa();
const ec = keep(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const ed = keep(generateKeyPairSync('ed25519'));
const stranger = makeRsa();

let provider: LoginProvider;
/** Refuses an assertion that is not for itself. */
let strict: LoginProvider;

beforeAll(async () => {
  const clientKeys = [
    { ...rsa.jwk, kid: 'an-rsa-key', use: 'sig' },
    { ...ec.jwk, kid: 'an-ec-key', use: 'sig' },
    { ...ed.jwk, kid: 'an-ed-key', use: 'sig' },
  ];
  provider = await startLoginProvider({ method: 'private_key_jwt', clientKeys });
  strict = await startLoginProvider({ method: 'private_key_jwt', clientKeys, wantsItself: true });
});
afterAll(() => Promise.all([provider.stop(), strict.stop()]));

/** The parts of `login` that name the key. */
const keyed = (more: object): object => ({
  client_secret_env: undefined,
  token_endpoint_auth_method: 'private_key_jwt',
  client_key_file: 'DIRECTORY/client.pem',
  ...more,
});

/** What nginx does is the same with and without HAProxy's libraries. */
const GATEWAYS = LOGIN_GATEWAYS.filter(({ proxy }) => !IS_STOCK || proxy === 'HAProxy');

describe.each(GATEWAYS)('$name', ({ proxy, ...rest }) => {
  const gateway = { proxy, ...rest };
  // Without luaossl, HAProxy signs with RSA and Ed25519 alone.
  const ways = [
    ['RS256', rsa.pem, {}],
    ['PS256', rsa.pem, { token_endpoint_auth_signing_alg: 'PS256', client_key_id: 'an-rsa-key' }],
    ['EdDSA', ed.pem, { client_key_id: 'an-ed-key' }],
    ...(IS_STOCK && proxy === 'HAProxy' ? [] : [['ES256', ec.pem, { client_key_id: 'an-ec-key' }] as const]),
  ] as const;

  test.each(ways)('%s signs a person in, and nothing of the key is in a log', async (_, pem, more) => {
    const login = await startLogin(gateway, provider, { login: keyed(more) }, { files: { 'client.pem': pem } });
    const { page } = await login.signIn();
    expect(page.status).toBe(200);
    const form = provider.posted.at(-1);
    expect([form?.get('client_id'), form?.has('client_secret')]).toEqual(['gateway', false]);
    await login.stop();
    expect(login.leaks()).toEqual([]);
    for (const line of pem.split('\n').filter((text) => text.length > 20)) expect(login.log()).not.toContain(line);
  });

  test('an issuer that wants the assertion for itself gets it so, and refuses the usual one', async () => {
    const files = { 'client.pem': rsa.pem };
    const usual = await startLogin(gateway, strict, { login: keyed({}) }, { files });
    const browser = usual.browser();
    expectNoSession(usual, await browser.open(await stopBeforeCallback(usual, browser)), browser);
    expect(usual.log()).toContain('invalid_client');
    await usual.stop();

    const more = keyed({ client_assertion_audience: 'issuer' });
    const login = await startLogin(gateway, strict, { login: more }, { files });
    expect((await login.signIn()).page.status).toBe(200);
    await login.stop();
    expect(login.leaks()).toEqual([]);
  });

  test('the next key signs where the issuer does not know the first', async () => {
    const files = { 'client.pem': rsa.pem, 'new.pem': stranger.pem };
    const paths = ['DIRECTORY/new.pem', 'DIRECTORY/client.pem'];
    const more = keyed({ client_key_file: paths, client_key_id: ['a-new-key', 'an-rsa-key'] });
    const login = await startLogin(gateway, provider, { login: more }, { files });
    const before = provider.posted.length;
    expect((await login.signIn()).page.status).toBe(200);
    const kids = provider.posted
      .slice(before)
      .map((form) => decodeProtectedHeader(form.get('client_assertion') ?? '').kid);
    expect(kids).toEqual(['a-new-key', 'an-rsa-key']);
    await login.stop();
    expect(login.leaks()).toEqual([]);
  });

  test('a key that the issuer does not know opens nothing', async () => {
    const files = { 'client.pem': stranger.pem };
    const login = await startLogin(gateway, provider, { login: keyed({}) }, { files });
    const browser = login.browser();
    const answer = await browser.open(await stopBeforeCallback(login, browser));
    expectNoSession(login, answer, browser);
    expect(login.log()).toContain('invalid_client');
    await login.stop();
    expect(login.leaks()).toEqual([]);
  });
});
