// Back-channel logout: a logout token of the issuer ends sessions, and one with any fault ends none.
import { describe, expect, test } from 'vitest';
import { headerOf } from '../helpers/login-browser';
import { useLogin, type RunningLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import type { LoginProvider } from '../helpers/login-provider';
import { LOGOUT_FAULTS, logoutToken, sign } from '../helpers/login-tokens';
import { makeKey } from '../helpers/issuer-server';

describe.each(LOGIN_GATEWAYS.filter(({ ends }) => ends))('$name', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;

  useLogin(gateway, (started) => {
    ({ provider, login } = started);
  });

  const logOut = (body: string, headers: object = {}, method = 'POST') =>
    login.browser().send(`${login.origin}/oauth2/backchannel_logout`, {
      method,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body,
    });

  test('a logout token of the issuer ends the sessions of its subject, and no later one', async () => {
    const { browser } = await login.signIn();
    const token = await logoutToken(provider);
    const answer = await logOut(`logout_token=${token}`);
    expect([answer.status, headerOf(answer, 'cache-control')]).toEqual([200, 'no-store']);
    expect((await browser.fetch(`${login.origin}/app1/`)).status).toBe(401);
    // A session begins in a second of its own.
    await new Promise((done) => setTimeout(done, 1100));
    const later = await login.signIn();
    expect((await logOut(`logout_token=${token}`)).status).toBe(200);
    expect((await later.browser.fetch(`${login.origin}/app1/`)).status).toBe(200);
  });

  test('a logout token with any fault is refused with 400, and ends nothing', async () => {
    const { browser } = await login.signIn();
    const good = await logoutToken(provider);
    const stranger = await makeKey('RS256', provider.keys[0]?.kid ?? '');
    const claims = JSON.parse(Buffer.from(good.split('.')[1] ?? '', 'base64url').toString()) as object;
    const forms: (readonly [name: string, body: string])[] = [
      ['no token', ''],
      ['an empty one', 'logout_token='],
      ['two', `logout_token=${good}&logout_token=${good}`],
      ['garbage', 'logout_token=hamster'],
      ['no signature', `logout_token=${good.split('.').slice(0, 2).join('.')}.`],
      ["a stranger's signature", `logout_token=${await sign(stranger, claims)}`],
      ['a long one', `logout_token=${'A'.repeat(30_000)}`],
    ];
    for (const [name, changes, header] of LOGOUT_FAULTS) {
      forms.push([name, `logout_token=${await logoutToken(provider, changes, header)}`]);
    }
    for (const [name, body] of forms) {
      const answer = await logOut(body);
      expect([name, answer.status]).toEqual([
        name,
        name === 'a long one' ? expect.toSatisfy((status) => [400, 413].includes(status as number)) : 400,
      ]);
    }
    expect((await logOut('', {}, 'GET')).status).toBe(405);
    expect((await logOut(`logout_token=${good}`, { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await browser.fetch(`${login.origin}/app1/`)).status).toBe(200);
  });
});
