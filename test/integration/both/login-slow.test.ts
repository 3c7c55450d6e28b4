// An issuer whose token endpoint needs longer than other answers may: it is asked once, for what it gives for a code or a refresh
// token it gives once, and takes back when it is asked again.
import { describe, test } from 'vitest';
import { stopBeforeCallback } from '../helpers/login-callback';
import { COOKIE, startLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider } from '../helpers/login-provider';

/** Milliseconds: more than the five seconds of any other answer. */
const SLOW = 6000;

describe.concurrent.each(LOGIN_GATEWAYS)('$name', (gateway) => {
  test('an issuer of six seconds signs in and refreshes, and is asked once for each', async ({ expect }) => {
    const provider = await startLoginProvider();
    const login = await startLogin(gateway, provider);
    const browser = login.browser();
    const cookie = (): string => browser.jar.read(new URL(login.origin)).get(COOKIE) ?? '';
    const callback = await stopBeforeCallback(login, browser);
    provider.lifetimes.access = 1;
    // nginx asks in the same way for both; HAProxy for a code in the request's own time, and for a refresh in a task.
    if (gateway.proxy === 'HAProxy') provider.slow(SLOW);
    expect((await browser.send(callback)).status).toBe(302);
    provider.lifetimes.access = 600;
    provider.slow(SLOW);
    const first = cookie();
    const over = Date.now() + 1100;
    await expect.poll(() => Date.now() > over, { timeout: 5000 }).toBe(true);
    const renewed = async (): Promise<boolean> => {
      // Meanwhile the session goes on.
      expect((await browser.fetch(`${login.origin}/app1/`)).status).toBe(200);
      return cookie() !== first;
    };
    await expect.poll(renewed, { timeout: 20_000, interval: 500 }).toBe(true);
    expect(provider.posted.map((form) => form.get('grant_type'))).toEqual(['authorization_code', 'refresh_token']);
    await login.stop();
    await provider.stop();
    expect(login.leaks()).toEqual([]);
  }, 60_000);
});
