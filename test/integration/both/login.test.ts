// A browser signs in at a real provider, on both proxies in all suites: document 003's applications behind a login.
import { describe, expect, test } from 'vitest';
import { valuesOf as linesOf } from '../helpers/echo-backend';
import { enter, headerOf, headingOf, reachedBy, valuesOf, type Page } from '../helpers/login-browser';
import { SCOPES } from '../helpers/login-configuration';
import { COOKIE, startLogin, type RunningLogin, useLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';
import { ROLES } from '../helpers/login-roles';

const DEEP = '/app1/deep/link?a=1&b=%26%20c&rd=/app2';

const WEBSOCKET = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  // RFC 6455 §1.3.
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

const paths = (page: Page): readonly string[] => page.hops.map(({ url }) => url.pathname.replace(/[\w-]{20,}/, 'ID'));

describe.each(LOGIN_GATEWAYS)('$name', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;

  useLogin(gateway, (started) => {
    ({ provider, login } = started);
  });

  test('D4, D5: a page load without a session goes to the issuer, and comes back to the page with its query', async () => {
    const browser = login.browser();
    const form = await browser.open(`${login.origin}${DEEP}`);
    expect(form.url.origin).toBe(provider.issuer);
    const asked = form.hops.find(({ url }) => url.pathname === '/auth')?.url.searchParams;
    expect(asked?.get('scope')).toBe(SCOPES);
    expect([asked?.get('response_type'), asked?.get('code_challenge_method')]).toEqual(['code', 'S256']);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked?.get(name)?.length).toBeGreaterThan(30);
    expect(asked?.get('redirect_uri')).toBe(`${login.origin}/oauth2/callback`);
    const page = await enter(browser, form);
    expect([page.status, page.url.href]).toEqual([200, `${login.origin}${DEEP}`]);
    expect(reachedBy(page)?.target).toBe(DEEP);
    // The login's own cookie has ended; the session's is for this host, and for no script.
    expect([...browser.jar.read(new URL(login.origin)).keys()]).toEqual([COOKIE]);
    const [session] = browser.jar.all().filter(({ name }) => name === COOKIE);
    expect(session).toMatchObject({ hostOnly: true, httpOnly: true, sameSite: 'lax', path: '/' });
    for (const hop of page.hops) {
      if (hop.url.pathname.startsWith('/oauth2/')) expect(headerOf(hop, 'cache-control')).toBe('no-store');
    }
  });

  test('D6: the backend gets user, email and groups of the session, those of a client never, and no cookie of login', async () => {
    const { browser } = await login.signIn();
    browser.jar.put(new URL(login.origin), 'theme=dark; Path=/');
    const forged = { 'x-user': 'root', 'x-email': 'root@zoo.example', 'x-groups': 'group2', x_user: 'root' };
    const answer = reachedBy(await browser.send(`${login.origin}/app1/x`, { headers: forged }));
    const names = ['x-user', 'x-email', 'x-groups', 'cookie'];
    expect(names.map((name) => linesOf(answer, name))).toEqual([
      ['test'],
      ['test@zoo.example'],
      ['group1'],
      ['theme=dark'],
    ]);
    expect(JSON.stringify(answer)).not.toContain('root');
  });

  test('D2: a user outside the group gets a page that says why, without a loop; a member passes', async () => {
    const { browser } = await login.signIn();
    const page = await browser.open(`${login.origin}/app2/x`);
    expect([page.status, page.hops.length]).toEqual([403, 1]);
    expect(page.body).toContain('group');
    expect(page.body).toContain('/oauth2/sign_out');
    // Signing in again changes nothing.
    const again = await browser.open(`${login.origin}/oauth2/start?rd=/app2/x`);
    expect([again.status, again.url.pathname]).toEqual([403, '/app2/x']);
    const script = await browser.fetch(`${login.origin}/app2/x`);
    expect([script.status, headerOf(script, 'content-type')]).toEqual([403, 'application/problem+json']);
    const keeper = await login.signIn('keeper', '/app2/x');
    expect(linesOf(reachedBy(keeper.page), 'x-groups')).toEqual(['group1,group2']);
  });

  test('a rule may ask with a page, whose button leads to sign-in and back', async () => {
    const browser = login.browser();
    const page = await browser.open(`${login.origin}/asks/x?y=z`);
    expect([page.status, headingOf(page)]).toEqual([401, 'Sign in']);
    const href = /href="(\/oauth2\/start[^"]*)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const end = await enter(browser, await browser.open(`${login.origin}${href}`, page.url));
    expect([end.status, end.url.href]).toEqual([200, `${login.origin}/asks/x?y=z`]);
  });

  test.each([
    ['fetch', '/app1/x', { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['XMLHttpRequest', '/app1/x', { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' }],
    ['a client of an API', '/app1/x', { accept: 'application/json' }],
    ['curl', '/app1/x', { accept: '*/*' }],
    ['a bearer token', '/app1/x', { accept: 'text/html', authorization: 'Bearer x.y.z' }],
    ['a frame', '/app1/x', { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['a page load where the rule says never', '/api/x', { accept: 'text/html', 'sec-fetch-mode': 'navigate' }],
    ['a WebSocket', '/app1/x', WEBSOCKET],
  ])('%s without a session gets 401 and no redirect', async (_, path, headers) => {
    const answer = await login.browser().send(`${login.origin}${path}`, { headers });
    expect([answer.status, headerOf(answer, 'location')]).toEqual([401, '']);
    expect(headerOf(answer, 'www-authenticate')).toContain('Bearer');
    expect(headerOf(answer, 'set-cookie')).toBe('');
  });

  test('only GET is sent to sign-in: a POST without a session gets 401', async () => {
    const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const answer = await login.browser().send(`${login.origin}/app1/x`, { method: 'POST', headers, body: 'a=b' });
    expect([answer.status, headerOf(answer, 'location')]).toEqual([401, '']);
  });

  test('fetch and public pages pass as they should: with a session to the backend, public ones without any', async () => {
    const { browser } = await login.signIn();
    const answer = await browser.fetch(`${login.origin}/api/x`, { method: 'POST', body: '{"a":1}' });
    expect([answer.status, reachedBy(answer)?.body]).toEqual([200, '{"a":1}']);
    expect((await login.browser().open(`${login.origin}/public`)).status).toBe(200);
  });

  test('D3: auth answers 202 with headers for a session, 401 without one, and 403 outside allowed_groups', async () => {
    const { browser } = await login.signIn();
    const ask = (query: string) => browser.send(`${login.origin}/oauth2/auth${query}`);
    const good = await ask('');
    expect(good.status).toBe(202);
    expect(headerOf(good, 'x-auth-request-user')).toBe('test');
    expect(headerOf(good, 'x-auth-request-email')).toBe('test@zoo.example');
    expect(headerOf(good, 'x-auth-request-groups')).toBe('group1');
    expect((await ask('?allowed_groups=group2,group1')).status).toBe(202);
    expect((await ask('?allowed_groups=group2')).status).toBe(403);
    expect((await ask('?allowed_email_domains=zoo.example')).status).toBe(202);
    expect((await ask('?allowed_email_domains=other.example')).status).toBe(403);
    const without = await login.browser().send(`${login.origin}/oauth2/auth`);
    expect([without.status, headerOf(without, 'location')]).toEqual([401, '']);
  });

  test('userinfo says who is signed in, and nothing more', async () => {
    const { browser } = await login.signIn();
    const answer = await browser.fetch(`${login.origin}/oauth2/userinfo`);
    expect(JSON.parse(answer.body)).toEqual({
      user: 'test',
      email: 'test@zoo.example',
      groups: ['group1'],
      preferredUsername: 'test',
    });
    expect((await login.browser().fetch(`${login.origin}/oauth2/userinfo`)).status).toBe(401);
  });

  test('the person cancels at the issuer: a page says so, with a way to try again', async () => {
    const browser = login.browser();
    const page = await browser.submit(await browser.open(`${login.origin}/app1/`), { do: 'cancel' });
    expect([page.url.pathname, headingOf(page)]).toEqual(['/oauth2/callback', 'You are not signed in']);
    expect(paths(page)).not.toContain('/app1/');
    // And from there to the page that was asked for.
    expect(page.body).toContain('href="/oauth2/start?rd=%2Fapp1%2F"');
  });

  test.each([
    ['POST', '/oauth2/start', 405],
    ['POST', '/oauth2/callback', 405],
    ['GET', '/oauth2/backchannel_logout', 405],
    ['GET', '/oauth2/nothing', 404],
    ['GET', '/oauth2/', 404],
  ])('%s %s is %i', async (method, path, status) => {
    const answer = await login.browser().send(`${login.origin}${path}`, { method });
    expect([answer.status, valuesOf(answer, 'set-cookie')]).toEqual([status, []]);
  });
});

describe.each(LOGIN_GATEWAYS)('$name, another policy', (gateway) => {
  test('D7: groups and roles of Keycloak come from realm_access.roles, of the access token too', async () => {
    const provider = await startLoginProvider({ method: 'client_secret_post' });
    const login = await startLogin(gateway, provider, ROLES);
    const keeper = await login.signIn('keeper', '/app2/x');
    expect(linesOf(reachedBy(keeper.page), 'x-groups')).toEqual(['group1,group2']);
    const test = await login.signIn();
    expect((await test.browser.open(`${login.origin}/app2/x`)).status).toBe(403);
    await login.stop();
    await provider.stop();
    expect(login.leaks()).toEqual([]);
  });

  test("D9: pages are made of the operator's own template and logo, and their content stays text", async () => {
    const provider = await startLoginProvider();
    const files = {
      'page.html':
        '<!doctype html><title>{{title}}</title><h1>Zoo: {{title}}</h1><img src="{{logo}}" alt="">{{message}}{{actions}}',
      'logo.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle r="4"/></svg>',
    };
    const login = await startLogin(gateway, provider, { login: { pages: 'DIRECTORY' } }, { files });
    const { browser } = await login.signIn();
    const page = await browser.open(`${login.origin}/app2/`);
    expect([page.status, headingOf(page)]).toEqual([403, 'Zoo: You cannot see this page']);
    expect(page.body).toContain('<img src="data:image/svg+xml');
    expect(page.body).toContain('/oauth2/sign_out');
    expect(headerOf(page, 'content-security-policy')).toContain("default-src 'none'");
    await login.stop();
    await provider.stop();
  });

  test('D6: the access token reaches a backend whose policy forwards it', async () => {
    const provider = await startLoginProvider();
    const login = await startLogin(gateway, provider, { more: { forward: { 'X-Access-Token': 'token' } } });
    const { page } = await login.signIn();
    const [token = ''] = linesOf(reachedBy(page), 'x-access-token');
    expect(provider.secrets.has(token)).toBe(true);
    await login.stop();
    await provider.stop();
    expect(login.leaks().filter((leak) => !leak.startsWith('the backend has'))).toEqual([]);
  });
});

describe.each(LOGIN_GATEWAYS.filter(({ discovers }) => discovers))('$name, an issuer that is not there', (gateway) => {
  test('D8: the issuer may start late: a page says that one cannot sign in now, and later one can', async () => {
    const provider = await startLoginProvider();
    await provider.stop();
    const login = await startLogin(gateway, provider);
    const browser = login.browser();
    const early = await browser.open(`${login.origin}/app1/`);
    expect([early.status, headerOf(early, 'set-cookie')]).toEqual([503, '']);
    await provider.start();
    await expect
      .poll(async () => (await browser.open(`${login.origin}/app1/`)).url.origin, { timeout: 30_000, interval: 500 })
      .toBe(provider.issuer);
    await login.signIn();
    await login.stop();
    await provider.stop();
  });
});
