// A session of several cookies beside an answer that leaves no room for them: HAProxy sets all of its cookies, or none.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headingOf, type Browser } from '../helpers/login-browser';
import { startLoginHaproxy, type LoginHaproxy } from '../helpers/login-haproxy';
import { SUITES } from '../helpers/suite';

const GROUPS = Array.from({ length: 170 }, (_, index) => `group-of-the-zoo-${String(index)}`);
const LONG = 'x'.repeat(200_000);

const cookiesOf = (fields: readonly (readonly [string, string])[]): number =>
  fields.filter(([name, value]) => name === 'set-cookie' && value.startsWith('jwtverify')).length;

describe.each(SUITES)('HAProxy of %s', (suite) => {
  let gateway: LoginHaproxy;
  beforeAll(async () => {
    gateway = await startLoginHaproxy(suite, {
      answer: (url) => (url.startsWith('/long') ? LONG : undefined),
      global: ['tune.maxrewrite 4096'],
      policy: { forward: { 'X-User': 'user' } },
    });
    gateway.provider.accounts.set('many', { password: 'many', claims: { groups: GROUPS, preferred_username: 'many' } });
  });
  afterAll(() => gateway.stop());

  test('a long answer comes without a session that does not fit, and a short one brings it', async () => {
    gateway.provider.lifetimes.access = 1;
    const browser = await gateway.signIn('many');
    gateway.provider.lifetimes.access = 600;
    const end = Date.now() / 1000 + 2;
    await expect.poll(() => Date.now() / 1000 > end, { timeout: 5000 }).toBe(true);
    const before = browser.jar.field(new URL(gateway.origin));
    expect(before).toContain('jwtverify_1=');
    const long = await browser.open(`${gateway.origin}/long`);
    expect([long.status, long.body.length, cookiesOf(long.fields)]).toEqual([200, LONG.length, 0]);
    expect(gateway.haproxy.output()).toContain('a refreshed session does not fit beside an answer');
    const short = await browser.open(`${gateway.origin}/short`);
    expect([short.status, cookiesOf(short.fields)]).toEqual([200, 2]);
    expect(browser.jar.field(new URL(gateway.origin))).not.toBe(before);
    const asked = gateway.provider.posted.filter((form) => form.get('grant_type') === 'refresh_token');
    expect(asked).toHaveLength(1);
    expect((await browser.open(`${gateway.origin}/app1`)).body).toBe('user many at /app1');
  });
});

/** Groups of 20 characters, and headers as a browser has them at the most. */
const groupsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `group-of-the-zoo-${String(index).padStart(3, '0')}`);
const MANY_HEADERS = { 'user-agent': 'u'.repeat(3500) };

describe.each(SUITES)('HAProxy of %s, buffers', (suite) => {
  test.each([
    // Cookies of 3,800 characters have 2,800 bytes of a session.
    {
      global: ['tune.bufsize 16384', 'tune.maxrewrite 4096'],
      fits: 190,
      cookies: 2,
      tooMany: 240,
      problem: /needs \d cookies, and this proxy has room for 2; put `tune.maxrewrite 8192`/,
    },
    {
      global: ['tune.bufsize 32768', 'tune.maxrewrite 8192'],
      fits: 490,
      cookies: 5,
      tooMany: 640,
      problem: /token_too_large/,
    },
  ])(
    'with $global a session that fits opens, and a larger one gets a page',
    async ({ global, fits, cookies, tooMany, problem }) => {
      const gateway = await startLoginHaproxy(suite, {
        global,
        // The issuer's own sign-out is not worth the room of an ID token.
        login: { logout: { issuer: true } },
        policy: { forward: { 'X-User': 'user' } },
      });
      const { provider, origin } = gateway;
      provider.accounts.set('fits', {
        password: 'fits',
        claims: { groups: groupsOf(fits), preferred_username: 'fits' },
      });
      provider.accounts.set('many', { password: 'many', claims: { groups: groupsOf(tooMany) } });
      const partsOf = ({ jar }: Browser): number =>
        [...jar.read(new URL(origin)).keys()].filter((name) => name.startsWith('jwtverify')).length;
      const good = await gateway.signIn('fits');
      expect([good.page.status, partsOf(good)]).toEqual([200, cookies]);
      const beside = await good.fetch(`${origin}/app1`, { headers: MANY_HEADERS });
      expect([beside.status, beside.body]).toEqual([200, 'user fits at /app1']);
      const out = await good.open(`${origin}/oauth2/sign_out`);
      expect([out.status, headingOf(out), partsOf(good)]).toEqual([200, 'You are signed out', 0]);
      const bad = await gateway.signIn('many');
      expect([bad.page.status, bad.page.body.includes('more groups'), partsOf(bad)]).toEqual([403, true, 0]);
      expect(gateway.haproxy.output()).toMatch(problem);
      await gateway.stop();
    },
  );
});
