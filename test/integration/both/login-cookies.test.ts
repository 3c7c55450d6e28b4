// The sealed cookies: any proxy of any suite opens those of any other, and none opens a damaged one.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { account } from '../helpers/login-configuration';
import { enter, headerOf, makeBrowser, type Answer, type Browser } from '../helpers/login-browser';
import { COOKIE, startLogin, type RunningLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';

const OTHER_SECRET = randomBytes(32).toString('base64');
const GROUPS = Array.from({ length: 60 }, (_, index) => `a-group-with-a-long-name-${String(index)}`);

/** At most so many requests at once. */
async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>, most = 16): Promise<void> {
  const queue = [...items];
  const run = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: most }, run));
}

test('a session sealed by one proxy opens in every other of every suite, in one cookie and in several', async () => {
  const provider = await startLoginProvider();
  provider.accounts.set('many', account('many', GROUPS));
  const all = [];
  for (const gateway of LOGIN_GATEWAYS) all.push({ name: gateway.name, login: await startLogin(gateway, provider) });
  for (const { name, login } of all) {
    provider.serve([login.origin]);
    for (const user of ['test', 'many']) {
      const { browser } = await login.signIn(user);
      for (const other of all) {
        const answer = await browser.fetch(`${other.login.origin}/app1/`);
        expect([name, other.name, user, answer.status]).toEqual([name, other.name, user, 200]);
      }
    }
  }
  for (const { login } of all) await login.stop();
  await provider.stop();
}, 180_000);

describe.each(LOGIN_GATEWAYS)('$name', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;
  let session: string;
  let browser: Browser;
  let other: RunningLogin;

  beforeAll(async () => {
    provider = await startLoginProvider();
    provider.accounts.set('many', account('many', GROUPS));
    // The same secret for other names and prefixes, and another secret.
    other = await startLogin(gateway, provider, {}, { env: { COOKIE_SECRET: OTHER_SECRET } });
    login = await startLogin(gateway, provider);
    browser = (await login.signIn()).browser;
    session = browser.jar.read(new URL(login.origin)).get(COOKIE) ?? '';
  });
  afterAll(async () => {
    await login.stop();
    await other.stop();
    await provider.stop();
    expect(login.leaks()).toEqual([]);
  });

  const ask = (cookie: string, page = false): Promise<Answer> =>
    makeBrowser().send(`${login.origin}/app1/`, {
      headers: {
        cookie,
        ...(page ? { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } : {}),
      },
    });

  test('the session opens as it is', async () => {
    expect((await ask(`${COOKIE}=${session}`)).status).toBe(200);
  });

  test('a flipped bit anywhere refuses', async () => {
    const sealed = session.slice(2);
    const bytes = Buffer.from(sealed, 'base64url');
    expect(`1.${bytes.toString('base64url')}`).toBe(session);
    const ends = [...Array(18).keys(), ...[...Array(16).keys()].map((at) => bytes.length - 1 - at)];
    const bits = [
      ...ends.flatMap((at) => [...Array(8).keys()].map((bit) => [at, bit] as const)),
      ...[...bytes.keys()].map((at) => [at, at % 8] as const),
    ];
    // An engine that reads the whole module for each request needs longer: it gets some of them.
    const some = bits.filter((_, index) => gateway.ends || index % 16 === 0);
    await each(some, async ([at, bit]) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      const answer = await ask(`${COOKIE}=1.${changed.toString('base64url')}`);
      expect([at, bit, answer.status]).toEqual([at, bit, 401]);
    });
  });

  test('a cookie that is cut, longer, doubled, of other characters, or of another purpose refuses', async () => {
    const fresh = login.browser();
    await fresh.open(`${login.origin}/oauth2/start?rd=/app1/`);
    const begun = [...fresh.jar.read(new URL(login.origin)).values()][0] ?? '';
    provider.serve([other.origin]);
    const strange = (await other.signIn()).browser.jar.read(new URL(login.origin)).get(COOKIE) ?? '';
    provider.serve([login.origin]);
    const values = [
      ...[0, 1, 2, 9, 10, 11, 20, 40].map((length) => session.slice(0, length)),
      ...[1, 2, 3, 21].map((less) => session.slice(0, session.length - less)),
      ...['A', '=', '==', '.', '%41', session].map((more) => session + more),
      ...['', '0.', '01.', '2.', '5.', '1.1.', '-1.', 'x.'].map((count) => count + session.slice(2)),
      `"${session}"`,
      session.slice(0, 10) + randomBytes(600).toString('base64url'),
      begun,
      strange,
    ];
    expect([begun.length > 40, strange.length > 40]).toEqual([true, true]);
    const cookies = [...values.map((value) => `${COOKIE}=${value}`), `${COOKIE}=${session}; ${COOKIE}=${session}`];
    await each(cookies, async (cookie) => {
      const answer = await ask(cookie);
      expect([cookie, answer.status]).toEqual([cookie, 401]);
    });
  });

  test('the parts of a long session count together alone', async () => {
    const { browser: many } = await login.signIn('many');
    const parts = [...many.jar.read(new URL(login.origin))].filter(([name]) => name.startsWith(COOKIE));
    expect(parts.length).toBeGreaterThan(1);
    const write = (list: typeof parts): string => list.map(([name, value]) => `${name}=${value}`).join('; ');
    const [first = ['', ''], second = ['', '']] = parts;
    expect((await ask(write(parts))).status).toBe(200);
    expect((await ask(write([...parts].reverse()))).status).toBe(200);
    const swapped = [[first[0], second[1]], [second[0], first[1]], ...parts.slice(2)] as typeof parts;
    for (const broken of [parts.slice(1), parts.slice(0, -1), [...parts, second], swapped]) {
      expect((await ask(write(broken))).status).toBe(401);
    }
    // A part that is left over of an older session does not count.
    expect((await ask(`${COOKIE}=${session}; ${second.join('=')}`)).status).toBe(200);
  });

  test('a page load with a damaged session goes to sign-in, which removes it, and the browser goes on', async () => {
    const stuck = login.browser();
    const url = new URL(login.origin);
    stuck.jar.put(url, `${COOKIE}=${session.slice(0, -4)}AAAA; Path=/`);
    stuck.jar.put(url, `${COOKIE}_1=AAAA; Path=/`);
    const form = await stuck.open(`${login.origin}/app1/`);
    expect(form.url.origin).toBe(provider.issuer);
    const first = form.hops[0];
    expect(first === undefined ? '' : headerOf(first, 'set-cookie')).toContain('Max-Age=0');
    const end = await enter(stuck, form);
    expect([end.status, [...stuck.jar.read(url).keys()]]).toEqual([200, [COOKIE]]);
  });

  test('a script with a damaged session gets 401 and no redirect, and its browser loses that session', async () => {
    const answer = await ask(`${COOKIE}=${session.slice(0, -4)}AAAA`);
    expect([answer.status, headerOf(answer, 'location')]).toEqual([401, '']);
    expect(headerOf(answer, 'set-cookie')).toMatch(new RegExp(`^${COOKIE}=;.*Max-Age=0`));
  });
});

describe.each(LOGIN_GATEWAYS)('$name, new secrets', (gateway) => {
  test('sessions of the older secret open while it is listed, and new ones are of the first', async () => {
    const provider = await startLoginProvider();
    const names = { secret_env: ['NEW_SECRET', 'COOKIE_SECRET'] };
    const env = { NEW_SECRET: OTHER_SECRET };
    const old = await startLogin(gateway, provider);
    const { browser } = await old.signIn();
    const both = await startLogin(gateway, provider, { cookie: names }, { env });
    expect((await browser.fetch(`${both.origin}/app1/`)).status).toBe(200);
    const next = await both.signIn();
    expect((await next.browser.fetch(`${old.origin}/app1/`)).status).toBe(401);
    await old.stop();
    await both.stop();
    await provider.stop();
  });
});
