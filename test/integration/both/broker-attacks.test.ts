// Attacks on the broker, on both proxies in all suites: each ends without a token, and asks nobody what nobody may ask.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DELAYS, MISBEHAVIOURS, OTHER_TYPES, type Behaviour } from '../helpers/admin-service';
import { microsoftUser, STRANGE_TENANT, TENANT } from '../helpers/broker-providers';
import {
  choose,
  openSignIn,
  returnFrom,
  signIn,
  startBroker,
  tokenOf,
  type Returned,
  type RunningBroker,
} from '../helpers/broker-gateway';
import { startBrokerWorld, type BrokerWorld } from '../helpers/broker-world';
import { formsOf, headerOf, headingOf, valuesOf, type Answer, type Browser } from '../helpers/login-browser';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { changeIdToken, forgeIdToken, stripIdToken } from '../helpers/login-tokens';
import { request } from '../helpers/suite';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const EVIL = new URL('https://evil.example/');
const ANN = 'ann@contoso.example';
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;

/** Spellings of an address that is none of the audience's own. @param host of its own, with the port */
const spellings = (host: string): readonly string[] => {
  const [name = '', port = ''] = host.split(':');
  return [
    ...['https://evil.example/', 'http://evil.example/zoo', 'HTTP://evil.example', 'http://evil.example.'],
    ...['//evil.example', '///evil.example', '////evil.example', '/\\evil.example', '\\/evil.example'],
    ...['\\\\evil.example', '/\\/evil.example', '/\t/evil.example', '/\n/evil.example', '/\r/evil.example'],
    ...[
      'http:evil.example',
      'http:/evil.example',
      'http:///evil.example',
      'http:\\\\evil.example',
      'https:evil.example',
    ],
    ...[`http://${host}@evil.example/`, `http://${name}:x@evil.example/`, `http://evil.example:80@${host}/zoo`],
    ...[`http://evil.example#http://${host}/zoo`, `http://evil.example?http://${host}/zoo`, `http://user@${host}/zoo`],
    ...[`http://evil.example\\@${host}/zoo`, `http://evil.example%2f@${host}/zoo`, `http://${host}.evil.example/zoo`],
    ...[`http://${name}.evil.example:${port}/zoo`, `http://${name}%2eevil.example/`, `http://${name}%00.evil.example/`],
    ...[`http://${name}\r\n.evil.example/`, `http://${name}\t.evil.example/`, `http://${host}\\evil.example`],
    ...['\thttp://evil.example', ' http://evil.example', `http://${host} /zoo`, `http://${host}/\u0000`],
    ...[
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'javascript://127.0.0.1/%0aalert(1)',
      'data:text/html,x',
      'vbscript:x',
    ],
    ...[
      'file:///etc/passwd',
      `ftp://${host}/zoo`,
      `ws://${host}/zoo`,
      `blob:http://${host}/x`,
      'mailto:a@evil.example',
    ],
    ...[`http://${name}/zoo`, `http://${name}:1/zoo`, `http://${host}0/zoo`, `http://127.0.0.2:${port}/zoo`],
    ...[`http://localhost:${port}/zoo`, `http://127.1:${port}/zoo`, `http://2130706433:${port}/zoo`],
    ...[`http://0x7f000001:${port}/zoo`, `http://0177.0.0.1:${port}/zoo`, `http://[::1]:${port}/zoo`],
    ...[
      `http://[::ffff:127.0.0.1]:${port}/zoo`,
      `http://127\u30020.0.1:${port}/zoo`,
      `http://evil.example:${port}/zoo`,
    ],
    ...['/../evil.example', '/./evil.example', '/x/..//evil.example', `http://${host}/zoo/../admin`],
    ...['zoo', '?x', '#x', 'evil.example', `${host}/zoo`, 'null', '*', `/${'a'.repeat(2100)}`],
  ];
};

/** Queries that name no audience of the list, exactly as they are sent. */
const AUDIENCES = [
  ...['audience=nobody', 'audience=a.evil', 'audience=zoo.evil.example', 'audience=a/../b', 'audience=a%2f..%2fb'],
  ...['audience=a%00', 'audience=zoo%00', 'audience=zoo%0d%0aX-Y:z', 'audience=zoo%0a', `audience=${'a'.repeat(64)}`],
  ...['audience=-zoo', 'audience=zoo-', 'audience=zoo_', 'audience=ZOO', 'audience=zo%C3%B6', 'audience=zoo%20'],
  ...['audience=zoo@evil.example', 'audience=zoo:80', 'audience={{AUDIENCE}}', 'audience=zoo%3Fx', 'audience=zoo%23'],
  ...[
    'audience=z%256fo',
    'audience=zoo&audience=zoo',
    'audience=zoo&audience=nobody',
    'audience=zo%',
    'audience=__proto__',
  ],
  ...['audience=constructor', 'audience=xn--zoo', `audience=${'a'.repeat(65)}`, `audience=${'a'.repeat(5000)}`],
];

/** User names that are one segment of the look-up's path, whatever they look like. */
const ODD_USERS = [
  ...['a/b', '../root', 'a/../root', 'a%2fb', '%2e%2e', 'a?b=c', 'a#b', 'a;b', 'a\\b', 'a b', '<b>\'"&', 'a:b@c'],
  ...['ü\u{1f439}@zoo.example', '...'],
];
/** And those of which there is no look-up. */
const NO_USERS: readonly (readonly [string, unknown])[] = [
  ['..', '..'],
  ['.', '.'],
  ['a line break', 'a\r\nX-Y: z'],
  ['a NUL', 'a\u0000b'],
  ['a very long one', 'x'.repeat(5000)],
  ['one of 255 bytes, in fewer characters', `${'ж'.repeat(127)}x`],
  ['an empty one', ''],
  ['an object', { a: 1 }],
  ['a number', 7],
];

let world: BrokerWorld;

beforeAll(async () => {
  world = await startBrokerWorld(LOGIN_GATEWAYS.map(({ name }) => name));
});
afterAll(() => world.stop());

describe.each(LOGIN_GATEWAYS)('$name', (gateway) => {
  let broker: RunningBroker;
  let host: string;

  beforeAll(async () => {
    broker = await startBroker(world, gateway, { broker: { other_audiences: undefined } });
    host = new URL(world.application.url).host;
    world.admin.users.clear();
    world.admin.codes.clear();
    for (const user of [ANN, 'root']) {
      const record = { upn: user, origin: 'admin', name: user, roles: ['USER'] };
      world.admin.users.set(`${user}/microsoft:${TENANT}`, record);
    }
    world.admin.users.set('una@gmail.example/google', { upn: 'una@gmail.example', origin: '', name: '', roles: [] });
  });
  afterAll(async () => {
    await broker.stop();
    expect(broker.leaks()).toEqual([]);
  });

  /** A page, without a token in it, in an address or in a cookie. */
  const expectNoToken = (answer: Answer, statuses: readonly number[] = [400, 403]): void => {
    expect([statuses.includes(answer.status), answer.status, headerOf(answer, 'location')]).toEqual([
      true,
      answer.status,
      '',
    ]);
    expect([tokenOf(answer), TOKEN.test(answer.body)]).toEqual(['', false]);
    expect(headerOf(answer, 'content-type')).toContain('text/html');
  };
  const post = (path: string, form: string | Readonly<Record<string, string>>, browser = broker.browser(), more = {}) =>
    browser.send(`${broker.origin}${path}`, {
      method: 'POST',
      headers: { ...FORM, ...more },
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    });
  const provide = (name: string, claims: Readonly<Record<string, unknown>>): void => {
    world.microsoft.accounts.set(name, microsoftUser(name, TENANT, claims));
  };
  const posted = (): number => world.microsoft.posted.length + world.google.posted.length;

  test('redirect: no spelling leads elsewhere, before and after the button', async () => {
    const all = spellings(host);
    expect(all.length).toBeGreaterThanOrEqual(60);
    const browser = broker.browser();
    const wrong: unknown[] = [];
    for (const redirect of all) {
      const query = new URLSearchParams({ audience: 'zoo', redirect, provider: 'google' }).toString();
      for (const answer of [await browser.send(`${broker.origin}/?${query}`), await post('/authorize', query)]) {
        const seen = [answer.status, headerOf(answer, 'location'), valuesOf(answer, 'set-cookie').length];
        if (JSON.stringify(seen) !== '[400,"",0]') wrong.push([redirect, ...seen]);
      }
    }
    expect(wrong).toEqual([]);
    const twice = `redirect=${encodeURIComponent(`${world.application.url}/zoo`)}`;
    expect((await browser.send(`${broker.origin}/?audience=zoo&${twice}&${twice}`)).status).toBe(400);
  });

  test('audience: a trick of a host name reaches neither a provider nor the admin service', async () => {
    world.admin.clear();
    const browser = broker.browser();
    const wrong: unknown[] = [];
    for (const query of AUDIENCES) {
      const answers = [
        await browser.send(`${broker.origin}/?${query}`),
        await post('/authorize', `${query}&provider=microsoft`),
      ];
      for (const answer of answers) {
        const seen = [answer.status, headerOf(answer, 'location'), valuesOf(answer, 'set-cookie').length];
        if (JSON.stringify(seen) !== '[400,"",0]') wrong.push([query.slice(0, 80), ...seen]);
      }
    }
    expect(wrong).toEqual([]);
    expect(world.admin.requests).toEqual([]);
  });

  test("callback: another browser's answer opens nothing, and that browser's own sign-in goes on", async () => {
    const { callback } = await returnFrom(broker, 'microsoft', 'ann');
    const before = posted();
    const victim = broker.browser();
    expectNoToken(await victim.open(callback, EVIL));
    const own = await returnFrom(broker, 'google', 'gus', {}, victim);
    expectNoToken(await victim.open(callback, EVIL));
    expect(posted()).toBe(before);
    expect(tokenOf(await victim.send(own.callback))).toMatch(TOKEN);
  });

  test('state: an answer counts once, for a thief of the cookie too', async () => {
    const { browser, callback } = await returnFrom(broker, 'microsoft', 'ann');
    const thief = browser.copy();
    expect(tokenOf(await browser.send(callback))).toMatch(TOKEN);
    const before = world.microsoft.posted.length;
    expectNoToken(await browser.send(callback));
    expect(world.microsoft.posted.length).toBe(before);
    expectNoToken(await thief.send(callback));
  });

  test('state: of another login of the same browser, changed, missing or doubled opens nothing', async () => {
    const browser = broker.browser();
    const first = new URL((await returnFrom(broker, 'google', 'gus', {}, browser)).callback);
    const second = new URL((await returnFrom(broker, 'google', 'gus', {}, browser)).callback);
    const state = second.searchParams.get('state') ?? '';
    const changed = (change: (url: URL) => void): string => {
      const url = new URL(second);
      change(url);
      return url.href;
    };
    const before = posted();
    for (const url of [
      changed(({ searchParams }) => {
        searchParams.set('state', `${state.slice(0, -1)}${state.endsWith('A') ? 'B' : 'A'}`);
      }),
      changed(({ searchParams }) => {
        searchParams.delete('state');
      }),
      changed(({ searchParams }) => {
        searchParams.append('state', state);
      }),
      changed(({ searchParams }) => {
        searchParams.append('code', 'x');
      }),
      changed(({ searchParams }) => {
        searchParams.set('state', 'A'.repeat(5000));
      }),
      changed(({ searchParams }) => {
        searchParams.append('error', 'x');
      }),
    ]) {
      expectNoToken(await browser.copy().send(url));
    }
    expect(posted()).toBe(before);
    // The code of one login with the state of another: its verifier does not fit.
    expectNoToken(
      await browser.send(
        changed(({ searchParams }) => {
          searchParams.set('code', first.searchParams.get('code') ?? '');
        }),
      ),
    );
  });

  test('provider mix-up: an answer of one provider is none of the other', async () => {
    const before = posted();
    const swap = async ({ browser, callback }: Returned, to: string): Promise<void> => {
      const url = new URL(callback);
      url.pathname = `/callback/${to}`;
      expectNoToken(await browser.send(url.href));
    };
    await swap(await returnFrom(broker, 'microsoft', 'ann'), 'google');
    await swap(await returnFrom(broker, 'google', 'gus'), 'microsoft');
    const { browser, callback } = await returnFrom(broker, 'google', 'gus');
    for (const iss of ['https://evil.example', world.microsoft.issuer, '']) {
      const url = new URL(callback);
      if (iss === '') url.searchParams.delete('iss');
      else url.searchParams.set('iss', iss);
      expectNoToken(await browser.copy().send(url.href));
    }
    expect(posted()).toBe(before);
    for (const provider of ['other', '', 'constructor', 'google/../microsoft', 'GOOGLE']) {
      expectNoToken(await post('/authorize', { provider }));
    }
    expectNoToken(await post('/authorize', 'provider=google&provider=microsoft'));
  });

  test('tenant: users of others get no token, whatever tid and iss say, nor does a token of a lying provider', async () => {
    expectNoToken(await signIn(broker, 'microsoft', 'guest'));
    expectNoToken(await signIn(broker, 'microsoft', 'guest', { aad_tenant_id: STRANGE_TENANT }));
    expectNoToken(await signIn(broker, 'microsoft', 'ann', { audience: 'tenant' }));
    const strange = `${world.microsoft.origin}/${STRANGE_TENANT}/v2.0`;
    const { microsoft } = world;
    for (const rewrite of [
      changeIdToken(microsoft, { tid: STRANGE_TENANT }),
      changeIdToken(microsoft, { iss: strange }),
      changeIdToken(microsoft, { iss: strange, tid: STRANGE_TENANT }),
      changeIdToken(microsoft, { tid: undefined }),
      changeIdToken(microsoft, { iss: microsoft.pattern }),
      changeIdToken(microsoft, { iss: world.google.issuer, tid: undefined }),
      changeIdToken(microsoft, { aud: 'another client' }),
      changeIdToken(microsoft, { nonce: 'another nonce' }),
      await forgeIdToken(microsoft),
      stripIdToken,
    ]) {
      microsoft.rewrite(rewrite);
      expectNoToken(await signIn(broker, 'microsoft', 'ann'));
    }
    microsoft.rewrite(undefined);
    expect(tokenOf(await signIn(broker, 'microsoft', 'ann'))).toMatch(TOKEN);
  });

  test('email: one that the provider has not verified signs nobody in', async () => {
    world.admin.clear();
    expectNoToken(await signIn(broker, 'google', 'una'));
    expectNoToken(await signIn(broker, 'google', 'una', { audience: 'zoo' }));
    for (const email_verified of [undefined, 'true', 1, null, ['true']]) {
      world.google.rewrite(changeIdToken(world.google, { email_verified }));
      expectNoToken(await signIn(broker, 'google', 'gus'));
    }
    world.google.rewrite(undefined);
    expect(world.admin.requests).toEqual([]);
  });

  test("user names: each is one segment of the look-up's path, and the token has it as text", async () => {
    for (const [index, user] of ODD_USERS.entries()) {
      world.admin.clear();
      const name = `odd-${String(index)}`;
      provide(name, { preferred_username: user });
      world.admin.users.set(`${user}/microsoft:${TENANT}`, { upn: user, origin: '', name: user, roles: ['ODD'] });
      const token = tokenOf(await signIn(broker, 'microsoft', name, { audience: 'zoo' }));
      const targets = world.admin.requests.map(({ target }) => target);
      expect([user, targets, token]).toEqual([user, targets, expect.stringMatching(TOKEN)]);
      const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      expect(claims).toMatchObject({ upn: user, roles: ['ODD'] });
      expect(targets).toEqual([expect.stringMatching(/^\/zoo\/sysapi\/user\/[\w.~%-]+\/microsoft(?::|%3A)[\w-]+$/)]);
    }
  });

  test('user names: what is no name is looked up nowhere', async () => {
    world.admin.clear();
    for (const [what, user] of NO_USERS) {
      provide('nobody', { preferred_username: user });
      const answer = await signIn(broker, 'microsoft', 'nobody', { audience: 'zoo' });
      expect([what, answer.status]).toEqual([what, 403]);
      expectNoToken(answer);
    }
    expect(world.admin.requests).toEqual([]);
  });

  test('user names, names and roles of exactly as many bytes as may be, in letters of several bytes', async () => {
    const user = `${'ж'.repeat(125)}😀`;
    const key = `${user}/microsoft:${TENANT}`;
    const role = '😀'.repeat(32);
    provide('long', { preferred_username: user, name: 'Long' });
    const record = { upn: user, origin: 'admin', name: 'ж'.repeat(128), roles: [role] };
    world.admin.users.set(key, record);
    const good = decodeJwt(tokenOf(await signIn(broker, 'microsoft', 'long', { audience: 'zoo' })));
    expect(good).toMatchObject({ upn: user, name: record.name, roles: [role] });
    // A longer name is not taken over, and a longer role is no role.
    world.admin.users.set(key, { ...record, name: `${record.name}x` });
    const unnamed = decodeJwt(tokenOf(await signIn(broker, 'microsoft', 'long', { audience: 'zoo' })));
    expect(unnamed).toMatchObject({ upn: user, name: 'Long', roles: [role] });
    world.admin.users.set(key, { ...record, roles: [`${role}x`] });
    expect((await signIn(broker, 'microsoft', 'long', { audience: 'zoo' })).status).toBe(503);
    world.admin.users.delete(key);
  });

  test('the admin service fails, waits and lies: a page says to wait, and there is no token', async () => {
    const behave = async ([name, behaviour]: readonly [string, Behaviour]): Promise<readonly unknown[]> => {
      const user = `${name} of the zoo`;
      provide(name, { preferred_username: user });
      world.admin.behaviours.set(user, behaviour);
      const answer = await signIn(broker, 'microsoft', name, { audience: 'zoo' });
      return [name, answer.status, headingOf(answer), tokenOf(answer)];
    };
    const late = Promise.all(Object.entries(DELAYS).map(behave));
    const outcomes = [];
    for (const entry of Object.entries(MISBEHAVIOURS)) outcomes.push(await behave(entry));
    outcomes.push(...(await late));
    expect(outcomes).toEqual(outcomes.map(([name]) => [name, 503, 'You cannot sign in now', '']));
    world.admin.behaviours.clear();
    await world.admin.stop();
    const down = await signIn(broker, 'microsoft', 'ann', { audience: 'zoo' });
    await world.admin.start();
    expect([down.status, headingOf(down)]).toEqual([503, 'You cannot sign in now']);
    expect(tokenOf(await signIn(broker, 'microsoft', 'ann', { audience: 'zoo' }))).toMatch(TOKEN);
    for (const behaviour of OTHER_TYPES) {
      world.admin.behaviours.set(ANN, behaviour);
      expect(tokenOf(await signIn(broker, 'microsoft', 'ann', { audience: 'zoo' }))).toMatch(TOKEN);
    }
    world.admin.behaviours.clear();
  });

  describe('pairing', () => {
    const confirmIn = async (browser: Browser, code: string): Promise<Answer> => {
      const { callback } = await returnFrom(broker, 'microsoft', 'ann', { audience: 'zoo', code }, browser);
      const page = await browser.send(callback);
      expect(headingOf(page)).toBe('Is this your device?');
      return page;
    };
    const stateOf = (page: Answer): string => formsOf(page)[0]?.fields.find(([name]) => name === 'state')?.[1] ?? '';
    let count = 0;
    const freshCode = (): string => {
      count += 1;
      const code = `${String(count).padStart(4, '0')}-${'c0de'.repeat(8)}`;
      world.admin.codes.set(code, undefined);
      return code;
    };

    test('a code that is guessed or was used pairs nothing', async () => {
      const browser = broker.browser();
      const guessed = await post('/pair', { state: stateOf(await confirmIn(browser, 'a'.repeat(32))) }, browser);
      expect([guessed.status, headingOf(guessed)]).toEqual([400, 'Your device is not connected']);
      const code = freshCode();
      const state = stateOf(await confirmIn(browser, code));
      const thief = browser.copy();
      expect((await post('/pair', { state }, browser)).status).toBe(200);
      const paired = world.admin.codes.get(code);
      expectNoToken(await post('/pair', { state }, browser));
      const again = await post('/pair', { state }, thief);
      expect([again.status, headingOf(again)]).toEqual([400, 'Your device is not connected']);
      expect(world.admin.codes.get(code)).toBe(paired);
    });

    test("a page of another browser, a guessed state, and another site's form pair nothing", async () => {
      const code = freshCode();
      const attacker = broker.browser();
      const state = stateOf(await confirmIn(attacker, code));
      const victim = broker.browser();
      const own = stateOf(await confirmIn(victim, freshCode()));
      world.admin.clear();
      expectNoToken(await post('/pair', { state }));
      expectNoToken(await post('/pair', { state }, victim.copy()));
      expectNoToken(await post('/pair', { state: '' }, victim.copy()));
      expectNoToken(await post('/pair', `state=${own}&state=${own}`, victim.copy()));
      expectNoToken(await post('/pair', { state: own }, victim.copy(), { 'sec-fetch-site': 'cross-site' }));
      // Browsers send the cookie with no form of another site (SameSite=Lax).
      const headers = { ...FORM, origin: EVIL.origin };
      const sent = { method: 'POST', headers, body: new URLSearchParams({ state: own }).toString() };
      expectNoToken(await victim.copy().send(`${broker.origin}/pair`, sent, true));
      expect([world.admin.requests, world.admin.codes.get(code)]).toEqual([[], undefined]);
      // Two pages of one browser: the later one counts.
      const later = stateOf(await confirmIn(victim, freshCode()));
      expectNoToken(await post('/pair', { state: own }, victim.copy()));
      expect((await post('/pair', { state: later }, victim)).status).toBe(200);
    });

    test('what is sealed for one purpose opens for no other', async () => {
      const browser = broker.browser();
      const page = await confirmIn(browser, freshCode());
      const sealed = browser.jar.read(new URL(broker.origin)).get('jwtverify-broker-pairing') ?? '';
      expect(sealed).not.toBe('');
      const login = broker.browser();
      await choose(login, await openSignIn(broker, login), 'google');
      const begun = [...login.jar.read(new URL(broker.origin)).values()].find((value) => value.length > 100) ?? '';
      expect(begun).not.toBe('');
      const form = { grant_type: 'authorization_code', client_id: 'coded', code_verifier: 'A'.repeat(43) };
      for (const code of [sealed, begun, 'x', `${sealed}A`]) {
        const redirect_uri = `${world.application.url}/coded`;
        const answer = await post('/token', { ...form, redirect_uri, code });
        expect([answer.status, answer.body]).toEqual([400, '{"error":"invalid_grant"}']);
      }
      browser.jar.put(new URL(broker.origin), `jwtverify-broker-pairing=${begun}; Path=/`);
      expectNoToken(await post('/pair', { state: stateOf(page) }, browser));
    });
  });

  test("another site's form begins no sign-in: its visitor sees the page first", async () => {
    const form = { provider: 'microsoft', audience: 'zoo' };
    const answer = await post('/authorize', form, broker.browser(), { 'sec-fetch-site': 'cross-site' });
    expect([answer.status, headingOf(answer), valuesOf(answer, 'set-cookie')]).toEqual([200, 'Sign in', []]);
    expect(headerOf(answer, 'location')).toBe('');
  });

  test.each([
    ['//callback/google'],
    ['/callback//google'],
    ['/callback/google/'],
    ['/callback/%67oogle'],
    ['/%63allback/google'],
    ['/CALLBACK/google'],
    ['/callback/google;x'],
    ['/callback/./google'],
    ['/callback/x/../google'],
    ['/x/../callback/google'],
  ])('no other spelling is the callback: %s', async (path) => {
    const { browser, callback } = await returnFrom(broker, 'google', 'gus');
    const url = new URL(callback);
    const headers = [
      ['Host', url.host],
      ['Cookie', browser.jar.field(url)],
    ] as const;
    const answer = await request({ port: broker.port, path: `${path}${url.search}`, headers });
    expect([400, 401, 404]).toContain(answer.status);
    expect([answer.headers['location'], TOKEN.test(answer.body)]).toEqual([undefined, false]);
  });

  test('a form that is too long, of another type or cut off is refused', async () => {
    for (const path of ['/authorize', '/pair', '/callback/google']) {
      expectNoToken(await post(path, `provider=google&x=${'y'.repeat(17_000)}`), [400, 413]);
      expectNoToken(
        await post(path, '{"provider":"google"}', broker.browser(), { 'content-type': 'application/json' }),
      );
    }
  });
});
