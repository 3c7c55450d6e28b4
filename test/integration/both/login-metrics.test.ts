// What both proxies count of sign-ins, refreshes and sign-outs, alike, over all threads and workers.
import { describe, expect, test } from 'vitest';
import { startLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider } from '../helpers/login-provider';
import { pick, readMetrics } from '../helpers/metrics';
import { untilDue } from '../helpers/session-age';

const NAMES = ['jwtverify_sign_ins_total', 'jwtverify_session_refreshes_total', 'jwtverify_sign_outs_total'];
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe.concurrent.each(LOGIN_GATEWAYS)('$name', { timeout: 60_000 }, (gateway) => {
  test('counts sign-ins by their result, refreshes, and sign-outs of browsers and issuers', async () => {
    const provider = await startLoginProvider();
    const login = await startLogin(gateway, provider, {}, { processes: 2 });
    const read = async (): Promise<Record<string, number>> => {
      const { body } = await login.browser().send(`${login.origin}/_metrics`);
      return pick(readMetrics(body.replace(/^# Nothing.*$/m, '')), ...NAMES);
    };
    const isCounted = gateway.proxy === 'HAProxy' || gateway.ends;
    const before = {
      'jwtverify_sign_ins_total{result="begun"}': 0,
      'jwtverify_sign_ins_total{result="done"}': 0,
      'jwtverify_session_refreshes_total{result="refreshed"}': 0,
      'jwtverify_session_refreshes_total{result="kept"}': 0,
      'jwtverify_session_refreshes_total{result="ended"}': 0,
      'jwtverify_sign_outs_total{by="browser",result="done"}': 0,
      'jwtverify_sign_outs_total{by="browser",result="failed"}': 0,
    };
    expect(await read()).toEqual(isCounted ? before : {});
    provider.lifetimes.access = 1;
    const { browser } = await login.signIn();
    await untilDue();
    provider.lifetimes.access = 600;
    expect((await browser.fetch(`${login.origin}/app1/x`)).status).toBe(200);
    expect((await browser.send(`${login.origin}/oauth2/callback?code=a&state=${'s'.repeat(32)}`)).status).toBe(400);
    expect((await browser.send(`${login.origin}/oauth2/sign_out`)).status).toBe(gateway.ends ? 200 : 503);
    // Nobody is signed in any more.
    await browser.send(`${login.origin}/oauth2/sign_out`);
    const logout = { method: 'POST', headers: FORM, body: 'logout_token=a.b.c' };
    expect((await browser.send(`${login.origin}/oauth2/backchannel_logout`, logout)).status).toBe(400);
    provider.lifetimes.access = 1;
    const other = await login.signIn();
    await untilDue();
    await provider.stop();
    expect((await other.browser.fetch(`${login.origin}/app1/x`)).status).toBe(200);
    const after = {
      ...before,
      'jwtverify_sign_ins_total{result="begun"}': 2,
      'jwtverify_sign_ins_total{result="done"}': 2,
      'jwtverify_sign_ins_total{result="login_unknown"}': 1,
      'jwtverify_session_refreshes_total{result="refreshed"}': 1,
      'jwtverify_session_refreshes_total{result="kept"}': 1,
      'jwtverify_sign_outs_total{by="browser",result="done"}': 1,
      'jwtverify_sign_outs_total{by="issuer",result="refused"}': 1,
    };
    expect(await read()).toEqual(isCounted ? after : {});
    await login.stop();
    expect(login.leaks()).toEqual([]);
  });
});
