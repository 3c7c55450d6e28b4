import { describe, expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { logOutByIssuer } from '../../../src/login/back-channel';
import { acceptSession } from '../../../src/login/session';
import type { Denial, LoginReply } from '../../../src/login/step';
import { begin } from '../../../src/token/flow';
import { judgeVerified } from '../../../src/token/verified-token';
import {
  bring,
  CLIENT,
  contextOf,
  ISSUER,
  jarOf,
  jsonAnswer,
  NOW,
  openSession,
  perform,
  requestOf,
  signToken,
  start,
  stranger,
  tokensFor,
  trustOf,
  type Claims,
  type Headers,
} from './provider';

const context = contextOf();
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const TYPE = 'application/x-www-form-urlencoded';
const GOOD: Claims = {
  iss: ISSUER,
  aud: CLIENT,
  iat: NOW,
  exp: NOW + 120,
  jti: 'j',
  sid: 's,1',
  events: { [EVENT]: {} },
};

async function post(token: string, headers: Headers = {}, method = 'POST', now = NOW): Promise<LoginReply> {
  const lines = { 'content-type': TYPE, ...headers };
  const request = requestOf('/oauth2/backchannel_logout', lines, method, `logout_token=${token}`);
  return perform(logOutByIssuer(context, request), { now });
}

const logoutToken = (changes: Claims = {}, typ: string | undefined = 'logout+jwt'): string =>
  signToken({ ...GOOD, ...changes }, { alg: 'RS256', typ });

/** Whether a session of Ada's that began at a time still counts. */
async function survives(denial: Denial | undefined, began: number): Promise<boolean> {
  const started = await start(context);
  const claims = { iat: began, exp: began + 300, sid: 's,1' };
  const answer = () => jsonAnswer(tokensFor(started, claims));
  const reply = await bring(context, started, { host: { answer, now: began } });
  const session = openSession(jarOf([reply]), context.login);
  const last = session === undefined ? undefined : acceptSession(context, session, NOW + 10);
  if (last?.kind !== 'verified') throw new Error('there is no session');
  const list = {
    holds: (entry: string) => denial?.before === undefined && entry === denial?.entry,
    timesOf: (entry: string) => (entry === denial?.entry && denial.before !== undefined ? [String(denial.before)] : []),
  };
  return judgeVerified(last.verified, list, text, NOW + 10).allowed;
}

describe('a logout token', () => {
  test('is accepted as nothing else', async () => {
    const token = logoutToken({ sub: 'ada' });
    const types = [trustOf(), trustOf({ audiences: '*' })].map((trust) => begin(trust, token));
    for (const step of types) expect(step).toMatchObject({ kind: 'refused', decision: { reason: 'type_refused' } });
    const started = await start(context);
    const idToken = signToken(
      { ...GOOD, sub: 'ada', nonce: started.asked.get('nonce') },
      { alg: 'RS256', typ: 'logout+jwt' },
    );
    const answer = () => jsonAnswer(tokensFor(started, {}, { id_token: idToken }));
    expect(await bring(context, started, { host: { answer } })).toMatchObject({
      page: 'token_refused',
      detail: 'the ID token: type_refused',
    });
  });
});

describe('a logout by the issuer', () => {
  test.each([undefined, 'JWT', 'logout+jwt', 'application/logout+JWT'])('is accepted with the type %s', async (typ) => {
    expect(await post(logoutToken({}, typ))).toMatchObject({ status: 200, cookies: [] });
  });

  test('ends the session that it names, at its next request', async () => {
    const { denies } = await post(logoutToken({ sub: 'ada' }));
    expect(denies).toEqual({ entry: `iss:${ISSUER},sid:s,1`, before: undefined, until: NOW + 28_800 });
    expect(await survives(denies, NOW - 100)).toBe(false);
    expect(await survives({ ...(denies as Denial), entry: `iss:${ISSUER},sid:other` }, NOW - 100)).toBe(true);
  });

  test('without a session ends all that its subject began before, and none that begins later', async () => {
    const { denies } = await post(logoutToken({ sid: undefined, sub: 'ada' }), {}, 'POST', NOW + 5);
    expect(denies).toMatchObject({ entry: `iss:${ISSUER},sub_issued_before:ada`, before: NOW + 1 });
    expect(await survives(denies, NOW - 100)).toBe(false);
    expect(await survives(denies, NOW)).toBe(false);
    expect(await survives(denies, NOW + 1)).toBe(true);
    const ahead = await post(logoutToken({ sid: undefined, sub: 'ada', iat: NOW + 30 }));
    expect(ahead.denies?.before).toBe(NOW + 1);
  });

  test.each<[string, string, string]>([
    ['no token', '', 'logout_token'],
    ['two tokens', `${logoutToken()}&logout_token=${logoutToken()}`, 'logout_token'],
    ['a forged token', signToken(GOOD, { alg: 'RS256', typ: 'logout+jwt' }, stranger), 'signature_invalid'],
    [
      'a token without a signature',
      signToken(GOOD, { alg: 'none', typ: 'logout+jwt' }).replace(/[^.]*$/, ''),
      'algorithm_none',
    ],
    ['an access token', logoutToken({}, 'at+jwt'), 'type_refused'],
    ['a token of another type', logoutToken({}, 'secevent+jwt'), 'type_refused'],
    ['another issuer', logoutToken({ iss: 'https://evil.example' }), 'issuer_refused'],
    ['no issuer', logoutToken({ iss: undefined }), 'issuer_missing'],
    ['another audience', logoutToken({ aud: 'api' }), 'audience_refused'],
    ['no audience', logoutToken({ aud: undefined }), 'audience_missing'],
    ['an end in the past', logoutToken({ exp: NOW - 100 }), 'expired'],
    ['no end', logoutToken({ exp: undefined }), 'expiry_missing'],
    ['no time of issue', logoutToken({ iat: undefined }), 'no iat'],
    ['a time of issue long ago', logoutToken({ iat: NOW - 360 }), 'too long ago'],
    ['a time of issue in the future', logoutToken({ iat: NOW + 100 }), 'issued_in_future'],
    ['no jti', logoutToken({ jti: undefined }), 'no jti'],
    ['a nonce: it is an ID token', logoutToken({ nonce: 'n' }), 'nonce'],
    ['a nonce that is null', logoutToken({ nonce: null }), 'nonce'],
    ['no events', logoutToken({ events: undefined }), 'no event'],
    ['events of another kind', logoutToken({ events: { other: {} } }), 'no event'],
    ['an event that is no object', logoutToken({ events: { [EVENT]: true } }), 'no event'],
    ['events as a list', logoutToken({ events: [EVENT] }), 'no event'],
    ['neither session nor subject', logoutToken({ sid: undefined }), 'neither'],
    ['a session that is no text', logoutToken({ sid: 1 }), 'neither'],
  ])('is refused with %s, and ends nothing', async (_, token, detail) => {
    const reply = await post(token);
    expect(reply).toMatchObject({ status: 400, cookies: [] });
    expect(reply.denies).toBeUndefined();
    expect(reply.detail).toContain(detail);
  });

  test('comes as a form by POST alone', async () => {
    expect((await post(logoutToken(), {}, 'GET')).status).toBe(400);
    expect((await post(logoutToken(), { 'content-type': 'application/json' })).status).toBe(400);
    expect((await post(logoutToken(), { 'content-type': [TYPE, TYPE] })).status).toBe(400);
    expect((await post(logoutToken())).status).toBe(200);
  });

  test('is no access token, and no ID token is a logout', async () => {
    const started = await start(context);
    const more = { id_token: logoutToken({ nonce: started.asked.get('nonce'), sub: 'ada' }) };
    const answer = () => jsonAnswer(tokensFor(started, {}, more));
    expect((await bring(context, started, { host: { answer } })).page).toBe('token_refused');
  });
});
