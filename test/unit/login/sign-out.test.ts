import { describe, expect, test } from 'vitest';
import { findMember } from '../../../src/codec/json';
import { plainHash } from '../../../src/crypto/plain-hash';
import { createLoginContext } from '../../../src/login/context';
import { signOut } from '../../../src/login/sign-out';
import { failToEnd, type LoginContext, type LoginReply } from '../../../src/login/step';
import {
  bring,
  CLIENT,
  contextOf,
  ENDPOINTS,
  jarOf,
  loginOf,
  NAME,
  NOW,
  openSession,
  ORIGIN,
  perform,
  requestOf,
  start,
  trustOf,
  type Headers,
} from './provider';

const plain = contextOf();
const issuer = contextOf({ login: loginOf({ keepsIdToken: true }) });

async function signIn(context: LoginContext): Promise<string> {
  return jarOf([await bring(context, await start(context))]);
}

const leave = async (context: LoginContext, headers: Headers, target = '/oauth2/sign_out'): Promise<LoginReply> =>
  perform(signOut(context, requestOf(target, headers)));

describe('sign-out', () => {
  test('removes each cookie of login, names the session for the deny list, and leads to where it was asked to', async () => {
    const cookie = await signIn(plain);
    const reply = await leave(
      plain,
      { cookie: `${cookie}; ${NAME}_1=old; ${NAME}-login-abc=x; other=1` },
      '/oauth2/sign_out?rd=/bye',
    );
    expect(reply).toMatchObject({ status: 302, location: '/bye' });
    expect(reply.cookies.map((field) => field.split(';')[0])).toEqual([`${NAME}=`, `${NAME}_1=`, `${NAME}-login-abc=`]);
    for (const field of reply.cookies) expect(field).toContain('; Path=/; Max-Age=0; HttpOnly; Secure');
    const claims = openSession(cookie, plain.login)?.claims;
    expect(reply.denies?.entry.slice(4)).toBe(claims === undefined ? '' : findMember(claims, 'jti'));
    expect(reply.denies?.entry).toMatch(/^jti:[\w-]{22}$/);
    expect(reply.denies?.until).toBe(NOW + 28_800);
  });

  test.each([
    ['https', true, [['Clear-Site-Data', '"cache"']]],
    // Browsers follow it over HTTPS alone.
    ['http', false, []],
  ])('over %s the Back button shows nothing that was kept: %s', async (_, secure, fields) => {
    const context = contextOf({ login: loginOf({ cookie: { ...plain.login.cookie, secure } }) });
    const cookie = await signIn(context);
    for (const target of ['/oauth2/sign_out', '/oauth2/sign_out?rd=/bye']) {
      const reply = await leave(context, { cookie }, target);
      expect([reply.fields, failToEnd(reply).fields]).toEqual([fields, fields]);
    }
  });

  test('signs out at the issuer by a form, with the ID token in no URL', async () => {
    const cookie = await signIn(issuer);
    const reply = await leave(issuer, { cookie }, '/oauth2/sign_out?rd=/bye');
    const id = openSession(cookie, issuer.login)?.id ?? '';
    expect(id.split('.')).toHaveLength(3);
    expect(reply).toMatchObject({ status: 200, page: 'signed_out' });
    expect(reply.location).toBeUndefined();
    expect(reply.form).toEqual({
      action: ENDPOINTS.endSession,
      fields: [
        ['id_token_hint', id],
        ['client_id', CLIENT],
        ['post_logout_redirect_uri', `${ORIGIN}/bye`],
      ],
    });
  });

  test('leaves the hint out for a session that was too large for the ID token: the issuer asks', async () => {
    const cookie = await signIn(plain);
    const reply = await leave(issuer, { cookie });
    expect(reply.form?.fields).toEqual([
      ['client_id', CLIENT],
      ['post_logout_redirect_uri', `${ORIGIN}/`],
    ]);
  });

  test('has no form where the issuer has no sign-out', async () => {
    const silent = contextOf({
      login: issuer.login,
      endpoints: { ok: true, endpoints: { ...ENDPOINTS, endSession: undefined } },
    });
    const cookie = await signIn(silent);
    expect(await leave(silent, { cookie })).toMatchObject({ status: 200, page: 'signed_out', form: undefined });
    expect(await leave(silent, { cookie }, '/oauth2/sign_out?rd=/bye')).toMatchObject({
      status: 302,
      location: '/bye',
    });
  });

  test.each([
    ['no cookie', ''],
    ['a cookie that does not open', `${NAME}=1.${'A'.repeat(80)}`],
    ['half a cookie', `${NAME}=2.${'A'.repeat(3798)}`],
  ])('works with %s, and frees the browser of it', async (_, cookie) => {
    const reply = await leave(plain, { cookie }, '/oauth2/sign_out?rd=https://evil.example/');
    expect(reply).toMatchObject({ status: 200, page: 'signed_out', denies: undefined });
    expect(reply.location).toBeUndefined();
    expect(reply.cookies).toHaveLength(cookie === '' ? 0 : 1);
  });

  test('asks first where another site sent the browser', async () => {
    const cookie = await signIn(plain);
    const foreign = { cookie, 'sec-fetch-site': 'cross-site' };
    const reply = await leave(plain, foreign, '/oauth2/sign_out?rd=/bye');
    expect(reply).toMatchObject({ status: 200, page: 'sign_out', cookies: [] });
    expect(reply.denies).toBeUndefined();
    expect(reply.form).toEqual({ action: '/oauth2/sign_out?rd=/bye', fields: [] });
    for (const site of ['same-origin', 'same-site', 'none']) {
      expect((await leave(plain, { cookie, 'sec-fetch-site': site })).page).toBe('signed_out');
    }
  });
});

describe('a sign-out that a host cannot keep', () => {
  test('is a page that says so, and frees the browser all the same', async () => {
    const cookie = await signIn(plain);
    for (const target of ['/oauth2/sign_out', '/oauth2/sign_out?rd=/bye']) {
      const reply = await leave(plain, { cookie }, target);
      expect(failToEnd(reply)).toMatchObject({ status: 503, page: 'sign_out_failed', cookies: reply.cookies });
    }
    expect(failToEnd({ status: 200, cookies: [] })).toEqual({ status: 503, page: undefined, cookies: [] });
  });
});

describe('the context of login', () => {
  test('has the endpoints of the discovery document, or those of the policy, and says which are missing', () => {
    const endpoints = { ok: true, endpoints: ENDPOINTS } as const;
    const trust = trustOf();
    const settings = { ...trust.settings, login: loginOf() };
    const withKeys = trust.keySets.map((keySet) => ({ ...keySet, endpoints }));
    expect(createLoginContext(trust, undefined, plainHash)).toBeUndefined();
    expect(createLoginContext({ ...trust, settings }, undefined, plainHash)?.endpoints).toMatchObject({ ok: false });
    const found = createLoginContext({ ...trust, settings, keySets: withKeys }, undefined, plainHash);
    expect(found?.endpoints).toBe(endpoints);
    const own = { ...ENDPOINTS, token: 'https://issuer.example/own' };
    const given = { ...trust, settings: { ...settings, login: loginOf({ endpoints: own }) }, keySets: withKeys };
    expect(createLoginContext(given, undefined, plainHash)?.endpoints).toEqual({ ok: true, endpoints: own });
  });
});
