// Sessions in a HAProxy with several threads, whose Lua states share nothing but HAProxy's own lists.
import { randomUUID } from 'node:crypto';
import { decodeJwt, importJWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startLoginHaproxy, type LoginHaproxy } from '../helpers/login-haproxy';
import type { Browser } from '../helpers/login-browser';
import { CLIENT_ID } from '../helpers/login-configuration';
import { SUITES } from '../helpers/suite';

const LOADS = ['lua-load-per-thread', 'lua-load'] as const;
// HAProxy suspends requests so often that two of them meet wherever they can.
const GLOBAL = ['nbthread 4', 'tune.lua.forced-yield 100'];
/** Enough connections that every thread gets some. */
const MANY = 40;

/** The statuses of so many requests at once, each on a connection of its own. */
async function load(gateway: LoginHaproxy, browser: Browser, count: number, path = '/app1'): Promise<number[]> {
  const cookie = browser.jar.field(new URL(gateway.origin));
  const headers: [string, string][] = cookie === '' ? [] : [['Cookie', cookie]];
  const answers = await Promise.all(Array.from({ length: count }, () => gateway.haproxy.ask({ path, headers })));
  return answers.map(({ status }) => status);
}

/** Signs in with an access token that expires, and waits for that. */
async function signInExpired(gateway: LoginHaproxy): Promise<Browser> {
  gateway.provider.lifetimes.access = 1;
  const browser = await gateway.signIn();
  const end = Math.floor(Date.now() / 1000) + 2;
  gateway.provider.lifetimes.access = 600;
  await expect.poll(() => Date.now() / 1000 > end, { timeout: 5000 }).toBe(true);
  return browser;
}

/** A logout token of the provider (Back-Channel Logout 1.0 §2.4). */
async function logOut({ provider }: LoginHaproxy, claims: object): Promise<string> {
  const [key] = provider.keys;
  if (key === undefined) throw new Error('the provider has no key');
  const now = Math.floor(Date.now() / 1000);
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const whole = { iss: provider.issuer, aud: CLIENT_ID, iat: now, exp: now + 60, jti: randomUUID(), events, ...claims };
  return new SignJWT(whole)
    .setProtectedHeader({ alg: 'RS256', typ: 'logout+jwt', kid: key.kid ?? '' })
    .sign(await importJWK(key, 'RS256'));
}

async function post(gateway: LoginHaproxy, body: string): Promise<number> {
  const headers = [['Content-Type', 'application/x-www-form-urlencoded']] as const;
  return (await gateway.haproxy.ask({ method: 'POST', path: '/oauth2/backchannel_logout', headers, body })).status;
}

const signInAgain = async (gateway: LoginHaproxy): Promise<number[]> => load(gateway, await gateway.signIn(), 4);

const all = (count: number, status: number): number[] => Array.from({ length: count }, () => status);

describe.each(SUITES.flatMap((suite) => LOADS.map((how) => ({ suite, how }))))('$suite, $how', ({ suite, how }) => {
  let gateway: LoginHaproxy;
  beforeAll(async () => {
    gateway = await startLoginHaproxy(suite, { load: how, global: GLOBAL, login: { logout: { back_channel: true } } });
  });
  afterAll(() => gateway.stop());
  afterEach(() => {
    gateway.provider.slow(0);
    gateway.provider.misbehave(undefined);
  });

  test('200 requests at once with an expired access token cause one refresh, and all succeed', async () => {
    const browser = await signInExpired(gateway);
    gateway.provider.slow(300);
    const before = gateway.provider.posted.length;
    expect(await load(gateway, browser, 200)).toEqual(all(200, 200));
    const asked = gateway.provider.posted.slice(before).map((form) => form.get('grant_type'));
    expect(asked).toEqual(['refresh_token']);
  });

  test('the new session reaches the browser with the answer of the application', async () => {
    const browser = await signInExpired(gateway);
    const old = browser.jar.field(new URL(gateway.origin));
    const page = await browser.open(`${gateway.origin}/app1`);
    expect([page.status, page.body]).toEqual([200, 'user test at /app1']);
    const renewed = browser.jar.field(new URL(gateway.origin));
    expect(renewed).not.toBe(old);
    expect(page.fields.filter(([name]) => name === 'cache-control')).toEqual([['cache-control', 'no-store']]);
    const before = gateway.provider.posted.length;
    expect(await load(gateway, browser, MANY)).toEqual(all(MANY, 200));
    expect(gateway.provider.posted.length).toBe(before);
  });

  test('a session goes on while its issuer is down', async () => {
    const browser = await signInExpired(gateway);
    await gateway.provider.stop();
    try {
      expect(await load(gateway, browser, MANY)).toEqual(all(MANY, 200));
    } finally {
      await gateway.provider.start();
    }
  });

  test('sign-out ends a session in every thread, where it is remembered too', async () => {
    const browser = await gateway.signIn();
    const thief = browser.copy();
    expect(await load(gateway, thief, MANY)).toEqual(all(MANY, 200));
    await browser.open(`${gateway.origin}/oauth2/sign_out`);
    expect(await load(gateway, browser, 4)).toEqual(all(4, 401));
    expect(await load(gateway, thief, MANY)).toEqual(all(MANY, 401));
    expect(await load(gateway, await gateway.signIn(), MANY)).toEqual(all(MANY, 200));
  });

  test.each(['sid', 'sub'])('a logout by the issuer ends sessions of its %s in every thread', async (name) => {
    let ids: Record<string, unknown> = {};
    gateway.provider.rewrite((tokens) => {
      ids = decodeJwt(String(tokens['id_token']));
    });
    const browser = await gateway.signIn();
    gateway.provider.rewrite(undefined);
    const other = await gateway.signIn('keeper');
    expect(await load(gateway, browser, MANY)).toEqual(all(MANY, 200));
    const token = await logOut(gateway, { [name]: ids[name] });
    expect(await post(gateway, `logout_token=${token.slice(0, -4)}AAAA`)).toBe(400);
    expect(await load(gateway, browser, MANY)).toEqual(all(MANY, 200));
    expect(await post(gateway, `logout_token=${token}`)).toBe(200);
    expect(await load(gateway, browser, MANY)).toEqual(all(MANY, 401));
    expect(await load(gateway, other, 4)).toEqual(all(4, 200));
    await expect.poll(() => signInAgain(gateway), { timeout: 5000 }).toEqual(all(4, 200));
  });

  test('neither a log nor an answer has a code, a token or a cookie', () => {
    const output = gateway.haproxy.output();
    const found = [...gateway.provider.secrets].filter((secret) => output.includes(secret));
    expect(found).toEqual([]);
    expect(gateway.haproxy.leaks()).toEqual([]);
  });
});
