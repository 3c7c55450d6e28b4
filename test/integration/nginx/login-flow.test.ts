// Signing in on nginx, in each way in which it asks: what only nginx has of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enter, headerOf, makeBrowser, valuesOf, type Browser } from '../helpers/login-browser';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';
import { startNginxLogin, type NginxLogin } from '../helpers/nginx-login';
import { askingsOf } from '../helpers/nginx-policy';
import { untilDue } from '../helpers/session-age';
import { ENGINES } from '../helpers/nginx-server';

const WAYS = ENGINES.flatMap((engine) => askingsOf(engine).map((asking) => ({ engine, asking })));

/** The header lines of a name that reached the backend with the last request. */
const reachedLines = (nginx: NginxLogin, name: string): readonly string[] =>
  (nginx.backend.reached.at(-1)?.headers ?? []).flatMap(([other, value]) => (other === name ? [value] : []));

describe.each(WAYS)('nginx of $engine.suite, $engine.name, by $asking', ({ engine, asking }) => {
  let provider: LoginProvider;
  let nginx: NginxLogin;

  beforeAll(async () => {
    provider = await startLoginProvider();
    nginx = await startNginxLogin(engine, provider, {
      asking,
      denies: true,
    });
  });
  afterAll(async () => {
    expect(nginx.leaks().filter((leak) => !leak.startsWith('an answer'))).toEqual([]);
    await nginx.stop();
    await provider.stop();
  });

  async function signIn(user = 'test'): Promise<Browser> {
    const browser = makeBrowser();
    const page = await enter(browser, await browser.open(`${nginx.origin}/app1/`), user);
    expect(page.status).toBe(200);
    return browser;
  }

  test('a browser signs in and comes back to the page that it asked for', async () => {
    const browser = makeBrowser();
    const page = await browser.open(`${nginx.origin}/app1/deep?a=1&b=%2F`);
    const back = await enter(browser, page);
    expect([back.status, back.url.href]).toEqual([200, `${nginx.origin}/app1/deep?a=1&b=%2F`]);
    expect([reachedLines(nginx, 'x-user'), reachedLines(nginx, 'x-groups')]).toEqual([['test'], ['group1']]);
  });

  test('a session is remembered, and its rules are asked every time', async () => {
    const browser = await signIn();
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await browser.open(`${nginx.origin}/app1/`)).status).toBe(200);
      const refused = await browser.open(`${nginx.origin}/app2/`);
      expect([refused.status, refused.hops.length]).toEqual([403, 1]);
      expect(refused.body).toContain('groups_refused');
      expect((await browser.fetch(`${nginx.origin}/app2/`)).body).toContain('groups_refused');
    }
    const keeper = await signIn('keeper');
    expect((await keeper.open(`${nginx.origin}/app2/`)).status).toBe(200);
    expect(reachedLines(nginx, 'x-groups')).toEqual(['group1,group2']);
  });

  test('the backend gets no cookie of login, and every other one', async () => {
    const browser = await signIn();
    // Of the page at which the sign-in ended: its session was opened, and is remembered from then on.
    expect(reachedLines(nginx, 'cookie').join()).not.toContain('jwtverify');
    const url = new URL(nginx.origin);
    browser.jar.put(url, 'jwtverify-login-AAAAAAAA=left; Path=/');
    browser.jar.put(url, 'theme=dark; Path=/');
    for (const path of ['/app1/', '/app1/', '/app1/', '/open/', '/open/']) {
      expect((await browser.open(`${nginx.origin}${path}`)).status).toBe(200);
      const cookies = reachedLines(nginx, 'cookie').join('; ');
      expect(cookies).not.toContain('jwtverify');
      expect(cookies).toContain('theme=dark');
    }
    const stranger = makeBrowser();
    stranger.jar.put(url, 'jwtverify=1.rubbish; Path=/');
    expect((await stranger.open(`${nginx.origin}/open/`)).status).toBe(200);
    expect(reachedLines(nginx, 'cookie')).toEqual([]);
  });

  test('a session counts in several Cookie lines, remembered or not, and none of it reaches the backend', async () => {
    const browser = await signIn();
    const session = browser.jar
      .field(new URL(nginx.origin))
      .split('; ')
      .filter((pair) => pair.startsWith('jwtverify'));
    const headers = ['theme=dark', ...session, 'lang=en'].map((pair) => ['Cookie', pair] as const);
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await nginx.ask({ path: '/app1/', headers })).status).toBe(200);
      expect(reachedLines(nginx, 'cookie')).toEqual(['theme=dark; lang=en']);
    }
    const twice = [...headers, ...headers];
    expect((await nginx.ask({ path: '/app1/', headers: twice })).status).toBe(401);
  });

  test('a token beside a session counts alone: a bad one is refused, and no page leads to sign-in', async () => {
    const browser = await signIn();
    for (let turn = 0; turn < 2; turn += 1) {
      const headers = { accept: 'text/html', authorization: 'Bearer a.b.c' };
      const answer = await browser.send(`${nginx.origin}/app1/`, { headers });
      expect([answer.status, valuesOf(answer, 'location')]).toEqual([401, []]);
      expect((await browser.fetch(`${nginx.origin}/app1/`)).status).toBe(200);
    }
  });

  test('no cache behind keeps a page of a session, which is opened first and then remembered', async () => {
    const browser = await signIn();
    expect(reachedLines(nginx, 'cache-control')).toEqual(['no-store']);
    // Remembered, and then as a request that passed before.
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await browser.open(`${nginx.origin}/app1/`)).status).toBe(200);
      expect(reachedLines(nginx, 'cache-control')).toEqual(['no-store']);
    }
  });

  test('a script without a session gets 401 with a challenge, and no redirect', async () => {
    const answer = await makeBrowser().fetch(`${nginx.origin}/app1/`);
    expect([answer.status, headerOf(answer, 'www-authenticate').slice(0, 6)]).toEqual([401, 'Bearer']);
    expect(valuesOf(answer, 'location')).toEqual([]);
    expect(headerOf(answer, 'content-type')).toBe('application/problem+json');
    const post = await makeBrowser().send(`${nginx.origin}/app1/`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([post.status, valuesOf(post, 'location')]).toEqual([401, []]);
  });

  test('a cookie that does not open is removed on the way to sign-in', async () => {
    const browser = await signIn();
    const url = new URL(nginx.origin);
    const good = browser.jar.read(url).get('jwtverify') ?? '';
    for (const bad of [`${good.slice(0, -8)}AAAAAAAA`, '1.rubbish', '2.rubbish']) {
      browser.jar.put(url, `jwtverify=${bad}; Path=/`);
      const answer = await browser.send(`${nginx.origin}/app1/`, { headers: { accept: 'text/html' } });
      expect([bad.length, answer.status]).toEqual([bad.length, 302]);
      expect(valuesOf(answer, 'set-cookie').join()).toContain('jwtverify=; Path=/; Max-Age=0');
    }
  });

  test('a refreshed session reaches the browser with the answer of the application', async () => {
    provider.lifetimes.access = 1;
    const browser = await signIn();
    const before = provider.posted.length;
    const cookies = new Set<string | undefined>();
    for (let turn = 0; turn < 2; turn += 1) {
      await untilDue();
      const page = await browser.open(`${nginx.origin}/app1/`);
      expect([page.status, valuesOf(page, 'set-cookie').length > 0]).toEqual([200, true]);
      expect(valuesOf(page, 'x-reached')).toEqual(['yes']);
      cookies.add(browser.jar.read(new URL(nginx.origin)).get('jwtverify'));
    }
    expect(cookies.size).toBe(2);
    expect(provider.posted.slice(before).map((form) => form.get('grant_type'))).toEqual([
      'refresh_token',
      'refresh_token',
    ]);
    provider.lifetimes.access = 600;
  });

  test('somebody who signs out is signed out with every copy of the cookie', async () => {
    const browser = await signIn();
    const thief = browser.copy();
    for (let turn = 0; turn < 3; turn += 1) expect((await thief.fetch(`${nginx.origin}/app1/`)).status).toBe(200);
    const page = await browser.open(`${nginx.origin}/oauth2/sign_out`);
    expect(page.status).toBe(200);
    expect((await thief.fetch(`${nginx.origin}/app1/`)).status).toBe(401);
    expect((await browser.fetch(`${nginx.origin}/app1/`)).status).toBe(401);
  });
});
