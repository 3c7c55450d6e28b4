// Access tokens that expire behind a session: it is refreshed once, unnoticed, and lives while the issuer is down.
import { describe, expect, test } from 'vitest';
import { valuesOf as linesOf } from '../helpers/echo-backend';
import { account } from '../helpers/login-configuration';
import { headerOf, reachedBy, type Browser } from '../helpers/login-browser';
import { COOKIE, type RunningLogin, useLogin } from '../helpers/login-gateway';
import { stopBeforeCallback } from '../helpers/login-callback';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import type { LoginProvider } from '../helpers/login-provider';

/** Signs in with an access token that has expired before the first page is loaded; later ones last. */
async function signInWithExpired(login: RunningLogin, user: string): Promise<Browser> {
  const browser = login.browser();
  const callback = await stopBeforeCallback(login, browser, user);
  login.provider.lifetimes.access = 1;
  await browser.send(callback);
  login.provider.lifetimes.access = 600;
  const end = Date.now() + 1100;
  await expect.poll(() => Date.now() > end, { timeout: 5000 }).toBe(true);
  return browser;
}

describe.each(LOGIN_GATEWAYS)('$name', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;

  useLogin(gateway, (started) => {
    ({ provider, login } = started);
  });

  const signInBriefly = (user = 'test'): Promise<Browser> => signInWithExpired(login, user);
  const cookieOf = ({ jar }: Browser): string => jar.read(new URL(login.origin)).get(COOKIE) ?? '';

  test('an expired access token is replaced unnoticed, and the browser gets the new session with the answer', async () => {
    const browser = await signInBriefly();
    const before = cookieOf(browser);
    const posted = provider.posted.length;
    const answer = await browser.fetch(`${login.origin}/app1/x?y=z`, { method: 'POST', body: 'a=b' });
    expect([answer.status, reachedBy(answer)?.target, reachedBy(answer)?.body]).toEqual([200, '/app1/x?y=z', 'a=b']);
    expect(provider.posted.slice(posted).map((form) => form.get('grant_type'))).toEqual(['refresh_token']);
    expect(cookieOf(browser)).not.toBe(before);
    const next = await browser.fetch(`${login.origin}/app1/`);
    expect([next.status, headerOf(next, 'set-cookie'), provider.posted.length]).toEqual([200, '', posted + 1]);
  });

  test('changed groups count from the refresh on', async () => {
    const browser = await signInBriefly('keeper');
    provider.accounts.set('keeper', account('keeper', ['group3']));
    const answer = await browser.fetch(`${login.origin}/app1/x`);
    expect(linesOf(reachedBy(answer), 'x-groups')).toEqual(['group3']);
    expect((await browser.fetch(`${login.origin}/app2/x`)).status).toBe(403);
    provider.accounts.set('keeper', account('keeper', ['group1', 'group2']));
  });

  test('an ID token of somebody else at the refresh changes nothing', async () => {
    const browser = await signInBriefly();
    provider.rewrite((tokens) => {
      tokens['id_token'] = 'a.b.c';
    });
    const answer = await browser.fetch(`${login.origin}/app1/x`);
    provider.rewrite(undefined);
    expect([answer.status, linesOf(reachedBy(answer), 'x-user')]).toEqual([200, ['test']]);
  });

  test('with the issuer down 200 requests at once go on with the session', async () => {
    const browser = await signInBriefly();
    await provider.stop();
    const tabs = Array.from({ length: 200 }, () => browser.copy());
    const answers = await Promise.all(tabs.map((tab) => tab.fetch(`${login.origin}/app1/x`)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const last = await browser.fetch(`${login.origin}/app1/x`);
    expect([last.status, linesOf(reachedBy(last), 'x-user')]).toEqual([200, ['test']]);
    await provider.start();
    expect(login.log()).toMatch(/a session is not refreshed: /);
  });
});

describe.each(LOGIN_GATEWAYS.filter(({ ends }) => !ends))('$name, many requests', (gateway) => {
  let login: RunningLogin;

  useLogin(gateway, (started) => {
    ({ login } = started);
  });

  test('without shared memory each request refreshes by itself, and all succeed', async () => {
    const browser = await signInWithExpired(login, 'test');
    const tabs = Array.from({ length: 50 }, () => browser.copy());
    const answers = await Promise.all(tabs.map((tab) => tab.fetch(`${login.origin}/app1/x`)));
    expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    for (const tab of tabs.slice(0, 20)) expect((await tab.fetch(`${login.origin}/app1/`)).status).toBe(200);
  });
});

describe.each(LOGIN_GATEWAYS.filter(({ ends }) => ends))('$name, many requests', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;

  useLogin(gateway, (started) => {
    ({ provider, login } = started);
  });

  const signInBriefly = (user = 'test'): Promise<Browser> => signInWithExpired(login, user);
  const cookieOf = ({ jar }: Browser): string => jar.read(new URL(login.origin)).get(COOKIE) ?? '';

  test('200 requests at once with an expired access token cause one refresh, and all succeed', async () => {
    const browser = await signInBriefly();
    const posted = provider.posted.length;
    provider.slow(300);
    const tabs = Array.from({ length: 200 }, () => browser.copy());
    const answers = await Promise.all(tabs.map((tab) => tab.fetch(`${login.origin}/app1/x`)));
    provider.slow(0);
    expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    expect(provider.posted.length - posted).toBe(1);
    const fresh = tabs.find((tab) => cookieOf(tab) !== cookieOf(browser));
    // On a machine that is busy elsewhere the answer may come after its time: the session goes on as it was.
    expect(fresh !== undefined || login.log().includes('a session is not refreshed: the token endpoint')).toBe(true);
    for (const tab of [fresh ?? browser, browser]) {
      expect((await tab.fetch(`${login.origin}/app1/`)).status).toBe(200);
    }
  });
});
