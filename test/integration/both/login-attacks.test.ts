// Attacks on sign-in, on both proxies in all suites: each ends without a session for the attacker, and with a way on for the victim.
import { describe, expect, test } from 'vitest';
import { account } from '../helpers/login-configuration';
import { enter, formsOf, headerOf, reachedBy, type Answer, type Browser } from '../helpers/login-browser';
import { COOKIE, type RunningLogin, useLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { expectNoSession, holdsSession, stopBeforeCallback } from '../helpers/login-callback';
import type { LoginProvider } from '../helpers/login-provider';
import { request } from '../helpers/suite';

describe.each(LOGIN_GATEWAYS)('$name', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;

  useLogin(gateway, (started) => {
    ({ provider, login } = started);
  });

  const hasSession = (browser: Browser): boolean => holdsSession(login, browser);
  const stopAtCallback = (browser: Browser): Promise<string> => stopBeforeCallback(login, browser);
  const expectRefusal = (answer: Answer, browser: Browser): void => {
    expectNoSession(login, answer, browser);
  };

  test('login CSRF: an answer of the issuer for somebody else opens nothing in this browser', async () => {
    const callback = await stopAtCallback(login.browser());
    const victim = login.browser();
    expectRefusal(await victim.open(callback, new URL('https://evil.example/')), victim);
    // Nor does it once the victim has a login of its own under way, which goes on.
    const form = await victim.open(`${login.origin}/app1/`);
    expectRefusal(await victim.open(callback, new URL('https://evil.example/')), victim);
    expect((await enter(victim, form)).status).toBe(200);
  });

  test('session fixation: signing in never keeps the session that was there before', async () => {
    const attacker = await login.signIn();
    const before = attacker.browser.jar.read(new URL(login.origin)).get(COOKIE);
    const victim = attacker.browser.copy();
    const form = await victim.open(`${login.origin}/oauth2/start?rd=/app1/`);
    if (formsOf(form).length > 0) await enter(victim, form);
    expect(victim.jar.read(new URL(login.origin)).get(COOKIE)).not.toBe(before);
    expect((await victim.fetch(`${login.origin}/app1/`)).status).toBe(200);
  });

  test('a stolen code opens nothing in another login: its verifier does not fit', async () => {
    const victim = new URL(await stopAtCallback(login.browser()));
    const thief = login.browser();
    const own = new URL(await stopAtCallback(thief));
    own.searchParams.set('code', victim.searchParams.get('code') ?? '');
    expectRefusal(await thief.open(own.href), thief);
  });

  test.each([
    ['another', 'A'.repeat(32)],
    ['an empty', ''],
    ['a shorter', 'abc'],
    ['a longer', 'A'.repeat(5000)],
  ])('a callback with %s state opens nothing', async (_, state) => {
    const browser = login.browser();
    const callback = new URL(await stopAtCallback(browser));
    callback.searchParams.set('state', state);
    const answer = await browser.open(callback.href);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(hasSession(browser)).toBe(false);
  });

  test('a callback that is opened again opens nothing again, and leaves the session as it is', async () => {
    const browser = login.browser();
    const callback = await stopAtCallback(browser);
    const thief = browser.copy();
    expect((await browser.open(callback)).status).toBe(200);
    const again = await browser.open(callback);
    expect(again.status).toBe(400);
    expect((await browser.fetch(`${login.origin}/app1/`)).status).toBe(200);
    // With the cookie of the login as well: the issuer redeems a code once.
    expectRefusal(await thief.open(callback), thief);
  });

  test.each([
    [
      'of another issuer',
      (url: URL) => {
        url.searchParams.set('iss', 'https://evil.example');
      },
    ],
    [
      'without an issuer',
      (url: URL) => {
        url.searchParams.delete('iss');
      },
    ],
    [
      'with two issuers',
      (url: URL) => {
        url.searchParams.append('iss', 'https://evil.example');
      },
    ],
    [
      'with two codes',
      (url: URL) => {
        url.searchParams.append('code', 'x');
      },
    ],
    [
      'with two states',
      (url: URL) => {
        url.searchParams.append('state', 'x');
      },
    ],
    [
      'with code and error',
      (url: URL) => {
        url.searchParams.append('error', 'x');
      },
    ],
    [
      'without a code',
      (url: URL) => {
        url.searchParams.delete('code');
      },
    ],
  ])('an answer %s opens nothing', async (_, change) => {
    const browser = login.browser();
    const callback = new URL(await stopAtCallback(browser));
    change(callback);
    const posted = provider.posted.length;
    expectRefusal(await browser.open(callback.href), browser);
    expect(provider.posted.length).toBe(posted);
  });

  test('several tabs sign in at once, and each comes back to its own page', async () => {
    const browser = login.browser();
    const tabs = [];
    for (const path of ['/app1/a', '/app1/b', '/app1/c']) tabs.push(await browser.open(`${login.origin}${path}`));
    const ends = [];
    for (const tab of tabs.reverse()) ends.push((await enter(browser, tab)).url.pathname);
    expect(ends).toEqual(['/app1/c', '/app1/b', '/app1/a']);
  });

  test('more than five tabs: the oldest login ends, and its page leads to a new one', async () => {
    const browser = login.browser();
    const first = await browser.open(`${login.origin}/app1/first`);
    for (let index = 0; index < 6; index += 1) await browser.open(`${login.origin}/app1/${String(index)}`);
    expect(browser.jar.read(new URL(login.origin)).size).toBeLessThanOrEqual(5);
    const end = await enter(browser, first);
    expect([end.status, end.url.pathname]).toEqual([400, '/oauth2/callback']);
    expect(end.body).toContain('/oauth2/start');
  });

  test('a cookie that a sibling domain tosses beside the session ends in a page, not in a loop', async () => {
    const attacker = await login.signIn('keeper');
    const { browser } = await login.signIn();
    const tossed = attacker.browser.jar.read(new URL(login.origin)).get(COOKIE) ?? '';
    browser.jar.put(new URL(login.origin), `${COOKIE}=${tossed}; Domain=zoo.example; Path=/app1`);
    const page = await browser.open(`${login.origin}/app1/x`);
    expect([page.status, page.hops.length]).toEqual([401, 1]);
    expect(page.body).toContain('/oauth2/');
  });

  test('claims with line breaks, controls and foreign characters become no header and no cookie', async () => {
    const evil = account('evil', ['a\r\nX-Groups: group2', 'b,c', 'd\u0000e', 'ü']);
    const claims = { ...evil.claims, email: 'a@b.example\r\nSet-Cookie: evil=1', preferred_username: 'x\ny' };
    provider.accounts.set('evil', { ...evil, claims });
    const { browser, page } = await login.signIn('evil');
    const lines = reachedBy(page)?.headers ?? [];
    expect(lines.filter(([name]) => name === 'x-groups').length).toBeLessThanOrEqual(1);
    expect(JSON.stringify(lines)).not.toMatch(/evil=1|group2(?!")/);
    const auth = await browser.send(`${login.origin}/oauth2/auth`);
    expect(headerOf(auth, 'set-cookie')).toBe('');
    expect((await browser.open(`${login.origin}/app2/`)).status).toBe(403);
    const info = await browser.fetch(`${login.origin}/oauth2/userinfo`);
    expect(info.fields.filter(([name]) => name === 'content-type')).toHaveLength(1);
  });

  test('a user in 60 groups gets several cookies, one in 500 a page that says why', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => `a-group-with-a-long-name-${String(index)}`);
    provider.accounts.set('many', account('many', many(60)));
    provider.accounts.set('all', account('all', many(500)));
    const { browser } = await login.signIn('many');
    expect(
      [...browser.jar.read(new URL(login.origin)).keys()].filter((name) => name.startsWith(COOKIE)).length,
    ).toBeGreaterThan(1);
    expect((await browser.fetch(`${login.origin}/app1/x`)).status).toBe(200);
    const other = login.browser();
    const page = await enter(other, await other.open(`${login.origin}/app1/`), 'all');
    expectRefusal(page, other);
    expect(page.body).toContain('groups');
  });

  test.each([
    '//oauth2/callback',
    '/oauth2//callback',
    '/oauth2/callback/',
    '/oauth2/%63allback',
    '/%6fauth2/callback',
    '/OAUTH2/callback',
    '/oauth2/callback;x',
    '/oauth2/./callback',
    '/oauth2/x/../callback',
    '/app1/../oauth2/callback',
  ])('no other spelling is the callback: %s', async (path) => {
    const browser = login.browser();
    const callback = new URL(await stopAtCallback(browser));
    const cookie = browser.jar.field(callback);
    const answer = await request({
      port: login.port,
      path: `${path}${callback.search}`,
      headers: [
        ['Host', callback.host],
        ['Cookie', cookie],
      ],
    });
    expect(answer.headers['set-cookie'] ?? '').not.toContain(`${COOKIE}=1`);
    expect(answer.headers['x-reached']).toBe(undefined);
    expect([302, 400, 401, 403, 404, 405]).toContain(answer.status);
  });

  test('a request hidden in the body of a callback is not answered', async () => {
    const browser = login.browser();
    const callback = new URL(await stopAtCallback(browser));
    const hidden = `GET /app1/hidden HTTP/1.1\r\nHost: ${callback.host}\r\n\r\n`;
    const before = login.backend.count();
    for (const headers of [
      [
        ['Content-Length', '0'],
        ['Transfer-Encoding', 'chunked'],
      ],
      [['Content-Length', String(hidden.length)]],
      [
        ['Transfer-Encoding', 'xchunked'],
        ['Content-Length', '5'],
      ],
    ] as const) {
      await request({
        port: login.port,
        path: `/oauth2/callback${callback.search}`,
        headers: [['Host', callback.host], ...headers],
        body: hidden,
      });
    }
    expect(login.backend.count()).toBe(before);
  });
});
