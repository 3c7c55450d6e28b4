// Signing out: here, at the issuer, and by the back channel. Where a proxy has no memory that its workers share, it cannot end
// a session that somebody has copied.
import { describe, expect, test } from 'vitest';
import { formsOf, headingOf } from '../helpers/login-browser';
import { startLogin, useLogin, type RunningLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';

describe.each(LOGIN_GATEWAYS.filter(({ ends }) => ends))('$name', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;

  useLogin(gateway, (started) => {
    ({ provider, login } = started);
  });

  test('D5: sign-out here ends the session, of a copy of its cookie too, and offers to sign out at the issuer', async () => {
    const { browser } = await login.signIn();
    const thief = browser.copy();
    expect((await thief.fetch(`${login.origin}/app1/`)).status).toBe(200);
    const page = await browser.open(`${login.origin}/oauth2/sign_out`, new URL(login.origin));
    expect([page.status, headingOf(page)]).toEqual([200, 'You are signed out']);
    expect(browser.jar.read(new URL(login.origin)).size).toBe(0);
    expect((await thief.fetch(`${login.origin}/app1/`)).status).toBe(401);
    // Nothing protected comes back by the back button: the browser has no copy, and asks anew.
    expect((await browser.fetch(`${login.origin}/app1/`)).status).toBe(401);
    const [form] = formsOf(page);
    expect(form?.method).toBe('POST');
    const asks = await browser.submit(page);
    expect(headingOf(asks)).toBe('Sign out of the zoo?');
    await browser.submit(asks, { logout: 'yes' });
    // The issuer asks for a password again.
    const next = await browser.open(`${login.origin}/app1/`);
    expect(headingOf(next)).toBe('Sign in to the zoo');
  });

  test('sign-out that another site asks for is asked about first', async () => {
    const { browser } = await login.signIn();
    const page = await browser.open(`${login.origin}/oauth2/sign_out`, new URL('https://evil.example/'));
    expect(headingOf(page)).toBe('Do you want to sign out?');
    expect((await browser.fetch(`${login.origin}/app1/`)).status).toBe(200);
    expect(headingOf(await browser.submit(page))).toBe('You are signed out');
    expect((await browser.fetch(`${login.origin}/app1/`)).status).toBe(401);
  });

  test('D5: sign-out at the issuer ends the session by the back channel, and only its own', async () => {
    const [one, other] = [await login.signIn(), await login.signIn('keeper')];
    const asks = await one.browser.open(`${provider.issuer}/session/end`);
    await one.browser.submit(asks, { logout: 'yes' });
    expect((await one.browser.fetch(`${login.origin}/app1/`)).status).toBe(401);
    expect((await other.browser.fetch(`${login.origin}/app1/`)).status).toBe(200);
    const page = await one.browser.open(`${login.origin}/app1/`);
    expect([page.status, page.hops.length]).toEqual([401, 1]);
    expect(headingOf(page)).toBe('You are signed out');
  });
});

/** HAProxy as a gateway of its own: `/asked` asks its authorizer about `/app1/`. */
const AUTHORIZER = `http-request use-service lua.jwtlogin if { path_beg /oauth2/ }
  http-request set-var(txn.oauth_method) str(GET) if { path /asked }
  http-request set-var(txn.oauth_target) str(/app1/) if { path /asked }
  http-request use-service lua.jwtauthorizer if { path /asked }
  http-request lua.jwtenforce
  http-request deny deny_status 503 unless { var(txn.authorized) -m bool }
  http-response lua.jwtsession`;

describe.each(LOGIN_GATEWAYS.filter(({ ends }) => ends))('$name, audit', (gateway) => {
  test('a session that was ended has a line in the audit, as a token on the deny list has', async () => {
    const provider = await startLoginProvider();
    const lines = gateway.proxy === 'HAProxy' ? { lines: AUTHORIZER } : {};
    const login = await startLogin(gateway, provider, { more: { audit: 'refused' } }, lines);
    const { browser } = await login.signIn();
    const copy = browser.copy();
    await browser.open(`${login.origin}/oauth2/sign_out`, new URL(login.origin));
    const revoked =
      /jwtverify: audit: decision=deny reason=token_revoked rule=app1 subject=test client= method=GET (?:host=\S+ )?path=\/app1/;
    // HAProxy 2.6 says each line at its standard error too.
    const audited = (): readonly string[] =>
      login
        .log()
        .split('\n')
        .filter((line) => line.includes('audit: ') && !line.startsWith('[info]'));
    const count = (): number => audited().filter((line) => revoked.test(line)).length;
    // A page that says so is no second refusal.
    expect((await copy.open(`${login.origin}/app1/`)).status).toBe(401);
    await expect.poll(count).toBe(1);
    if (gateway.proxy === 'HAProxy') {
      expect((await copy.fetch(`${login.origin}/asked`)).status).toBe(401);
      await expect.poll(count).toBe(2);
    }
    // Without a session there is nobody to name.
    expect((await login.browser().fetch(`${login.origin}/app1/`)).status).toBe(401);
    expect(audited()).toHaveLength(count());
    await login.stop();
    await provider.stop();
  });
});
