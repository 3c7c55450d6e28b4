import { describe, expect, test } from 'vitest';
import { findMember } from '../../../src/codec/json';
import { isRefreshDue } from '../../../src/login/refresh';
import { acceptSession } from '../../../src/login/session';
import type { Session } from '../../../src/login/session-text';
import type { HttpQuestion } from '../../../src/ports/http';
import {
  bring,
  CLIENT,
  contextOf,
  ISSUER,
  jarOf,
  jsonAnswer,
  NAME,
  NOW,
  openSession,
  refresh,
  signToken,
  start,
  stranger,
  tokensFor,
  trustOf,
} from './provider';

const context = contextOf({ trust: trustOf({ claims: { groups: 'groups' } }) });
const LATER = NOW + 290;

async function signIn(more: object = {}): Promise<Session> {
  const started = await start(context);
  const answer = () => jsonAnswer(tokensFor(started, { groups: ['group1'] }, more));
  const session = openSession(jarOf([await bring(context, started, { host: { answer } })]), context.login);
  if (session === undefined) throw new Error('there is no session');
  return session;
}

const TOKENS = { access_token: 'fresh', token_type: 'Bearer', expires_in: 600 };
const idToken = (changes: object = {}, key?: typeof stranger): string =>
  signToken({ iss: ISSUER, aud: CLIENT, sub: 'ada', exp: LATER + 300, ...changes }, { alg: 'RS256' }, key);

describe('refreshing', () => {
  test('is due a minute before the access token expires, and never without a refresh token', async () => {
    const session = await signIn();
    expect(isRefreshDue(session, NOW + 239)).toBe(false);
    expect(isRefreshDue(session, NOW + 240)).toBe(true);
    expect(isRefreshDue({ ...session, refresh: undefined }, NOW + 10_000)).toBe(false);
    expect(isRefreshDue(await signIn({ expires_in: undefined }), NOW + 10_000)).toBe(false);
  });

  test('sends the refresh token, and sets the session anew', async () => {
    const session = await signIn();
    const questions: HttpQuestion[] = [];
    const answer = (question: HttpQuestion) => {
      questions.push(question);
      return jsonAnswer({ ...TOKENS, refresh_token: 'next' });
    };
    const refreshed = await refresh(context, session, { now: LATER, answer }, `${NAME}=1.x; ${NAME}_1=y`);
    expect(Object.fromEntries(new URLSearchParams(questions[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'again',
    });
    if (refreshed.kind !== 'refreshed') throw new Error(refreshed.kind);
    const opened = openSession(jarOf([{ status: 200, cookies: refreshed.cookies }]), context.login);
    expect(opened).toMatchObject({ refresh: 'next', expires: LATER + 600, refreshed: LATER });
    expect(opened).toEqual(refreshed.session);
    expect(refreshed.cookies[0]).toContain(`${NAME}_1=; Path=/; Max-Age=0`);
    expect(refreshed.cookies[1]).toContain('Max-Age=28510');
  });

  test('never makes a session longer, and keeps what it is', async () => {
    const session = await signIn();
    const answer = () => jsonAnswer({ ...TOKENS, scope: 'openid' });
    const refreshed = await refresh(context, session, { now: LATER, answer });
    if (refreshed.kind !== 'refreshed') throw new Error(refreshed.kind);
    for (const name of ['iss', 'sub', 'jti', 'iat', 'exp', 'groups']) {
      expect(findMember(refreshed.session.claims, name)).toEqual(findMember(session.claims, name));
    }
    expect(findMember(refreshed.session.claims, 'scope')).toBe('openid');
    expect(refreshed.session.refresh).toBe('again');
    expect(acceptSession(context, refreshed.session, NOW + 28_800)).toMatchObject({
      decision: { reason: 'session_expired' },
    });
  });

  test('brings the groups of today where the issuer sends an ID token', async () => {
    const answer = () => jsonAnswer({ ...TOKENS, id_token: idToken({ groups: ['group2'] }) });
    const refreshed = await refresh(context, await signIn(), { now: LATER, answer });
    if (refreshed.kind !== 'refreshed') throw new Error(refreshed.kind);
    const last = acceptSession(context, refreshed.session, LATER);
    expect(last).toMatchObject({ verified: { identity: { groups: ['group2'], subject: 'ada' } } });
  });

  test.each([
    ['another subject', () => idToken({ sub: 'eve' }), 'another subject'],
    ['another audience', () => idToken({ aud: 'other' }), 'audience_refused'],
    ["somebody else's signature", () => idToken({}, stranger), 'signature_invalid'],
  ])('changes nothing for an ID token with %s', async (_, make, detail) => {
    const answer = () => jsonAnswer({ ...TOKENS, id_token: make() });
    const refreshed = await refresh(context, await signIn(), { now: LATER, answer });
    expect(refreshed.kind).toBe('kept');
    expect(refreshed.kind === 'kept' ? refreshed.detail : '').toContain(detail);
  });

  test.each([
    ['is down', () => ({ ok: false, problem: 'x' }) as const],
    ['answers with 500', () => jsonAnswer('', 500)],
    ['answers with something else', () => jsonAnswer('<html>')],
    ['rejects the client', () => jsonAnswer({ error: 'invalid_client' }, 401)],
  ])('ends no session where the issuer %s, however late', async (_, answer) => {
    const refreshed = await refresh(context, await signIn(), { now: NOW + 20_000, answer });
    expect(refreshed.kind).toBe('kept');
  });

  test('ends a session whose refresh token is refused, but for a minute in which another refresh may have used it', async () => {
    const session = await signIn();
    const answer = () => jsonAnswer({ error: 'invalid_grant' }, 400);
    expect((await refresh(context, session, { now: NOW + 359, answer })).kind).toBe('kept');
    const ended = await refresh(context, session, { now: NOW + 360, answer }, `${NAME}=1.x`);
    expect(ended).toMatchObject({ kind: 'ended', cookies: [expect.stringContaining(`${NAME}=; Path=/; Max-Age=0`)] });
  });
});
