// The broker on both proxies in all suites, with the lines of docs/broker.md: people sign in with two real OpenID providers, a real
// admin service knows them, and the token that the proxy mints is good everywhere.
import { createHash } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECOND_TENANT, TENANT } from '../helpers/broker-providers';
import { MISBEHAVIOURS } from '../helpers/admin-service';
import {
  choose,
  openSignIn,
  returnFrom,
  signIn,
  startBroker,
  stopBeforeCallback,
  tokenOf,
  type RunningBroker,
} from '../helpers/broker-gateway';
import { startBrokerWorld, type BrokerWorld } from '../helpers/broker-world';
import { EITHER, type EitherProxy } from '../helpers/either-proxy';
import { startHaproxy, type Haproxy } from '../helpers/haproxy-server';
import { formsOf, headerOf, headingOf, valuesOf, type Answer } from '../helpers/login-browser';
import { CLIENT_ID } from '../helpers/login-configuration';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { request, SUITES } from '../helpers/suite';

const PAIRING = 'd0d0caca-1234:5678_90ab-cdefABCDEF0123456789';
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
/** RFC 7636 appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const CODED = { audience: 'coded', code_challenge: CHALLENGE, code_challenge_method: 'S256', state: 'of-the-app' };

const CHECKERS = EITHER.filter(([name]) => ['HAProxy of trixie', 'nginx, QuickJS'].includes(name));
/** HAProxy with `jwt_verify` alone, which is reliable from 3.0 on. */
const NATIVE = SUITES.filter((suite) => suite !== 'bookworm');

let world: BrokerWorld;
/** Proxies that trust every broker by its discovery document. */
let checkers: readonly EitherProxy[];
let natives: readonly Haproxy[];

beforeAll(async () => {
  world = await startBrokerWorld(LOGIN_GATEWAYS.map(({ name }) => name));
  const issuers = [...world.names.values()].map(({ url }) => ({
    issuer: url,
    audiences: ['register', 'zoo'],
    keys: { discovery: true },
  }));
  checkers = await Promise.all(CHECKERS.map(([, start]) => start({ issuers })));
  const configuration = `defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend native
  bind 127.0.0.1:PORT
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
  http-request return status 200 content-type text/plain lf-string "%[var(txn.token),jwt_verify(txn.alg,'DIRECTORY/public.pem')]"
`;
  natives = await Promise.all(
    NATIVE.map((suite) => startHaproxy(suite, { configuration, files: { 'public.pem': world.key.publicPem } })),
  );
});
afterAll(async () => {
  await Promise.all([...checkers, ...natives].map((proxy) => proxy.stop()));
  await world.stop();
});

const member = (upn: string, roles: readonly string[]) => ({ upn, origin: 'admin', name: `Member ${upn}`, roles });

describe.each(LOGIN_GATEWAYS)('$name', (gateway) => {
  let broker: RunningBroker;
  let application: string;

  beforeAll(async () => {
    broker = await startBroker(world, gateway);
    application = world.application.url;
    world.admin.users.clear();
    world.admin.codes.clear();
    world.admin.users.set(`ann@contoso.example/microsoft:${TENANT}`, member('ann@contoso.example', ['USER', 'KEEPER']));
    world.admin.users.set('gus@gmail.example/google', member('gus@gmail.example', []));
  });
  afterAll(async () => {
    await broker.stop();
    expect(broker.leaks()).toEqual([]);
  });

  const verified = async (token: string, audience: string): Promise<Record<string, unknown>> => {
    const keys = createRemoteJWKSet(new URL(`${broker.origin}/oauth2/v1/certs`));
    return (await jwtVerify(token, keys, { issuer: broker.origin, audience })).payload;
  };
  const factsOf = ({ body }: Answer): readonly string[] =>
    [...body.matchAll(/<d[td]>(.*?)<\/d[td]>/g)].map(([, text = '']) => text);
  const exchange = (form: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${broker.origin}/token`, { method: 'POST', body: new URLSearchParams(form) });
  const grant = (answer: Answer): Record<string, string> => ({
    grant_type: 'authorization_code',
    code: new URL(headerOf(answer, 'location')).searchParams.get('code') ?? '',
    client_id: 'coded',
    redirect_uri: `${application}/coded`,
    code_verifier: VERIFIER,
  });

  test('E2: the first page has a form with what was asked and a button for each provider', async () => {
    const asked = { audience: 'zoo', redirect: `${application}/other`, aad_tenant_id: TENANT };
    const page = await openSignIn(broker, broker.browser(), asked);
    expect([page.status, headingOf(page)]).toEqual([200, 'Sign in']);
    const [form] = formsOf(page);
    expect([form?.method, form?.action]).toEqual(['POST', '/authorize']);
    expect(Object.fromEntries(form?.fields ?? [])).toEqual(asked);
    const buttons = [...page.body.matchAll(/<button [^>]*name="provider" value="([^"]*)">([^<]*)</g)];
    expect(buttons.map(([, value, label]) => [value, label])).toEqual([
      ['microsoft', 'Microsoft'],
      ['google', 'Google'],
    ]);
    expect(factsOf(page)).toEqual(['Application', 'zoo']);
    expect(headerOf(page, 'cache-control')).toBe('no-store');
    expect(headerOf(page, 'content-security-policy')).toContain("frame-ancestors 'none'");
    expect(valuesOf(page, 'set-cookie')).toEqual([]);
    // Nobody named an audience: the default one.
    expect(Object.fromEntries(formsOf(await openSignIn(broker, broker.browser()))[0]?.fields ?? [])).toEqual({
      audience: 'register',
    });
  });

  test('E2: the button leads to the provider with PKCE, state, nonce and a choice of accounts', async () => {
    const browser = broker.browser();
    const form = await choose(browser, await openSignIn(broker, browser), 'microsoft');
    const [answer] = form.hops;
    expect([answer?.status, answer?.url.pathname]).toEqual([302, '/authorize']);
    const cookies = browser.jar.all().filter(({ name }) => name.startsWith('jwtverify-broker'));
    expect(cookies).toMatchObject([{ hostOnly: true, httpOnly: true, sameSite: 'lax' }]);
    const asked = form.hops[1]?.url.searchParams;
    expect(form.hops[1]?.url.href).toContain(`${world.microsoft.origin}/organizations/v2.0/auth?`);
    expect(asked?.get('redirect_uri')).toBe(`${broker.origin}/callback/microsoft`);
    expect(['prompt', 'client_id', 'code_challenge_method'].map((name) => asked?.get(name))).toEqual([
      'select_account',
      CLIENT_ID,
      'S256',
    ]);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked?.get(name)?.length).toBeGreaterThan(30);
  });

  test('E2, E5: a user of Microsoft gets a token with the claims of document 004 in its order', async () => {
    const before = Math.floor(Date.now() / 1000) - 1;
    const answer = await signIn(broker, 'microsoft', 'ann');
    expect([answer.status, headerOf(answer, 'location').split('#')[0]]).toEqual([302, `${application}/in`]);
    const token = tokenOf(answer);
    expect(Object.entries(decodeProtectedHeader(token))).toEqual([
      ['alg', 'RS256'],
      ['kid', '2026-11'],
      ['typ', 'JWT'],
    ]);
    const claims = await verified(token, 'register');
    const order = ['iss', 'jti', 'upn', 'aud', 'name', 'provider', 'tenant', 'iat', 'exp', 'roles'];
    expect(Object.keys(claims)).toEqual(order);
    const { iat } = claims as { readonly iat: number };
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(claims).toEqual({
      iss: broker.origin,
      jti: expect.stringMatching(UUID) as string,
      upn: 'ann@contoso.example',
      aud: 'register',
      name: 'ann of Contoso',
      provider: 'microsoft',
      tenant: TENANT,
      iat,
      exp: iat + 86_400,
      roles: [],
    });
    // The login's cookie has ended.
    expect(answer.browser.jar.all().filter(({ name }) => name.startsWith('jwtverify-broker'))).toEqual([]);
    expect(headerOf(answer, 'cache-control')).toBe('no-store');
  });

  test('E2, E5: a user of Google gets one without a tenant, and no two tokens have one identifier', async () => {
    const tokens = [];
    for (const user of ['gus', 'gus']) tokens.push(tokenOf(await signIn(broker, 'google', user)));
    const [first, second] = await Promise.all(tokens.map((token) => verified(token, 'register')));
    expect(Object.keys(first ?? {})).toEqual(
      ['iss', 'jti', 'upn', 'aud', 'name', 'provider', 'iat', 'exp', 'roles'].map(String),
    );
    expect(first).toMatchObject({ upn: 'gus@gmail.example', name: 'Gus of Google', provider: 'google', roles: [] });
    expect(first?.['jti']).not.toBe(second?.['jti']);
  });

  test('E5: this proxy, both others by discovery, and jwt_verify of HAProxy accept the token', async () => {
    const token = tokenOf(await signIn(broker, 'microsoft', 'bob'));
    const forged = `${token.slice(0, -6)}AAAAAA`;
    const own = (value: string): Promise<number> =>
      request({ port: broker.port, path: '/x', headers: [['Authorization', `Bearer ${value}`]] }).then(
        ({ status }) => status,
      );
    await expect.poll(() => own(token), { timeout: 30_000, interval: 250 }).toBe(200);
    expect(await own(forged)).toBe(401);
    for (const checker of checkers) {
      expect(await checker.judgeUntil(token, 200)).toEqual({ status: 200, reason: '' });
      expect((await checker.judge(forged)).status).toBe(401);
    }
    for (const native of natives) {
      const bodies = [];
      for (const value of [token, forged]) bodies.push((await native.askWith(value)).body);
      expect(bodies).toEqual(['1', '0']);
    }
  });

  test('E4: the admin service is asked with a token of the broker, and its roles and name are in the token', async () => {
    world.admin.clear();
    const page = await signIn(broker, 'microsoft', 'ann', { audience: 'zoo' });
    expect([page.status, headingOf(page)]).toEqual([200, 'You are signed in']);
    const [form] = formsOf(page);
    expect([form?.method, form?.action, form?.fields.map(([name]) => name)]).toEqual([
      'POST',
      `${application}/zoo`,
      ['token'],
    ]);
    expect(await verified(tokenOf(page), 'zoo')).toMatchObject({
      upn: 'ann@contoso.example',
      name: 'Member ann@contoso.example',
      roles: ['USER', 'KEEPER'],
    });
    const [asked, ...more] = world.admin.requests;
    expect([asked?.method, asked?.audience, more]).toEqual(['GET', 'zoo', []]);
    expect(decodeURIComponent(asked?.target ?? '')).toBe(`/zoo/sysapi/user/ann@contoso.example/microsoft:${TENANT}`);
    const token = asked?.token.ok === true ? asked.token : undefined;
    expect(token?.claims).toMatchObject({ iss: broker.origin, aud: 'zoo', roles: ['SYSTEM'] });
    expect((token?.claims.exp ?? 0) - (token?.claims.iat ?? 0)).toBe(120);
    const { browser } = page;
    expect((await browser.submit({ ...page, hops: [] })).status).toBe(200);
    const arrival = world.application.arrivals.at(-1);
    expect([arrival?.method, arrival?.target]).toEqual(['POST', '/zoo']);
    expect(new URLSearchParams(arrival?.body).get('token')).toBe(tokenOf(page));
  });

  test('E4: a person whom the admin service does not know gets a page, and no token', async () => {
    const page = await signIn(broker, 'microsoft', 'bob', { audience: 'zoo' });
    expect([page.status, headingOf(page), tokenOf(page)]).toEqual([403, 'You cannot use this application', '']);
    expect(factsOf(page)).toEqual(['Application', 'zoo', 'Signed in as', 'bob@corp.contoso.example']);
    expect(page.body).toContain('href="/?audience=zoo"');
  });

  test('E4: an admin service that fails is a page that says to wait, and a line of the log', async () => {
    world.admin.behaviours.set('ann@contoso.example', MISBEHAVIOURS['fails with 500'] ?? (() => undefined));
    const page = await signIn(broker, 'microsoft', 'ann', { audience: 'zoo' });
    world.admin.behaviours.clear();
    expect([page.status, headingOf(page), tokenOf(page)]).toEqual([503, 'You cannot sign in now', '']);
    expect(broker.log()).toContain('the admin service: it answers with status 500');
    expect(headingOf(await signIn(broker, 'microsoft', 'ann', { audience: 'zoo' }))).toBe('You are signed in');
  });

  test('E5: the request chooses among the addresses of the audience, or names a page of it', async () => {
    const other = await signIn(broker, 'google', 'gus', { audience: 'zoo', redirect: `${application}/other` });
    expect(formsOf(other)[0]?.action).toBe(`${application}/other`);
    const deep = await signIn(broker, 'google', 'gus', { redirect: '/deep?a=1&b=%26' });
    const location = new URL(headerOf(deep, 'location'));
    expect([location.origin + location.pathname, location.searchParams.get('redirect')]).toEqual([
      `${application}/in`,
      '/deep?a=1&b=%26',
    ]);
    expect(await verified(tokenOf(deep), 'register')).toMatchObject({ aud: 'register' });
  });

  test('E5: an audience that no list names is a host of the domain', async () => {
    const answer = await signIn(broker, 'google', 'gus', { audience: 'hamsters', redirect: '/deep' });
    const [address] = headerOf(answer, 'location').split('#');
    expect([answer.status, address]).toEqual([302, 'https://hamsters.apps.example?from=oauth&redirect=%2Fdeep']);
    expect(await verified(tokenOf(answer), 'hamsters')).toMatchObject({ aud: 'hamsters', roles: [] });
    expect(world.admin.requests.at(-1)?.audience).toBe('hamsters');
  });

  test('E5: a one-time code gets the token once, for the client that began', async () => {
    const answer = await signIn(broker, 'google', 'gus', CODED);
    const location = new URL(headerOf(answer, 'location'));
    expect([answer.status, location.origin + location.pathname, location.hash]).toEqual([
      302,
      `${application}/coded`,
      '',
    ]);
    expect(location.searchParams.get('state')).toBe('of-the-app');
    const good = grant(answer);
    for (const wrong of [
      { code_verifier: 'A'.repeat(43) },
      { client_id: 'register' },
      { redirect_uri: `${application}/in` },
    ]) {
      const refused = await exchange({ ...good, ...wrong });
      expect([refused.status, await refused.json()]).toEqual([400, { error: 'invalid_grant' }]);
    }
    const exchanged = await exchange(good);
    // Without dictionaries nobody knows whether a code was used.
    if (!gateway.discovers) {
      expect([exchanged.status, await exchanged.json()]).toEqual([400, { error: 'invalid_grant' }]);
      return;
    }
    const tokens = (await exchanged.json()) as Record<string, unknown>;
    expect([exchanged.status, exchanged.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 86_400 });
    broker.hide(String(tokens['access_token']));
    expect(await verified(String(tokens['access_token']), 'coded')).toMatchObject({ upn: 'gus@gmail.example' });
    const again = await exchange(good);
    expect([again.status, await again.json()]).toEqual([400, { error: 'invalid_grant' }]);
  });

  test('E2: a tenant of the request is the one that signs in', async () => {
    const asked = { aad_tenant_id: SECOND_TENANT };
    const good = await signIn(broker, 'microsoft', 'sue', asked);
    expect(world.microsoft.asked.at(-1)).toBe(SECOND_TENANT);
    expect(await verified(tokenOf(good), 'register')).toMatchObject({ tenant: SECOND_TENANT });
    const page = await signIn(broker, 'microsoft', 'ann', asked);
    expect([page.status, headingOf(page), tokenOf(page)]).toEqual([403, 'You are not signed in', '']);
  });

  test('E3: a device is paired once its person has seen what for', async () => {
    world.admin.codes.set(PAIRING, undefined);
    const browser = broker.browser();
    const page = await openSignIn(broker, browser, { audience: 'zoo', code: PAIRING });
    expect(factsOf(page)).toEqual(['Application', 'zoo', 'Code on the device', 'd0d0caca']);
    const callback = await stopBeforeCallback(broker, browser, await choose(browser, page, 'microsoft'), 'ann');
    const confirm = await browser.open(callback);
    expect([confirm.status, headingOf(confirm)]).toEqual([200, 'Is this your device?']);
    expect(factsOf(confirm)).toEqual([
      ...['Application', 'zoo', 'Code on the device', 'd0d0caca'],
      ...['Signed in as', 'ann@contoso.example'],
    ]);
    // Nothing is paired by looking.
    expect(world.admin.codes.get(PAIRING)).toBe(undefined);
    const done = await browser.submit(confirm);
    expect([done.status, headingOf(done)]).toEqual([200, 'Your device is connected']);
    expect(done.body).toContain('You can close your browser');
    expect(world.admin.codes.get(PAIRING)).toBe(`ann@contoso.example/microsoft:${TENANT}`);
    const asked = world.admin.requests.at(-1);
    expect([asked?.method, asked?.token.ok]).toEqual(['POST', true]);
    expect(asked?.target).not.toContain('ann@contoso.example/microsoft');
    // No cookie of it is left, and no token was minted for anybody.
    expect(browser.jar.all().filter(({ name }) => name.startsWith('jwtverify-broker'))).toEqual([]);
    expect([tokenOf(confirm), tokenOf(done)]).toEqual(['', '']);
  });

  test.each([
    ['a code that is too short', { audience: 'zoo', code: 'a'.repeat(31) }],
    ['a code that is too long', { audience: 'zoo', code: 'a'.repeat(73) }],
    ['a code with a slash', { audience: 'zoo', code: `${'a'.repeat(32)}/` }],
    ['a code without an audience', { code: PAIRING }],
    ['a code for an audience that looks nobody up', { audience: 'register', code: PAIRING }],
    ['an audience that is too short', { audience: 'zo' }],
    ['an audience that is too long', { audience: 'a'.repeat(65) }],
    ['an audience that begins with a digit', { audience: '1zoo' }],
    ['a tenant that is none', { aad_tenant_id: 'a/b' }],
    ['an audience of codes without a challenge', { audience: 'coded' }],
  ])('E3: %s is refused with a page, before and after the button', async (_, asked) => {
    const query = new URLSearchParams(asked).toString();
    const first = await broker.browser().send(`${broker.origin}/?${query}`);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = `${query}&provider=microsoft`;
    const second = await broker.browser().send(`${broker.origin}/authorize`, { method: 'POST', headers, body });
    for (const answer of [first, second]) {
      expect([answer.status, headerOf(answer, 'location'), valuesOf(answer, 'set-cookie')]).toEqual([400, '', []]);
      expect(headingOf(answer)).toBe('This address does not work');
    }
  });

  test('E2: an answer of the provider by form is asked for once more, with GET', async () => {
    const { browser, callback } = await returnFrom(broker, 'google', 'gus');
    const url = new URL(callback);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = url.searchParams.toString();
    const posted = await browser.send(url.origin + url.pathname, { method: 'POST', headers, body }, true);
    expect([posted.status, valuesOf(posted, 'set-cookie')]).toEqual([303, []]);
    const answer = await browser.send(new URL(headerOf(posted, 'location'), url).href);
    expect(await verified(tokenOf(answer), 'register')).toMatchObject({ upn: 'gus@gmail.example' });
  });

  test.each([
    ['POST', '/', 405],
    ['GET', '/authorize', 405],
    ['GET', '/pair', 405],
    ['GET', '/token', 405],
    ['PUT', '/callback/google', 405],
    ['GET', '/callback/other', 404],
    ['GET', '/callback/', 404],
    ['GET', '/callback/google', 400],
  ])('E2: %s %s is %i', async (method, path, status) => {
    const answer = await broker.browser().send(`${broker.origin}${path}`, { method });
    expect([answer.status, headerOf(answer, 'location'), valuesOf(answer, 'set-cookie')]).toEqual([status, '', []]);
  });
});
