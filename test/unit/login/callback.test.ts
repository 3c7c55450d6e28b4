import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { findMember } from '../../../src/codec/json';
import { text } from '../../../nginx/ports/text';
import { findSession } from '../../../src/login/find-session';
import { acceptSession } from '../../../src/login/session';
import type { LoginContext, LoginReply } from '../../../src/login/step';
import type { HttpQuestion } from '../../../src/ports/http';
import {
  bring,
  CLIENT,
  contextOf,
  ENDPOINTS,
  halfOf,
  ISSUER,
  jarOf,
  jsonAnswer,
  loginOf,
  NAME,
  NOW,
  openSession,
  ORIGIN,
  signToken,
  start,
  stranger,
  tokensFor,
  trustOf,
  type Claims,
} from './provider';

const context = contextOf();

describe('start', () => {
  test('sends the browser to the issuer with state, nonce and an S256 challenge', async () => {
    const { reply, asked } = await start(context);
    expect(reply.status).toBe(302);
    expect(reply.location).toMatch(`${ISSUER}/auth?kc=1&response_type=code&`);
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: CLIENT,
      redirect_uri: `${ORIGIN}/oauth2/callback`,
      scope: 'openid profile',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce']) expect(asked.get(name)).toMatch(/^[\w-]{32}$/);
    expect(asked.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(reply.cookies).toHaveLength(1);
    expect(reply.cookies[0]).toContain('; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax');
    expect(reply.cookies[0]).toMatch(`${NAME}-login-${asked.get('state')?.slice(0, 8) ?? ''}=`);
  });

  test('is another one each time, and its cookie shows nothing of it', async () => {
    const [one, other] = [await start(context), await start(context)];
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(one.asked.get(name)).not.toBe(other.asked.get(name));
    const cookie = Buffer.from(one.cookie.split('=')[1] ?? '', 'base64url').toString('latin1');
    for (const name of ['state', 'nonce']) expect(cookie).not.toContain(one.asked.get(name));
  });

  test('removes the oldest logins of a browser with more than four', async () => {
    const cookie = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${NAME}-login-${name}=x`).join('; ');
    const { reply } = await start(context, '/oauth2/start', { cookie });
    expect(reply.cookies.filter((field) => field.includes('Max-Age=0')).map((field) => field.split('=')[0])).toEqual([
      `${NAME}-login-a`,
      `${NAME}-login-b`,
    ]);
    const few = await start(context, '/oauth2/start', { cookie: `${NAME}-login-a=x` });
    expect(few.reply.cookies).toHaveLength(1);
  });

  test('that fails at once leads back to the page asked for', async () => {
    const silent = contextOf({ endpoints: { ok: false, problem: 'not yet' } });
    const { reply } = await start(silent);
    expect(reply).toMatchObject({ status: 503, page: 'issuer_unavailable', returnTo: '/app1' });
  });

  test.each([
    ['zoo.example', 'app.zoo.example', 'https://app.zoo.example/app1'],
    ['zoo.example', 'zoo.example', 'https://zoo.example/app1'],
    // The callback is on this host: a path is enough.
    ['zoo.example', 'sign-in.zoo.example', '/app1'],
    // Browsers give it no cookie of that domain.
    ['zoo.example', 'evil.example', '/app1'],
    ['zoo.example', 'evilzoo.example', '/app1'],
    [undefined, 'app.zoo.example', '/app1'],
  ])('with one callback for %s, a login at %s returns to %s', async (domain, host, location) => {
    const redirectUri = 'https://sign-in.zoo.example/oauth2/callback';
    const cookie = { ...context.login.cookie, domain };
    const shared = contextOf({ login: loginOf({ redirectUri, cookie }) });
    const started = await start(shared, '/oauth2/start?rd=/app1', { host });
    expect((await bring(shared, started)).location).toBe(location);
  });

  test('refuses a request without a good Host header, and random text of another length', async () => {
    for (const host of [[], ['a.example', 'b.example'], ['a b'], ['user@a.example'], ['a.example:0']]) {
      expect((await start(context, '/oauth2/start', { host })).reply).toMatchObject({ status: 400 });
    }
  });
});

describe('callback', () => {
  test('makes a session, returns to the page asked for, and ends the login', async () => {
    const started = await start(context, '/oauth2/start?rd=%2Fapp1%3Fa%3Db%23c');
    const reply = await bring(context, started);
    expect(reply).toMatchObject({ status: 302, location: '/app1?a=b#c' });
    const jar = jarOf([started.reply, reply]);
    expect(jar).not.toContain('-login-');
    const session = openSession(jar, context.login);
    expect(session).toMatchObject({
      expires: NOW + 300,
      refreshed: NOW,
      refresh: 'again',
      access: undefined,
      id: undefined,
    });
    const last = acceptSession(context, session ?? fail(), NOW + 1000);
    expect(last).toMatchObject({ kind: 'verified', verified: { issuedBy: ISSUER, identity: { subject: 'ada' } } });
    expect(reply.cookies.join()).not.toMatch(/ada|again|opaque/);
  });

  test('asks the token endpoint with the code, the verifier and the client', async () => {
    const started = await start(context);
    const questions: HttpQuestion[] = [];
    const answer = (question: HttpQuestion) => {
      questions.push(question);
      return jsonAnswer(tokensFor(started));
    };
    await bring(context, started, { query: { code: 'a code&b=c' }, host: { answer } });
    const form = new URLSearchParams(questions[0]?.body);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatchObject({ url: ENDPOINTS.token, authorization: 'Basic Z2F0ZXdheTpz' });
    expect(form.get('code')).toBe('a code&b=c');
    expect(form.get('redirect_uri')).toBe(`${ORIGIN}/oauth2/callback`);
    expect(challenge).toBe(started.asked.get('code_challenge'));
  });

  test('tries the next secret of the client where the issuer rejects one, in the form too', async () => {
    const form = { authorization: undefined, form: '&client_id=gateway&client_secret=new' };
    const login = loginOf({ credentials: [{ authorization: 'Basic b2xk', form: '' }, form] });
    const changed = contextOf({ login });
    const started = await start(changed);
    const tried: string[] = [];
    const answer = ({ authorization, body }: HttpQuestion) => {
      tried.push(`${authorization ?? 'form'} ${String(body?.endsWith('&client_secret=new'))}`);
      return tried.length === 1 ? jsonAnswer({ error: 'invalid_client' }, 401) : jsonAnswer(tokensFor(started));
    };
    expect((await bring(changed, started, { host: { answer } })).status).toBe(302);
    expect(tried).toEqual(['Basic b2xk false', 'form true']);
  });

  test('lets several tabs sign in at once', async () => {
    const tabs = [await start(context, '/oauth2/start?rd=/one'), await start(context, '/oauth2/start?rd=/two')];
    const cookie = tabs.map((tab) => tab.cookie).join('; ');
    for (const [index, tab] of tabs.entries()) {
      expect((await bring(context, tab, { cookie })).location).toBe(['/one', '/two'][index]);
    }
  });

  test.each<[string, Parameters<typeof bring>[2], string]>([
    ['without the cookie: login CSRF, or another browser', { cookie: '' }, 'login_unknown'],
    ['with a state that this browser did not begin', { query: { state: 'x'.repeat(32) } }, 'login_unknown'],
    ['without a state', { query: { state: '' } }, 'request_malformed'],
    ['with a state of other characters', { query: { state: `${'a'.repeat(31)}=` } }, 'request_malformed'],
    ['without a code', { query: { code: '' } }, 'request_malformed'],
    ['with a code and an error', { query: { error: 'access_denied' } }, 'request_malformed'],
    ['with an issuer that was not asked', { query: { iss: 'https://evil.example' } }, 'issuer_mixed'],
    ['without an issuer, where the issuer always names itself', { query: { iss: '' } }, 'issuer_mixed'],
    ['with a refusal', { query: { code: '', error: 'access_denied' } }, 'login_denied'],
    ['with another error', { query: { code: '', error: 'server_error' } }, 'login_failed'],
    ['ten minutes later', { host: { now: NOW + 600 } }, 'login_unknown'],
    ['with the issuer down', { host: { answer: () => ({ ok: false, problem: 'x' }) } }, 'issuer_unavailable'],
    ['with an answer of 500', { host: { answer: () => jsonAnswer('', 500) } }, 'issuer_unavailable'],
    ['with a redirect', { host: { answer: () => jsonAnswer('', 302) } }, 'issuer_unavailable'],
    [
      'with a code that was used',
      { host: { answer: () => jsonAnswer({ error: 'invalid_grant' }, 400) } },
      'login_unknown',
    ],
    ['with a rejected client', { host: { answer: () => jsonAnswer('', 401) } }, 'login_failed'],
    [
      'with another error of the token endpoint',
      { host: { answer: () => jsonAnswer({ error: '<b>' }, 400) } },
      'login_failed',
    ],
  ])('refuses an answer %s', async (_, brought, page) => {
    const reply = await bring(context, await start(context), brought);
    expect(reply.page).toBe(page);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.cookies.every((field) => field.includes('Max-Age=0'))).toBe(true);
    // A login of this browser that has ended leads back to the page asked for.
    expect(reply.returnTo).toBe(reply.cookies.length > 0 ? '/app1' : undefined);
  });

  test('that failed leads back to no page that the policy of now refuses', async () => {
    const partner = await start(context, '/oauth2/start?rd=https://partner.example/x');
    const denied = { query: { code: '', error: 'access_denied' } };
    expect((await bring(context, partner, denied)).returnTo).toBe('https://partner.example/x');
    const alone = contextOf({ login: loginOf({ returnTo: [] }) });
    expect((await bring(alone, partner, denied)).returnTo).toBeUndefined();
  });

  test('refuses two cookies of one login, and one that was sealed for a session', async () => {
    const started = await start(context);
    const twice = await bring(context, started, { cookie: [started.cookie, started.cookie] });
    expect(twice.page).toBe('login_unknown');
    const session = jarOf([await bring(context, started)]);
    const name = started.cookie.split('=')[0] ?? '';
    const value = session.slice(session.indexOf('=1.') + 3);
    expect((await bring(context, started, { cookie: `${name}=${value}` })).page).toBe('login_unknown');
  });

  test('refuses a state that only begins like the one of this browser, and the cookie of another login', async () => {
    const [one, other] = [await start(context), await start(context)];
    const state = one.asked.get('state') ?? '';
    const similar = `${state.slice(0, 8)}${'x'.repeat(24)}`;
    expect((await bring(context, one, { query: { state: similar } })).page).toBe('login_unknown');
    const renamed = `${one.cookie.split('=')[0] ?? ''}=${other.cookie.split('=')[1] ?? ''}`;
    expect((await bring(context, one, { cookie: renamed })).page).toBe('login_unknown');
  });

  test('refuses the answer to a login that began at an issuer of settings before', async () => {
    const endpoints = { ok: true, endpoints: { ...ENDPOINTS, namesIssuer: false } } as const;
    const before = contextOf({ endpoints, trust: trustOf({ issuer: 'https://old.example' }) });
    const started = await start(before);
    const after = contextOf({ endpoints });
    expect((await bring(after, started, { query: { iss: '' } })).page).toBe('issuer_mixed');
  });

  test('keeps a login until its answer comes: a forged error ends none', async () => {
    const started = await start(context);
    const forged = await bring(context, started, {
      query: { state: 'y'.repeat(32), code: '', error: 'access_denied' },
    });
    expect(forged.cookies).toEqual([]);
    expect((await bring(context, started)).status).toBe(302);
  });

  test('accepts an answer without an issuer where the issuer never names itself', async () => {
    const silent = contextOf({ endpoints: { ok: true, endpoints: { ...ENDPOINTS, namesIssuer: false } } });
    expect((await bring(silent, await start(silent), { query: { iss: '' } })).status).toBe(302);
    const mixed = await bring(silent, await start(silent), { query: { iss: 'https://evil.example' } });
    expect(mixed.page).toBe('issuer_mixed');
  });
});

describe('an ID token', () => {
  const reject = async (changes: Claims, more: object = {}): Promise<string | undefined> => {
    const started = await start(context);
    const reply = await bring(context, started, {
      host: { answer: () => jsonAnswer(tokensFor(started, changes, more)) },
    });
    if (reply.status === 302) return undefined;
    expect(reply.page).toBe('token_refused');
    expect(jarOf([reply])).toBe('');
    return reply.detail;
  };

  test.each<[string, Claims]>([
    ['nothing special', {}],
    ['an at_hash of the access token', { at_hash: halfOf('opaque') }],
    ['a c_hash of the code', { c_hash: halfOf('a-code') }],
    ['the client as azp', { azp: CLIENT }],
    ['several audiences and the client as azp', { aud: [CLIENT, 'other'], azp: CLIENT }],
  ])('passes with %s', async (_, changes) => {
    expect(await reject(changes)).toBeUndefined();
  });

  test.each<[string, Claims, string]>([
    ['the nonce of another login', { nonce: 'other' }, 'another nonce'],
    ['no nonce', { nonce: undefined }, 'another nonce'],
    ['another audience', { aud: 'api' }, 'audience_refused'],
    ['another issuer', { iss: 'https://evil.example' }, 'issuer_refused'],
    ['another party', { azp: 'other' }, 'another party'],
    ['several audiences and no party', { aud: [CLIENT, 'other'] }, 'another party'],
    ['no subject', { sub: undefined }, 'no sub'],
    ['an at_hash of another token', { at_hash: halfOf('other') }, 'at_hash'],
    ['an at_hash that is no text', { at_hash: 1 }, 'at_hash'],
    ['a c_hash of another code', { c_hash: halfOf('other') }, 'c_hash'],
    ['an expiry in the past', { exp: NOW - 100 }, 'expired'],
    ['no expiry', { exp: undefined }, 'expiry_missing'],
    ['a time of issue in the future', { iat: NOW + 1000 }, 'issued_in_future'],
  ])('is refused with %s', async (_, changes, detail) => {
    expect(await reject(changes)).toContain(detail);
  });

  test.each<[string, (claims: Claims) => string, string]>([
    ['of somebody else', (claims) => signToken(claims, { alg: 'RS256' }, stranger), 'signature_invalid'],
    [
      'without a signature',
      (claims) => `${signToken(claims, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
      'algorithm_none',
    ],
    ['of an access token', (claims) => signToken(claims, { alg: 'RS256', typ: 'at+jwt' }), 'type_refused'],
    ['of a logout token', (claims) => signToken(claims, { alg: 'RS256', typ: 'logout+jwt' }), 'type_refused'],
    ['of no token at all', () => 'x', 'token_malformed'],
  ])('is refused with the form %s', async (_, make, detail) => {
    const claims = { iss: ISSUER, aud: CLIENT, sub: 'ada', exp: NOW + 300 };
    expect(await reject({}, { id_token: make(claims) })).toContain(detail);
  });

  test.each<[string, object, string]>([
    ['without an ID token', { id_token: undefined }, 'no ID token'],
    ['with an ID token that is no text', { id_token: 1 }, 'no ID token'],
  ])('answer %s is refused', async (_, more, detail) => {
    expect(await reject({}, more)).toContain(detail);
  });

  test('goes with a Bearer token alone', async () => {
    const started = await start(context);
    for (const more of [{ token_type: 'DPoP' }, { token_type: undefined }, { access_token: undefined }]) {
      const answer = () => jsonAnswer(tokensFor(started, {}, more));
      expect((await bring(context, started, { host: { answer } })).page).toBe('issuer_unavailable');
    }
    const answer = () => jsonAnswer(tokensFor(started, {}, { token_type: 'bearer' }));
    expect((await bring(context, started, { host: { answer } })).status).toBe(302);
  });
});

const fail = (): never => {
  throw new Error('there is no session');
};

describe('the session of a request', () => {
  test('is absent, malformed or sealed, whatever a browser sends', async () => {
    const jar = jarOf([await bring(context, await start(context))]);
    const value = jar.slice(jar.indexOf('=1.') + 3);
    const find = (...lines: string[]) => findSession(context.login, lines, text);
    expect(find()).toEqual({ kind: 'absent' });
    expect(find('other=1', `${NAME}_1=x`)).toEqual({ kind: 'absent' });
    expect(find(`a=b; ${jar}`)).toMatchObject({ kind: 'sealed', value });
    for (const cookie of [
      `${jar}; ${jar}`,
      `${NAME}=x`,
      `${NAME}=1.`,
      `${NAME}=1.${value.slice(8)}`,
      `${jar}=`,
      `${NAME}=2.${value}`,
    ]) {
      expect(find(cookie)).toEqual({ kind: 'malformed' });
    }
  });

  test('opens with no bit of it changed', async () => {
    const jar = jarOf([await bring(context, await start(context))]);
    const begins = jar.indexOf('=1.') + 3;
    expect(openSession(jar, context.login)).toBeDefined();
    for (let index = begins; index < jar.length; index += 1) {
      const other = jar.charAt(index) === 'A' ? 'Q' : 'A';
      expect(openSession(jar.slice(0, index) + other + jar.slice(index + 1), context.login)).toBeUndefined();
    }
  });
});

describe('a session', () => {
  const mapping = { claims: { groups: 'groups', roles: 'realm_access.roles' } };
  const rules = [{ name: 'tenants', paths: ['/a/**'], require: { claims: { 'org/x': 'y' } } }];

  test('has the claims that the policy reads, and no others', async () => {
    const mapped = contextOf({ trust: trustOf(mapping, rules) });
    const started = await start(mapped);
    const claims = {
      groups: ['group1', 'group2'],
      realm_access: { roles: ['r'], other: 'x'.repeat(100) },
      'org/x': 'y',
      secret_note: 'x',
      sid: 's',
      iat: NOW - 10,
    };
    const reply = await bring(mapped, started, { host: { answer: () => jsonAnswer(tokensFor(started, claims)) } });
    const session = openSession(jarOf([reply]), mapped.login) ?? fail();
    expect([...session.claims.names].sort()).toEqual(
      ['aud', 'exp', 'groups', 'iat', 'iss', 'jti', 'org/x', 'realm_access', 'scope', 'sid', 'sub'].sort(),
    );
    expect(JSON.stringify(session.claims)).not.toContain('xxx');
    expect(findMember(session.claims, 'iat')).toMatchObject({ value: NOW });
    expect(acceptSession(mapped, session, NOW)).toMatchObject({
      verified: { identity: { groups: ['group1', 'group2'], roles: ['r'] }, decision: { scopes: 'openid profile' } },
    });
  });

  test('has an identifier and scopes of its own, whatever the token says of them', async () => {
    const reading = contextOf({ trust: trustOf({ claims: { user: 'jti' } }) });
    const started = await start(reading);
    const claims = { jti: 'of the token', scope: 'admin' };
    const reply = await bring(reading, started, { host: { answer: () => jsonAnswer(tokensFor(started, claims)) } });
    const session = openSession(jarOf([reply]), reading.login) ?? fail();
    expect(findMember(session.claims, 'jti')).not.toBe('of the token');
    expect(findMember(session.claims, 'scope')).toBe('openid profile');
  });

  test('ends at its age, and at a shorter one that the operator sets later', async () => {
    const session = openSession(jarOf([await bring(context, await start(context))]), context.login) ?? fail();
    expect(acceptSession(context, session, NOW + 28_799).kind).toBe('verified');
    expect(acceptSession(context, session, NOW + 28_800)).toMatchObject({ decision: { reason: 'session_expired' } });
    const shorter = contextOf({ login: loginOf({ maxAge: 600 }) });
    expect(acceptSession(shorter, session, NOW + 600)).toMatchObject({ decision: { reason: 'session_expired' } });
    const longer = contextOf({ login: loginOf({ maxAge: 100_000 }) });
    expect(acceptSession(longer, session, NOW + 28_800)).toMatchObject({ decision: { reason: 'session_expired' } });
  });

  test('is none where its claims do not fulfil what the policy requires of every token', async () => {
    const strict = contextOf({ trust: trustOf({ require: { department: 'zoo' } }) });
    const started = await start(strict);
    expect(await bring(strict, started)).toMatchObject({
      page: 'token_refused',
      detail: 'the session: required_claim',
    });
    const answer = () => jsonAnswer(tokensFor(started, { department: 'zoo' }));
    expect((await bring(strict, started, { host: { answer } })).status).toBe(302);
  });

  test('has claims of the access token too, where the operator says so', async () => {
    const login = loginOf({ claimsFrom: ['id_token', 'access_token'] });
    const both = contextOf({ login, trust: trustOf(mapping) });
    const access = {
      iss: ISSUER,
      aud: 'account',
      azp: CLIENT,
      sub: 'ada',
      exp: NOW + 300,
      realm_access: { roles: ['r'] },
    };
    const bringAccess = async (token: string) => {
      const started = await start(both);
      return bring(both, started, {
        host: { answer: () => jsonAnswer(tokensFor(started, {}, { access_token: token })) },
      });
    };
    const session = openSession(jarOf([await bringAccess(signToken(access))]), login) ?? fail();
    expect(acceptSession(both, session, NOW)).toMatchObject({ verified: { identity: { roles: ['r'] } } });
    for (const [token, detail] of [
      [signToken({ ...access, azp: 'other' }), 'another client'],
      [signToken({ ...access, sub: 'eve' }), 'another subject'],
      [signToken(access, { alg: 'RS256' }, stranger), 'signature_invalid'],
      ['opaque', 'token_malformed'],
    ] as const) {
      expect(await bringAccess(token)).toMatchObject({
        page: 'token_refused',
        detail: expect.stringContaining(detail) as string,
      });
    }
  });

  test.each([
    [['id_token', 'access_token'], ['of the ID token'], 's'],
    [['access_token', 'id_token'], ['of the access token'], 's'],
    [['id_token'], ['of the ID token'], 's'],
    // What the sign-in was is the ID token's alone.
    [['access_token'], ['of the access token'], 's'],
  ] as const)('has the claims of %j in this order', async (claimsFrom, groups, sid) => {
    const login = loginOf({ claimsFrom });
    const ordered = contextOf({ login, trust: trustOf(mapping) });
    const started = await start(ordered);
    const access = { iss: ISSUER, aud: CLIENT, exp: NOW + 300, groups: ['of the access token'] };
    const id = { groups: ['of the ID token'], sid, realm_access: { roles: ['of the ID token'] } };
    const answer = () => jsonAnswer(tokensFor(started, id, { access_token: signToken(access) }));
    const session = openSession(jarOf([await bring(ordered, started, { host: { answer } })]), login) ?? fail();
    const roles = claimsFrom.some((source) => source === 'id_token') ? ['of the ID token'] : [];
    expect(acceptSession(ordered, session, NOW)).toMatchObject({
      verified: { identity: { groups, roles, subject: 'ada' } },
    });
    expect(findMember(session.claims, 'sid')).toBe(sid);
  });

  test('of 500 groups goes into several cookies, and one that is larger fails with a page', async () => {
    const many = contextOf({ trust: trustOf(mapping) });
    const groups = Array.from({ length: 500 }, (_, index) => `/company/zoo/${String(index)}`);
    const withRefresh = async (refresh: string) => {
      const started = await start(many);
      const answer = () => jsonAnswer(tokensFor(started, { groups }, { refresh_token: refresh }));
      return bring(many, started, { host: { answer } });
    };
    const reply = await withRefresh('again');
    expect(reply.status).toBe(302);
    expect(reply.cookies.filter((field) => !field.includes('Max-Age=0'))).toHaveLength(4);
    for (const field of reply.cookies) expect(field.length).toBeLessThan(4000);
    const session = openSession(jarOf([reply]), many.login) ?? fail();
    expect(acceptSession(many, session, NOW)).toMatchObject({ kind: 'verified' });
    expect(await withRefresh('x'.repeat(6000))).toMatchObject({ status: 403, page: 'session_too_large' });
  });

  test('that is too large leaves out the ID token, and one that a proxy has no room for fails with what to do', async () => {
    const groups = Array.from({ length: 300 }, (_, index) => `/company/zoo/${String(index)}`);
    const many = { trust: trustOf(mapping), login: loginOf({ keepsIdToken: true }) };
    const bringTo = async (context: LoginContext): Promise<LoginReply> => {
      const started = await start(context);
      return bring(context, started, { host: { answer: () => jsonAnswer(tokensFor(started, { groups })) } });
    };
    const large = contextOf(many);
    const session = openSession(jarOf([await bringTo(large)]), large.login);
    expect(session?.id).toBeDefined();
    const mend = 'give it more';
    const small = contextOf({ ...many, room: { most: 3, mend } });
    const reply = await bringTo(small);
    expect(reply.cookies.filter((field) => !field.includes('Max-Age=0'))).toHaveLength(3);
    expect(openSession(jarOf([reply]), small.login)?.id).toBeUndefined();
    expect(await bringTo(contextOf({ ...many, room: { most: 2, mend } }))).toMatchObject({
      status: 403,
      page: 'session_too_large',
      detail: 'the session needs 3 cookies, and this proxy has room for 2; give it more',
    });
  });

  test('whose ID token is longer than any token may be fails with the same page', async () => {
    const many = contextOf({ trust: trustOf(mapping) });
    const started = await start(many);
    const groups = Array.from({ length: 500 }, (_, index) => `a-group-with-a-long-name-${String(index)}`);
    const answer = () => jsonAnswer(tokensFor(started, { groups }));
    const reply = await bring(many, started, { host: { answer } });
    expect(reply).toMatchObject({ status: 403, page: 'session_too_large' });
    expect(reply.detail).toContain('the ID token: ');
  });

  test('opens with any of the secrets, and is sealed by the first', async () => {
    const [old, both] = [
      ['an old secret of 32 bytes and more'],
      ['the newest secret of 32 bytes....', 'an old secret of 32 bytes and more'],
    ];
    const before = contextOf({ login: loginOf({}, old) });
    const after = loginOf({}, both);
    const jar = jarOf([await bring(before, await start(before))]);
    expect(openSession(jar, after)).toBeDefined();
    const renewed = contextOf({ login: after });
    expect(openSession(jarOf([await bring(renewed, await start(renewed))]), before.login)).toBeUndefined();
  });
});
