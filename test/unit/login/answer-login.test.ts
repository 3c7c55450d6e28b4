// The paths of login, the answer to a page load that is refused, and what a proxy or an application asks about a session.
import { beforeAll, describe, expect, test } from 'vitest';
import { refuse } from '../../../src/answer/decision';
import { findMember } from '../../../src/codec/json';
import { answerLogin, isLoginPath } from '../../../src/login/answer-login';
import { renderReply } from '../../../src/login/login-answer';
import type { LoginContext, LoginReply } from '../../../src/login/step';
import { answerWithoutSession } from '../../../src/login/without-session';
import type { SignIn } from '../../../src/model/login';
import {
  bring,
  contextOf,
  jarOf,
  jsonAnswer,
  loginOf,
  NAME,
  NOW,
  openSession,
  perform,
  requestOf,
  start,
  tokensFor,
  trustOf,
  type Claims,
  type Headers,
} from './provider';

const context = contextOf();
const RANDOM = 'r'.repeat(128);

const ask = (target: string, headers: Headers = {}, method = 'GET', of: LoginContext = context): Promise<LoginReply> =>
  perform(answerLogin(of, requestOf(target, headers, method, ''), RANDOM, NOW), { now: NOW });

/** The cookie of somebody who has signed in. */
async function signIn(claims: Claims = {}, of: LoginContext = context): Promise<string> {
  const started = await start(of);
  const reply = await bring(of, started, { host: { answer: () => jsonAnswer(tokensFor(started, claims)) } });
  expect(reply.status).toBe(302);
  return jarOf([reply]);
}

const ADA = {
  email: 'ada@zoo.example',
  email_verified: true,
  groups: ['keepers', 'a,b'],
  preferred_username: 'ada',
};

describe('the paths of login', () => {
  test.each([
    ['/oauth2/sign_in', 200],
    ['/oauth2/start', 302],
    ['https://app.example/oauth2/start?rd=/a', 302],
    ['/oauth2/callback', 400],
    ['/oauth2/sign_out', 200],
    ['/oauth2/auth', 401],
    ['/oauth2/userinfo', 401],
    ['/oauth2/', 404],
    ['/oauth2', 404],
    ['/oauth2/START', 404],
    ['/oauth2/start/', 404],
    ['/oauth2//start', 404],
    ['/oauth2/%73tart', 404],
    ['/oauth2/../oauth2/start', 404],
    ['/OAUTH2/start', 404],
    ['/oauth2x/start', 404],
    ['//oauth2/start', 404],
    ['*', 404],
    ['', 404],
  ])('%j answers %i', async (target, status) => {
    expect((await ask(target)).status).toBe(status);
  });

  test('are under the prefix alone', () => {
    expect(isLoginPath('/oauth2', '/oauth2/start?a')).toBe(true);
    expect(isLoginPath('/oauth2', '/oauth2')).toBe(false);
    expect(isLoginPath('/oauth2', '/oauth2x/start')).toBe(false);
    expect(isLoginPath('/oauth2', '/app?/oauth2/start')).toBe(false);
    expect(isLoginPath('/oauth2', 'https://a.example/oauth2/start')).toBe(true);
  });

  test.each([
    ['/oauth2/start', 'POST', 'GET'],
    ['/oauth2/callback', 'POST', 'GET'],
    ['/oauth2/callback', 'HEAD', 'GET'],
    ['/oauth2/sign_out', 'DELETE', 'GET, POST'],
    ['/oauth2/sign_in', 'POST', 'GET, HEAD'],
    ['/oauth2/userinfo', 'PUT', 'GET, HEAD'],
    ['/oauth2/backchannel_logout', 'GET', 'POST'],
  ])('%s refuses %s, and says which methods it has', async (target, method, allowed) => {
    expect(await ask(target, {}, method)).toMatchObject({ status: 405, fields: [['Allow', allowed]] });
  });

  test('have no logout by the issuer where the operator did not turn it on', async () => {
    const off = contextOf({ login: loginOf({ backChannel: false }) });
    expect((await ask('/oauth2/backchannel_logout', {}, 'POST', off)).status).toBe(404);
    const reply = await ask('/oauth2/backchannel_logout', {}, 'POST');
    expect(reply).toMatchObject({ status: 400, json: '{"error":"invalid_request"}' });
  });

  test('cannot begin before the endpoints are known, and say so', async () => {
    const early = contextOf({ endpoints: { ok: false, problem: 'not yet' } });
    expect(await ask('/oauth2/start', {}, 'GET', early)).toMatchObject({
      status: 503,
      page: 'issuer_unavailable',
      detail: 'not yet',
    });
    expect((await ask('/oauth2/sign_out', {}, 'GET', early)).status).toBe(200);
    const started = await start(context);
    expect(await bring(early, started)).toMatchObject({ status: 503, page: 'issuer_unavailable' });
  });
});

describe('`sign_in`', () => {
  test('is a page with a link to `start`, which returns to where it was asked to', async () => {
    const reply = await ask('/oauth2/sign_in?rd=/app1%3Fa%3Db');
    expect(renderReply(context, reply).body).toContain('href="/oauth2/start?rd=%2Fapp1%3Fa%3Db"');
    const evil = await ask('/oauth2/sign_in?rd=//evil.example/');
    expect(renderReply(context, evil).body).toContain('href="/oauth2/start"');
  });
});

describe('a page load that is refused', () => {
  const PAGE: Headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const without = (
    signIn: SignIn | undefined,
    reason: Parameters<typeof refuse>[0],
    more: {
      readonly target?: string;
      readonly headers?: Headers;
      readonly method?: string;
      readonly has?: boolean;
    } = {},
  ): LoginReply | undefined =>
    answerWithoutSession(
      context,
      requestOf(more.target ?? '/app1?a=b&c=%2F', { ...PAGE, ...more.headers }, more.method),
      signIn,
      { decision: refuse(reason), hasSession: more.has === true, cookies: [] },
    );

  test('goes to sign-in, and comes back with its query', () => {
    for (const reason of ['credentials_missing', 'session_invalid', 'session_expired'] as const) {
      expect(without('redirect', reason)).toMatchObject({
        status: 302,
        location: '/oauth2/start?rd=%2Fapp1%3Fa%3Db%26c%3D%252F',
      });
    }
    expect(without('redirect', 'credentials_missing', { target: '/' })?.location).toBe('/oauth2/start');
  });

  test('gets a page with a button where the rule says so', () => {
    const reply = without('page', 'credentials_missing');
    expect(reply).toMatchObject({ status: 401, page: 'sign_in', fields: [['WWW-Authenticate', 'Bearer']] });
    expect(renderReply(context, reply as LoginReply).body).toContain('href="/oauth2/start?rd=%2Fapp1%3F');
  });

  test('gets the refusal where the rule says `never`, or the policy signs nobody in', () => {
    expect(without('never', 'credentials_missing')).toBeUndefined();
    expect(without(undefined, 'credentials_missing')).toBeUndefined();
  });

  test.each<[string, Headers, string]>([
    ['a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 'GET'],
    ['a frame', { 'sec-fetch-dest': 'iframe' }, 'GET'],
    ['a WebSocket', { upgrade: 'websocket' }, 'GET'],
    ['a client with a token', { authorization: 'Bearer x' }, 'GET'],
    ['a form', {}, 'POST'],
  ])('that is none, but %s, gets the refusal', (_, headers, method) => {
    expect(without('redirect', 'credentials_missing', { headers, method })).toBeUndefined();
    expect(without('page', 'groups_refused', { headers, method, has: true })).toBeUndefined();
  });

  test('never goes to sign-in with a session, but gets a page that says why', () => {
    expect(without('redirect', 'groups_refused', { has: true })).toMatchObject({
      status: 403,
      page: 'access_denied',
      reason: 'groups_refused',
    });
    expect(without('redirect', 'token_revoked', { has: true })).toMatchObject({ status: 401, page: 'session_ended' });
    expect(without('redirect', 'insufficient_authentication', { has: true })?.page).toBe('access_denied');
    for (const reason of ['keys_unavailable', 'internal_error', 'path_malformed'] as const) {
      expect(without('redirect', reason, { has: true })).toBeUndefined();
    }
  });

  test('with a bad token at another place gets the refusal: signing in would not change it', () => {
    for (const reason of ['expired', 'signature_invalid', 'token_malformed', 'rule_refuses'] as const) {
      expect(without('redirect', reason)).toBeUndefined();
    }
  });

  test('comes back to this host alone, whatever its target is', () => {
    for (const [target, location] of [
      ['//evil.example/a', '/oauth2/start'],
      ['/\\evil.example', '/oauth2/start'],
      ['https://app.example/app1?x', '/oauth2/start?rd=%2Fapp1%3Fx'],
      ['https://evil.example/app1', '/oauth2/start?rd=%2Fapp1'],
      ['/oauth2/sign_out', '/oauth2/start'],
      ['/a/../..//evil.example', '/oauth2/start'],
      [`/${'a'.repeat(4000)}`, '/oauth2/start'],
      ['/a\r\nSet-Cookie:x', '/oauth2/start'],
      ['*', '/oauth2/start'],
    ] as const) {
      expect(without('redirect', 'credentials_missing', { target })?.location).toBe(location);
    }
  });
});

describe('`auth` and `userinfo`', () => {
  let cookie = '';
  beforeAll(async () => {
    cookie = await signIn(ADA);
  });

  test('say who is signed in, in the headers of OAuth2-Proxy', async () => {
    expect(await ask('/oauth2/auth', { cookie })).toMatchObject({
      status: 202,
      cookies: [],
      fields: [
        ['X-Auth-Request-User', 'ada'],
        ['X-Auth-Request-Email', 'ada@zoo.example'],
        ['X-Auth-Request-Groups', 'keepers,a%2Cb'],
        ['X-Auth-Request-Preferred-Username', 'ada'],
      ],
    });
  });

  test('say it as JSON', async () => {
    const reply = await ask('/oauth2/userinfo', { cookie });
    expect(JSON.parse(reply.json ?? '')).toEqual({
      user: 'ada',
      email: 'ada@zoo.example',
      groups: ['keepers', 'a,b'],
      preferredUsername: 'ada',
    });
    expect(renderReply(context, reply).headers).toContainEqual(['Content-Type', 'application/json']);
  });

  test('refuse without a session, and free the browser of one that does not open', async () => {
    for (const target of ['/oauth2/auth', '/oauth2/userinfo']) {
      expect(await ask(target)).toMatchObject({
        status: 401,
        reason: 'credentials_missing',
        cookies: [],
        fields: [['WWW-Authenticate', 'Bearer']],
      });
      for (const broken of [`${NAME}=1.x`, `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'Q' : 'A'}`]) {
        const reply = await ask(target, { cookie: broken });
        expect(reply).toMatchObject({ status: 401, reason: 'session_invalid' });
        expect(reply.cookies[0]).toMatch(/^__Host-jwtverify=; .*Max-Age=0/);
      }
    }
  });

  test('refuse a session that is over, or that the deny list ends', async () => {
    const late = answerLogin(context, requestOf('/oauth2/auth', { cookie }), RANDOM, NOW + 28_800);
    expect(await perform(late, { now: NOW + 28_800 })).toMatchObject({ status: 401, reason: 'session_expired' });
    const claims = openSession(cookie, context.login)?.claims;
    const id = claims === undefined ? undefined : findMember(claims, 'jti');
    const denyList = {
      holds: (entry: string) => entry.slice(0, 4) === 'jti:' && entry.slice(4) === id,
      timesOf: () => [],
    };
    const ended = contextOf({ denyList });
    expect(await ask('/oauth2/auth', { cookie }, 'GET', ended)).toMatchObject({ status: 401, reason: 'token_revoked' });
    expect(await ask('/oauth2/userinfo', { cookie }, 'GET', ended)).toMatchObject({ status: 401 });
  });

  test.each([
    ['allowed_groups=keepers', 202],
    ['allowed_groups=x,keepers', 202],
    ['allowed_groups=a%2Cb', 202],
    ['allowed_groups=x', 403],
    ['allowed_groups=', 403],
    ['allowed_groups=%ff', 403],
    ['allowed_groups=Keepers', 403],
    ['allowed_emails=ada@zoo.example', 202],
    ['allowed_emails=x@zoo.example,ADA@zoo.example', 202],
    ['allowed_emails=zoo.example', 403],
    ['allowed_email_domains=zoo.example', 202],
    ['allowed_email_domains=.example', 202],
    ['allowed_email_domains=*.example', 202],
    ['allowed_email_domains=*', 202],
    ['allowed_email_domains=example', 403],
    ['allowed_email_domains=oo.example', 403],
    ['allowed_email_domains=', 403],
    ['allowed_groups=keepers&allowed_email_domains=x', 403],
    ['allowed_groups=x&allowed_email_domains=zoo.example', 403],
    ['other=x', 202],
  ])('`auth?%s` answers %i', async (query, status) => {
    expect((await ask(`/oauth2/auth?${query}`, { cookie })).status).toBe(status);
  });

  test('name no email that the issuer does not vouch for, and allow nobody by one', async () => {
    const unverified = await signIn({ ...ADA, email_verified: false });
    const { fields } = await ask('/oauth2/auth', { cookie: unverified });
    expect(fields?.map(([name]) => name)).not.toContain('X-Auth-Request-Email');
    expect((await ask('/oauth2/userinfo', { cookie: unverified })).json).not.toContain('zoo.example');
    expect(await ask('/oauth2/auth?allowed_email_domains=*', { cookie: unverified })).toMatchObject({
      status: 403,
      reason: 'email_unverified',
    });
  });

  test('put no claim with a line end into a header', async () => {
    const evil = 'x\r\nX-Auth-Request-Groups: admins';
    const injected = await signIn({ ...ADA, preferred_username: evil, groups: [evil], email: `${evil}@zoo.example` });
    const reply = await ask('/oauth2/auth', { cookie: injected });
    expect(reply.status).toBe(202);
    expect(JSON.stringify(reply.fields)).not.toContain('admins');
    const { body } = renderReply(context, await ask('/oauth2/userinfo', { cookie: injected }));
    expect(body.includes('\n')).toBe(false);
  });

  test('of an issuer for other hosts refuse at this one', async () => {
    const elsewhere = contextOf({
      trust: trustOf({ hosts: ['other.example'] }, [{ paths: ['/**'], hosts: ['other.example'] }]),
    });
    const there = await signIn(ADA, elsewhere);
    expect(await ask('/oauth2/auth', { cookie: there }, 'GET', elsewhere)).toMatchObject({
      status: 401,
      reason: 'issuer_host_refused',
    });
  });
});
