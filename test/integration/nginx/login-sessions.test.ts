// Sessions over several workers, and what of a configuration for login is missing.
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enter, formsOf, headerOf, makeBrowser, valuesOf, type Answer, type Browser } from '../helpers/login-browser';
import { CLIENT_ID } from '../helpers/login-configuration';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';
import { loginDictionaries, startNginxLogin, type NginxLogin } from '../helpers/nginx-login';
import { askingsOf } from '../helpers/nginx-policy';
import { untilDue } from '../helpers/session-age';
import { ENGINES } from '../helpers/nginx-server';
import { eventually } from '../helpers/keep-alive';

async function signIn(nginx: NginxLogin, user = 'test'): Promise<Browser> {
  const browser = makeBrowser();
  const page = await enter(browser, await browser.open(`${nginx.origin}/app1/`), user);
  expect(page.status).toBe(200);
  return browser;
}

/** A logout token for every session of somebody (OpenID Connect Back-Channel Logout 1.0 §2.4). */
async function logoutToken(provider: LoginProvider, sub: string): Promise<string> {
  const key = provider.keys[0];
  if (key === undefined) throw new Error('the provider has no key');
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  return new SignJWT({ events, sub })
    .setProtectedHeader({ alg: 'RS256', typ: 'logout+jwt', ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .setIssuer(provider.issuer)
    .setAudience(CLIENT_ID)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(await importJWK(key, 'RS256'));
}

function postLogout(nginx: NginxLogin, token: string): Promise<Answer> {
  return makeBrowser().send(`${nginx.origin}/oauth2/backchannel_logout`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `logout_token=${token}`,
  });
}

const refreshes = (provider: LoginProvider): number =>
  provider.posted.filter((form) => form.get('grant_type') === 'refresh_token').length;

describe.each(ENGINES)('nginx of $suite, $name', (engine) => {
  const asking = askingsOf(engine).at(-1) ?? 'auth_request';

  describe('with several workers', () => {
    let provider: LoginProvider;
    let nginx: NginxLogin;

    beforeAll(async () => {
      provider = await startLoginProvider();
      nginx = await startNginxLogin(engine, provider, { asking, workers: 3, denies: true });
    });
    afterAll(async () => {
      await nginx.stop();
      await provider.stop();
    });

    test('many requests at once with a session that is due all succeed, and with dictionaries refresh it once', async () => {
      provider.lifetimes.access = 1;
      const browser = await signIn(nginx);
      provider.lifetimes.access = 600;
      await untilDue();
      provider.slow(200);
      const before = refreshes(provider);
      const answers = await Promise.all(
        Array.from({ length: 60 }, () => browser.copy().fetch(`${nginx.origin}/app1/`)),
      );
      provider.slow(0);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      if (engine.hasSharedDict) expect(refreshes(provider) - before).toBe(1);
      // The old cookie gets the new session for a minute, whoever asks: but for two seconds, in which those who did not wait
      // for the refresh go on with the session that they have.
      await eventually('the old cookie gets the new session', async () => {
        const late = await browser.copy().fetch(`${nginx.origin}/app1/`);
        expect(late.status).toBe(200);
        return !engine.hasSharedDict || valuesOf(late, 'set-cookie').length > 0;
      });
      if (engine.hasSharedDict) expect(refreshes(provider) - before).toBe(1);
    });

    test('a session goes on while its issuer is down, and is refreshed when it is up', async () => {
      provider.lifetimes.access = 1;
      const browser = await signIn(nginx);
      provider.lifetimes.access = 600;
      await untilDue();
      await provider.stop();
      for (let turn = 0; turn < 4; turn += 1) {
        const answer = await browser.fetch(`${nginx.origin}/app1/`);
        expect([answer.status, valuesOf(answer, 'set-cookie')]).toEqual([200, []]);
      }
      await provider.start();
      await eventually('the session is refreshed', async () => {
        const answer = await browser.fetch(`${nginx.origin}/app1/`);
        expect(answer.status).toBe(200);
        return valuesOf(answer, 'set-cookie').length > 0;
      });
    });

    test('a session that its issuer ends dies in every worker, remembered or not', async () => {
      const browser = await signIn(nginx);
      const other = await signIn(nginx, 'keeper');
      const copies = Array.from({ length: 12 }, () => browser.copy());
      for (const copy of copies) expect((await copy.fetch(`${nginx.origin}/app1/`)).status).toBe(200);
      const answer = await postLogout(nginx, await logoutToken(provider, 'test'));
      expect([answer.status, headerOf(answer, 'cache-control')]).toEqual([200, 'no-store']);
      for (const copy of copies) expect((await copy.fetch(`${nginx.origin}/app1/`)).status).toBe(401);
      const ended = await copies[0]?.open(`${nginx.origin}/app1/`);
      expect([ended?.status, ended?.hops.length]).toEqual([401, 1]);
      expect(ended?.body).toContain('token_revoked');
      expect((await other.fetch(`${nginx.origin}/app1/`)).status).toBe(200);
    });

    test('a logout token of nobody ends nothing, and one that is too long is refused', async () => {
      const browser = await signIn(nginx, 'keeper');
      const forged = await postLogout(nginx, 'a.b.c');
      expect([forged.status, headerOf(forged, 'cache-control')]).toEqual([400, 'no-store']);
      expect((await postLogout(nginx, '')).status).toBe(400);
      expect((await postLogout(nginx, 'a'.repeat(17_000))).status).toBe(413);
      expect((await browser.fetch(`${nginx.origin}/app1/`)).status).toBe(200);
    });
  });

  describe('with something missing', () => {
    let provider: LoginProvider;
    beforeAll(async () => {
      provider = await startLoginProvider();
    });
    afterAll(() => provider.stop());

    test('a browser is never sent in a circle where no location answers the addresses of login', async () => {
      const nginx = await startNginxLogin(engine, provider, { asking, isUnreached: true });
      const page = await makeBrowser().open(`${nginx.origin}/app1/`);
      if (asking === 'js_access') {
        expect([page.status, page.hops.length]).toEqual([401, 2]);
        expect(nginx.messages().join()).toContain('no location with `js_content jwtverify.login`');
      } else {
        // The location of refused requests answers them too.
        expect(page.url.href).toContain(`${provider.issuer}/interaction/`);
      }
      await nginx.stop();
    });

    test('nobody is signed out where that cannot be kept, and the answer says so', async () => {
      // Without a back channel nothing but sign-out is looked for.
      const nginx = await startNginxLogin(engine, provider, { asking, login: { logout: { issuer: true } } });
      const browser = await signIn(nginx);
      const copy = browser.copy();
      const page = await browser.open(`${nginx.origin}/oauth2/sign_out`);
      expect(page.status).toBe(engine.hasSharedDict ? 200 : 503);
      expect(formsOf(page).length).toBe(engine.hasSharedDict ? 1 : 0);
      // The browser itself has lost its session in either case.
      expect((await browser.fetch(`${nginx.origin}/app1/`)).status).toBe(401);
      expect((await copy.fetch(`${nginx.origin}/app1/`)).status).toBe(engine.hasSharedDict ? 401 : 200);
      await nginx.stop();
    });

    if (engine.hasSharedDict) {
      test('every request is refused without the dictionary for those who sign out, and the log has its line', async () => {
        const without = loginDictionaries(engine).replace(/js_shared_dict_zone zone=jwtverify_ended[^;]*;/, '');
        const starting = startNginxLogin(engine, provider, { asking, dictionaries: without });
        await expect(starting).rejects.toThrow('js_shared_dict_zone zone=jwtverify_ended:1m');
      });
    }

    if (engine.hasAccess) {
      test('no request passes by auth_request with the lines for js_access, which lose refreshed sessions', async () => {
        const nginx = await startNginxLogin(engine, provider, { asking: 'auth_request', lines: 'js_access' });
        const answer = await makeBrowser().fetch(`${nginx.origin}/open/`);
        expect(answer.status).toBe(403);
        expect(nginx.backend.count()).toBe(0);
        expect(nginx.messages().join()).toContain('jwtverify.forward');
        await nginx.stop();
      });

      test('requests pass by js_access with the lines for auth_request', async () => {
        const nginx = await startNginxLogin(engine, provider, { asking: 'js_access', lines: 'auth_request' });
        expect((await makeBrowser().fetch(`${nginx.origin}/open/`)).status).toBe(200);
        await nginx.stop();
      });
    }
  });
});
