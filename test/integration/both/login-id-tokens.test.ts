// ID tokens that are wrong in one way: none makes a session, on both proxies in all suites.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectNoSession, stopBeforeCallback } from '../helpers/login-callback';
import { CLIENT_ID } from '../helpers/login-configuration';
import { startLogin, type RunningLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';
import { changeIdToken, forgeIdToken, stripIdToken } from '../helpers/login-tokens';

describe.each(LOGIN_GATEWAYS)('$name', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;

  beforeAll(async () => {
    provider = await startLoginProvider();
    login = await startLogin(gateway, provider);
  });
  afterEach(() => {
    provider.rewrite(undefined);
  });
  afterAll(async () => {
    await login.stop();
    await provider.stop();
    expect(login.leaks()).toEqual([]);
  });

  test.each<
    readonly [string, () => Parameters<LoginProvider['rewrite']>[0] | Promise<Parameters<LoginProvider['rewrite']>[0]>]
  >([
    ['the nonce of another login', () => changeIdToken(provider, { nonce: 'A'.repeat(32) })],
    ['no nonce', () => changeIdToken(provider, { nonce: undefined })],
    ['another client as audience', () => changeIdToken(provider, { aud: 'other' })],
    ['two audiences and another client as azp', () => changeIdToken(provider, { aud: [CLIENT_ID, 'o'], azp: 'o' })],
    ['another issuer', () => changeIdToken(provider, { iss: 'https://evil.example' })],
    ['an end that is past', () => changeIdToken(provider, { exp: 1_700_000_000 })],
    ['the hash of another access token', () => changeIdToken(provider, { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' })],
    ['no subject', () => changeIdToken(provider, { sub: undefined })],
    ['the type of an access token', () => changeIdToken(provider, {}, { typ: 'at+jwt' })],
    ['the signature of a stranger', () => forgeIdToken(provider)],
    ['no signature', () => stripIdToken],
    [
      'no ID token',
      () => (tokens) => {
        delete tokens['id_token'];
      },
    ],
  ])('an ID token with %s opens nothing', async (_, make) => {
    provider.rewrite(await make());
    const browser = login.browser();
    expectNoSession(login, await browser.open(await stopBeforeCallback(login, browser)), browser);
  });
});
