// Where a browser may return to: the corpus of open redirects, on both proxies in all suites.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BAD_RETURNS, GOOD_RETURNS } from '../../contract/return-to';
import { enter, headerOf, makeBrowser, type Answer } from '../helpers/login-browser';
import { startLogin, type RunningLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';

const RETURN_TO = ['partner.example', '.zoo.example', 'dev.example:8443'];

describe.each(LOGIN_GATEWAYS)('$name', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;

  beforeAll(async () => {
    provider = await startLoginProvider();
    login = await startLogin(gateway, provider, { login: { return_to: RETURN_TO }, cookie: { secure: true } });
  });
  afterAll(async () => {
    await login.stop();
    await provider.stop();
  });

  const ask = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    makeBrowser().send(`${login.origin}${path}`, { headers: { host: 'app.example', ...headers } });
  const linkOf = ({ body }: Answer): string =>
    (/href="(\/oauth2\/start[^"]*)"/.exec(body)?.[1] ?? '').replaceAll('&amp;', '&');

  test('sign-out and sign-in lead to no address of the corpus', async () => {
    for (const { rd } of BAD_RETURNS) {
      const wanted = encodeURIComponent(rd);
      const out = await ask(`/oauth2/sign_out?rd=${wanted}`);
      expect([rd, out.status, headerOf(out, 'location')]).toEqual([rd, 200, '']);
      expect([rd, linkOf(await ask(`/oauth2/sign_in?rd=${wanted}`))]).toEqual([rd, '/oauth2/start']);
    }
  });

  test('they lead to each good one', async () => {
    const whole = (address: string): string => new URL(address, 'https://app.example').href;
    for (const { rd, to = '' } of GOOD_RETURNS) {
      const out = await ask(`/oauth2/sign_out?rd=${encodeURIComponent(rd)}`);
      // The start page might sign in at once: sign-out ends with a page instead.
      expect([rd, whole(headerOf(out, 'location'))]).toEqual([rd, whole(to)]);
      const start = new URL(linkOf(await ask(`/oauth2/sign_in?rd=${encodeURIComponent(rd)}`)), 'http://x');
      expect([rd, start.searchParams.get('rd') ?? '/']).toEqual([rd, to]);
    }
  });
});

describe.each(LOGIN_GATEWAYS)('$name, a whole sign-in', (gateway) => {
  test('ends at the start page where the address asked for is another site', async () => {
    const provider = await startLoginProvider();
    const login = await startLogin(gateway, provider);
    const { browser } = await login.signIn();
    for (const rd of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/oauth2/sign_out',
      '/%2f%2fevil.example',
    ]) {
      const page = await browser.open(`${login.origin}/oauth2/start?rd=${encodeURIComponent(rd)}`);
      expect([rd, page.url.href]).toEqual([rd, `${login.origin}/`]);
    }
    const header = await browser.send(`${login.origin}/oauth2/sign_in`, {
      headers: { 'x-auth-request-redirect': '/app1/y' },
    });
    expect(linkIn(header)).toBe('/oauth2/start?rd=%2Fapp1%2Fy');
    const fresh = login.browser();
    const form = await fresh.open(`${login.origin}/oauth2/start?rd=${encodeURIComponent('//evil.example')}`);
    expect((await enter(fresh, form)).url.href).toBe(`${login.origin}/`);
    await login.stop();
    await provider.stop();
    expect(login.leaks()).toEqual([]);
  });
});

const linkIn = ({ body }: Answer): string => /href="(\/oauth2\/start[^"]*)"/.exec(body)?.[1] ?? '';
