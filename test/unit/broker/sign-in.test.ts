// Signing in at the broker: what is asked, the way to the provider and back, the look-up, and how the token gets to the audience.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { HttpQuestion } from '../../../src/ports/http';
import {
  ADMIN,
  audienceOf,
  BROKER,
  CODE,
  contextOf,
  jsonAnswer,
  MEMBER,
  NOW,
  pageOf,
  publicKey,
  visit,
  walk,
} from './desk';

const context = contextOf();

function readToken(token: string): { readonly header: string; readonly claims: Record<string, unknown> } {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
  expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
  const decode = (part: string) => Buffer.from(part, 'base64url').toString();
  return { header: decode(header), claims: JSON.parse(decode(claims)) as Record<string, unknown> };
}

describe('the first page', () => {
  test('has a button for each provider, and what is asked', async () => {
    const reply = await visit(context, '/in/?audience=register&redirect=%2Fdeep%3Fa%3Db');
    expect(reply).toMatchObject({ status: 200, page: 'choose_provider', cookies: [] });
    const page = pageOf(context, reply);
    expect(page).toContain('<form method="post" action="/in/authorize">');
    expect(page).toContain('<input type="hidden" name="audience" value="register">');
    expect(page).toContain('<input type="hidden" name="redirect" value="/deep?a=b">');
    expect(page).toContain('name="provider" value="microsoft">Microsoft</button>');
    expect(page).toContain('name="provider" value="google">Google</button>');
  });

  test('has the usual audience, and shows the short form of a pairing code', async () => {
    expect((await visit(context, '/in/')).facts).toEqual([['Application', 'register']]);
    const reply = await visit(context, `/in/?audience=zoo&code=${CODE}`);
    expect(reply.facts).toEqual([
      ['Application', 'zoo'],
      ['Code on the device', 'A1b2C3d4'],
    ]);
  });

  const OTHERS = { domain: 'zoo.example', secure: true, delivery: 'fragment', admin: undefined } as const;
  test.each([
    ['an unknown audience', '?audience=nobody', {}],
    ['a host name', '?audience=a.evil', { others: OTHERS }],
    ['a path', '?audience=a/../b', { others: OTHERS }],
    ['a NUL', '?audience=abc%00', { others: OTHERS }],
    ['two letters', '?audience=ab', { others: OTHERS }],
    ['a digit at the start', '?audience=1abc', { others: OTHERS }],
    ['64 characters for a host', `?audience=${'a'.repeat(64)}`, { others: OTHERS }],
    ['65 characters', `?audience=${'a'.repeat(65)}`, { others: OTHERS }],
    ['a dash at its end', '?audience=abc-', { others: OTHERS }],
    ['an underscore', '?audience=a_b_c', { others: OTHERS }],
    ['two audiences', '?audience=register&audience=zoo', {}],
    ['no audience at all', '', { usual: undefined }],
    ['a pairing code without an audience', `?code=${CODE}`, {}],
    ['a short pairing code', '?audience=zoo&code=abc', {}],
    ['a pairing code with a slash', `?audience=zoo&code=${CODE}%2F`, {}],
    ['a pairing code for an audience without an admin service', `?audience=register&code=${CODE}`, {}],
    ['a faulty tenant', '?audience=register&aad_tenant_id=../x', {}],
  ])('refuses %s', async (_, query, changes) => {
    expect(await visit(contextOf(changes), `/in/${query}`)).toMatchObject({ status: 400, page: 'request_malformed' });
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    'https:///evil.example',
    'https://register.example@evil.example/',
    'https://register.example.evil.example/',
    'https://register.example:8443/in',
    'http://register.example/in',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://evil.example#https://register.example/',
    'https://register.example/../x',
    '/..//evil.example',
    'https://register.example\\@evil.example',
    '/a\r\nSet-Cookie:x=y',
    '/\tevil',
    'register.example/in',
    '?x',
    '#x',
    '.',
  ])('refuses the redirect %j', async (redirect) => {
    const query = new URLSearchParams({ audience: 'register', redirect }).toString();
    expect((await visit(context, `/in/?${query}`)).status).toBe(400);
  });
});

describe('a token', () => {
  test('has the claims of document 004, in their order, and goes by the fragment', async () => {
    const { asked, reply } = await walk(context, { ask: { audience: 'register', redirect: '/deep?a=b' } });
    expect(asked.get('prompt')).toBe('select_account');
    expect(asked.get('redirect_uri')).toBe(`${BROKER}/callback/google`);
    expect(asked.get('code_challenge_method')).toBe('S256');
    const [address, token] = (reply.location ?? '').split('#');
    expect(reply.status).toBe(302);
    expect(address).toBe('https://register.example/in?redirect=%2Fdeep%3Fa%3Db');
    const { header, claims } = readToken(token ?? '');
    expect(header).toBe('{"alg":"RS256","kid":"2026-11","typ":"JWT"}');
    expect(Object.keys(claims)).toEqual(['iss', 'jti', 'upn', 'aud', 'name', 'provider', 'iat', 'exp', 'roles']);
    expect(claims).toMatchObject({
      iss: BROKER,
      upn: 'ada@zoo.example',
      aud: 'register',
      name: 'Ada',
      provider: 'google',
      iat: NOW,
      exp: NOW + 86_400,
      roles: [],
    });
    expect(claims['jti']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('goes to the address of the list that the request names', async () => {
    const redirect = 'https://register.example/other?x=y';
    expect((await walk(context, { ask: { redirect } })).reply.location).toMatch(`${redirect}#`);
  });

  test('has tenant, roles and further claims where they are', async () => {
    const { reply, questions } = await walk(context, {
      ask: { audience: 'zoo' },
      provider: 'microsoft',
      claims: { groups: ['keepers'], upn: 'ada/..%2f\u00e9@zoo.example' },
      admin: () => jsonAnswer({ ...MEMBER, upn: 'ada/..%2f\u00e9@zoo.example' }),
    });
    const { claims } = readToken((reply.location ?? '').split('#')[1] ?? '');
    expect(claims).toMatchObject({ tenant: 'tenant-1', roles: ['USER'], name: 'Ada Lovelace', groups: ['keepers'] });
    expect(questions.map(({ url }) => url)).toEqual([
      `${ADMIN}/sysapi/user/ada%2F..%252f%C3%A9%40zoo.example/microsoft:tenant-1`,
    ]);
    expect(questions[0]?.body).toBeUndefined();
    const system = readToken((questions[0]?.authorization ?? '').split(' ')[1] ?? '').claims;
    expect(system).toMatchObject({ iss: BROKER, aud: 'zoo', roles: ['SYSTEM'], exp: NOW + 120 });
    expect(system['groups']).toBeUndefined();
  });

  test('goes by a form where the audience takes one', async () => {
    const posting = contextOf({ audiences: [audienceOf({ delivery: 'form_post' })] });
    const { reply } = await walk(posting, { ask: { redirect: '/deep' } });
    expect(reply).toMatchObject({ status: 200, page: 'token_ready' });
    const page = pageOf(posting, reply);
    expect(page).toContain('<form method="post" action="https://register.example/in">');
    expect(page).toMatch(/name="token" value="[\w.-]+"/);
    expect(page).toContain('name="redirect" value="/deep"');
  });

  test('is for the person of another audience, where any will do', async () => {
    const others = {
      domain: 'zoo.example',
      secure: true,
      delivery: 'fragment',
      admin: 'https://{{AUDIENCE}}.admin',
    } as const;
    const urls: string[] = [];
    const admin = (question: HttpQuestion) => {
      urls.push(question.url);
      return jsonAnswer({ ...MEMBER, upn: 'ada@zoo.example' });
    };
    const { reply } = await walk(contextOf({ others }), { ask: { audience: 'Billa' }, admin });
    expect(reply.location).toMatch('https://billa.zoo.example?from=oauth#');
    expect(urls).toEqual(['https://Billa.admin/sysapi/user/ada%40zoo.example/google']);
  });
});

describe('nobody gets a token', () => {
  test.each([
    ['an unverified email', { claims: { email_verified: false } }, 'token_refused'],
    ['an email that says nothing of it', { claims: { email_verified: 'true' } }, 'token_refused'],
    ['no name', { claims: { email: '' } }, 'token_refused'],
    ['a name of 255 bytes', { claims: { email: 'ж'.repeat(127) + 'x' } }, 'token_refused'],
    ['dots for a name', { claims: { email: '..' } }, 'token_refused'],
    ['a line break in the name', { claims: { email: 'a\r\nb' } }, 'token_refused'],
    ['another nonce', { claims: { nonce: 'x' } }, 'token_refused'],
    ['another audience', { claims: { aud: 'x' } }, 'token_refused'],
    ['another issuer', { claims: { iss: 'https://other.example' } }, 'token_refused'],
    ['another tenant than was asked', { provider: 'microsoft', ask: { aad_tenant_id: 'tenant-2' } }, 'token_refused'],
    ['a tenant with a slash', { provider: 'microsoft', claims: { tid: 'a/b' } }, 'token_refused'],
    ['the cookie of nobody', { back: (target: string) => [target, ''] as const }, 'login_unknown'],
    [
      'the answer of another provider',
      { back: (target: string, cookie: string) => [target.replace('google', 'nobody'), cookie] as const },
      'request_malformed',
    ],
  ] as const)('with %s', async (_, walking, page) => {
    const { reply } = await walk(context, walking);
    expect(reply.page).toBe(page);
    expect(reply.location).toBeUndefined();
    expect(pageOf(context, reply)).not.toContain('eyJ');
  });

  test('of a tenant that the audience does not take', async () => {
    const narrow = contextOf({ audiences: [audienceOf({ tenants: ['tenant-2'] })] });
    expect((await walk(narrow, { provider: 'microsoft' })).reply.page).toBe('token_refused');
    expect((await walk(narrow, { provider: 'microsoft', claims: { tid: 'tenant-2' } })).reply.status).toBe(302);
    expect((await walk(narrow, { provider: 'google' })).reply.page).toBe('token_refused');
  });

  test.each([
    ['is down', () => ({ ok: false, problem: 'it cannot be reached' }) as const, 'look_up_failed', 503],
    ['knows nobody', () => jsonAnswer({}, 404), 'not_a_member', 403],
    ['fails', () => jsonAnswer(MEMBER, 500), 'look_up_failed', 503],
    ['redirects', () => jsonAnswer(MEMBER, 302), 'look_up_failed', 503],
    ['answers no JSON', () => jsonAnswer('<html>'), 'look_up_failed', 503],
    ['answers nothing', () => jsonAnswer(''), 'look_up_failed', 503],
    ['answers about another user', () => jsonAnswer({ ...MEMBER, upn: 'eve@zoo.example' }), 'look_up_failed', 503],
    ['has no roles', () => jsonAnswer({ upn: MEMBER.upn }), 'look_up_failed', 503],
    ['has a text for roles', () => jsonAnswer({ ...MEMBER, roles: 'USER' }), 'look_up_failed', 503],
    ['has numbers for roles', () => jsonAnswer({ ...MEMBER, roles: [1] }), 'look_up_failed', 503],
    ['answers with a page', () => ({ ...jsonAnswer(MEMBER), contentType: 'text/html' }), 'look_up_failed', 503],
    ['has a role of 129 bytes', () => jsonAnswer({ ...MEMBER, roles: ['ж'.repeat(64) + 'x'] }), 'look_up_failed', 503],
    ['has a thousand roles', () => jsonAnswer({ ...MEMBER, roles: Array(1000).fill('r') }), 'look_up_failed', 503],
  ] as const)('where the admin service %s', async (_, admin, page, status) => {
    const { reply, questions } = await walk(context, { ask: { audience: 'zoo' }, admin });
    expect(reply).toMatchObject({ status, page });
    expect(questions).toHaveLength(1);
    expect(reply.detail ?? '').not.toMatch(/eyJ|ada@/);
    expect(pageOf(context, reply)).toContain('href="/in/?audience=zoo"');
  });
});

describe('the way to the provider', () => {
  test('has the tenant in the place of any', async () => {
    const form = { provider: 'microsoft', aad_tenant_id: 'tenant-1' };
    const { location } = await visit(context, '/in/authorize', { form });
    expect(location).toMatch('https://issuer.example/tenant-1/auth?');
  });

  test('begins by a button of the page alone', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const form = { provider: 'google' };
    expect(await visit(context, '/in/authorize', { form, headers })).toMatchObject({ page: 'choose_provider' });
    expect((await visit(context, '/in/authorize', { form: { provider: 'nobody' } })).status).toBe(400);
    expect((await visit(context, '/in/authorize')).status).toBe(405);
  });

  test('comes back once more where the provider posts its answer', async () => {
    const form = { code: 'a code', state: 'abc', session_state: 'x' };
    const reply = await visit(context, '/in/callback/google', { form, headers: { 'sec-fetch-site': 'cross-site' } });
    expect(reply).toMatchObject({ status: 303, location: `${BROKER}/callback/google?code=a%20code&state=abc` });
    expect((await visit(context, '/in/callback/google', { form: {} })).status).toBe(400);
  });
});

test('counts sign-ins, tokens and answers of the admin service', async () => {
  const counted: string[] = [];
  const own = contextOf({}, counted);
  const ask = { audience: 'zoo' };
  await walk(own, { ask, admin: () => jsonAnswer({ ...MEMBER, upn: 'ada@zoo.example' }) });
  await walk(own, { ask, admin: () => jsonAnswer('', 404) });
  await walk(own, { ask });
  // Neither a form that the provider posts, nor another provider, ends a sign-in.
  await visit(own, '/in/callback/google', { form: { code: 'a', state: 'b' } });
  await visit(own, '/in/callback/nobody?code=a&state=b');
  expect(counted).toEqual([
    ...['sign_in google begun', 'token admin', 'admin user known', 'token fragment', 'sign_in google done'],
    ...['sign_in google begun', 'token admin', 'admin user unknown', 'sign_in google not_a_member'],
    ...['sign_in google begun', 'token admin', 'admin user failed', 'sign_in google look_up_failed'],
  ]);
});

describe('a device', () => {
  const ask = { audience: 'zoo', code: CODE };
  const member = () => jsonAnswer({ ...MEMBER, upn: 'ada@zoo.example' });
  const stateOf = (page: string) => /name="state" value="([^"]+)"/.exec(page)?.[1] ?? '';

  test('is connected once its person says so', async () => {
    const { reply, cookie } = await walk(context, { ask, admin: member });
    expect(reply).toMatchObject({ status: 200, page: 'device_confirm' });
    expect(reply.facts).toContainEqual(['Signed in as', 'ada@zoo.example']);
    const questions: HttpQuestion[] = [];
    const answer = (question: HttpQuestion) => {
      questions.push(question);
      return jsonAnswer('', 204);
    };
    const form = { state: stateOf(pageOf(context, reply)) };
    const paired = await visit(context, '/in/pair', { form, headers: { cookie }, answer });
    expect(paired).toMatchObject({ status: 200, page: 'device_connected' });
    expect(paired.cookies.join()).toContain('__Host-broker-pairing=; Path=/; Max-Age=0');
    expect(questions.map(({ url, body }) => [url, body])).toEqual([
      [`${ADMIN}/sysapi/user/ada%40zoo.example/device/${CODE}?provider=google`, ''],
    ]);
    expect(questions[0]?.isOnce).toBe(true);
  });

  test.each([
    ['another state', (form: object) => ({ ...form, state: 'x' }), (jar: string) => jar, {}, 0, 'login_unknown'],
    ['no cookie', (form: object) => form, () => '', {}, 0, 'login_unknown'],
    ['two cookies', (form: object) => form, (jar: string) => `${jar}; ${jar}`, {}, 0, 'login_unknown'],
    [
      'another site',
      (form: object) => form,
      (jar: string) => jar,
      { 'sec-fetch-site': 'cross-site' },
      0,
      'login_unknown',
    ],
    ['a person who thinks too long', (form: object) => form, (jar: string) => jar, {}, 301, 'login_unknown'],
  ] as const)('is not connected with %s', async (_, change, jarred, headers, later, page) => {
    const { reply, cookie } = await walk(context, { ask, admin: member });
    const form = change({ state: stateOf(pageOf(context, reply)) }) as Record<string, string>;
    const visiting = { form, headers: { cookie: jarred(cookie), ...headers }, now: NOW + later };
    expect((await visit(context, '/in/pair', visiting)).page).toBe(page);
  });

  test.each([
    [404, 'device_unknown', 400],
    [409, 'device_unknown', 400],
    [500, 'look_up_failed', 503],
    [302, 'look_up_failed', 503],
  ] as const)('is not connected where the admin service answers %i', async (answered, page, status) => {
    const { reply, cookie } = await walk(context, { ask, admin: member });
    const form = { state: stateOf(pageOf(context, reply)) };
    const answer = () => jsonAnswer('', answered);
    expect(await visit(context, '/in/pair', { form, headers: { cookie }, answer })).toMatchObject({ page, status });
  });
});

describe('a one-time code', () => {
  const coded = contextOf({ audiences: [audienceOf({ delivery: 'code' })] });
  const verifier = 'v'.repeat(43);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const ask = {
    audience: 'register',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'a b',
  };

  async function codeOf(): Promise<string> {
    const { reply } = await walk(coded, { ask });
    const address = new URL(reply.location ?? '');
    expect(address.searchParams.get('state')).toBe('a b');
    expect(address.hash).toBe('');
    return address.searchParams.get('code') ?? '';
  }

  const exchange = (
    code: string,
    changes: Record<string, string> = {},
    more: { now?: number; isFirst?: boolean } = {},
  ) =>
    visit(coded, '/in/token', {
      form: {
        grant_type: 'authorization_code',
        code,
        client_id: 'register',
        redirect_uri: 'https://register.example/in',
        code_verifier: verifier,
        ...changes,
      },
      claim: () => more.isFirst ?? true,
      now: more.now,
    });

  test('is exchanged for the token', async () => {
    const reply = await exchange(await codeOf());
    expect(reply.status).toBe(200);
    const answer = JSON.parse(reply.json ?? '') as Record<string, unknown>;
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 86_400 });
    expect(readToken(String(answer['access_token'])).claims).toMatchObject({ aud: 'register' });
  });

  test.each([
    ['twice', {}, { isFirst: false }],
    ['after a minute', {}, { now: NOW + 60 }],
    ['with another verifier', { code_verifier: 'w'.repeat(43) }, {}],
    ['without a verifier', { code_verifier: '' }, {}],
    ['by another client', { client_id: 'zoo' }, {}],
    ['with another address', { redirect_uri: 'https://register.example/other?x=y' }, {}],
    ['in other words', { code: 'abc' }, {}],
  ] as const)('is not exchanged %s', async (_, changes, more) => {
    expect(await exchange(await codeOf(), changes, more)).toMatchObject({
      status: 400,
      json: '{"error":"invalid_grant"}',
    });
  });

  test('is not begun without a challenge, nor exchanged by another grant', async () => {
    expect((await visit(coded, '/in/?audience=register')).status).toBe(400);
    expect(await exchange('x', { grant_type: 'password' })).toMatchObject({
      json: '{"error":"unsupported_grant_type"}',
    });
    expect((await exchange('')).json).toBe('{"error":"invalid_request"}');
  });

  test('of a pairing opens nothing', async () => {
    const [first] = coded.desk.keys.code;
    expect(first?.key).not.toBe(coded.desk.keys.pairing[0]?.key);
  });
});
