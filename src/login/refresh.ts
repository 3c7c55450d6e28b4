// Refreshing a session (RFC 6749 §6, OpenID Connect Core 1.0 §12): before its access token expires. A host does it once for
// all requests of a session at a time.
import { asNumber, findMember } from '../codec/json';
import type { RequestLines } from '../token/places/request-lines';
import { keepClaims, keepTokens, verifyTokens } from './establish';
import { readText } from './read-text';
import { sessionClaims, type SessionTerms } from './session';
import { removeSession, sealSession } from './session-cookies';
import type { Session } from './session-text';
import type { LoginContext, LoginStep } from './step';
import { askForTokens, type IssuedTokens } from './token-endpoint';

/** Seconds before the access token expires from which on a session is refreshed. */
export const REFRESH_AHEAD = 60;
/**
 * Seconds after that in which a refused refresh token ends no session: another proxy may have used it, and the browser may
 * have got the new cookie by another request. RFC 9700 §4.14.2 has issuers rotate these tokens.
 */
export const REFRESH_GRACE = 60;

/** A session to be refreshed. */
interface Refreshing {
  readonly context: LoginContext;
  readonly request: RequestLines;
  readonly session: Session;
}

/** When a session should be refreshed; undefined for never. An access token that lives for a minute is not asked for each time. */
export function refreshDue(session: Session): number | undefined {
  const expires = session.expires;
  if (session.refresh === undefined || expires === undefined) return undefined;
  return expires - Math.min(REFRESH_AHEAD, Math.max(0, expires - session.refreshed) / 2);
}

/** Whether a session should be refreshed now. */
export function isRefreshDue(session: Session, now: number): boolean {
  const due = refreshDue(session);
  return due !== undefined && now >= due;
}

function readNumber(session: Session, name: string): number {
  return asNumber(findMember(session.claims, name))?.value ?? 0;
}

/** The session goes on as it was. */
function keep(detail: string): LoginStep {
  return { kind: 'refreshed', refreshed: { kind: 'kept', detail } };
}

/** The terms of the session that there was: nothing makes it longer. */
function termsOf(session: Session, context: LoginContext, tokens: IssuedTokens): SessionTerms {
  return {
    issuer: readText(session.claims, 'iss') ?? '',
    clientId: context.login.clientId,
    sessionId: readText(session.claims, 'jti') ?? '',
    began: readNumber(session, 'iat'),
    ends: readNumber(session, 'exp'),
    scope: tokens.scope ?? readText(session.claims, 'scope') ?? '',
  };
}

/** Seals the session anew. @param changes the claims, where the issuer sent an ID token */
function renew(
  refreshing: Refreshing,
  tokens: IssuedTokens,
  changes: Session['claims'] | undefined,
  now: number,
): LoginStep {
  const context = refreshing.context;
  const old = refreshing.session;
  const claims = changes === undefined ? old.claims : keepClaims(context, changes);
  const kept = keepTokens(context, tokens, now);
  const session: Session = {
    claims: sessionClaims(termsOf(old, context, tokens), claims),
    expires: kept.expires,
    refreshed: now,
    // RFC 6749 §6: without a new one the old one goes on; an ID token is a hint, whose age does not matter.
    refresh: kept.refresh ?? old.refresh,
    access: kept.access,
    id: kept.id ?? old.id,
  };
  return sealSession(context, refreshing.request, session, now, (sealed, problem) =>
    sealed === undefined
      ? keep(problem)
      : { kind: 'refreshed', refreshed: { kind: 'refreshed', session: sealed.session, cookies: sealed.cookies } },
  );
}

/** §12.2: a new ID token is of the same subject; it need not be there. */
function check(refreshing: Refreshing, tokens: IssuedTokens, now: number): LoginStep {
  const context = refreshing.context;
  if (tokens.id === undefined) return renew(refreshing, tokens, undefined, now);
  const expected = {
    nonce: undefined,
    access: tokens.access,
    code: undefined,
    subject: readText(refreshing.session.claims, 'sub') ?? '',
  };
  return verifyTokens(
    context,
    tokens,
    expected,
    (claims, later) => renew(refreshing, tokens, claims, later),
    (detail) => keep(detail),
  );
}

/** Refreshes a session. */
export function refreshSession(context: LoginContext, request: RequestLines, session: Session): LoginStep {
  const refreshing: Refreshing = { context, request, session };
  const refresh = session.refresh;
  if (refresh === undefined) return keep('the session has no refresh token');
  return askForTokens(
    context,
    [
      ['grant_type', 'refresh_token'],
      ['refresh_token', refresh],
    ],
    (answer, now) => {
      if (answer.kind === 'tokens') return check(refreshing, answer.tokens, now);
      if (answer.kind === 'unavailable') return keep('the token endpoint: ' + answer.problem);
      const detail = 'the token endpoint answers with ' + answer.error;
      const isOver = now >= (session.expires ?? 0) + REFRESH_GRACE;
      // Any other error is the client's, not the session's.
      if (answer.error !== 'invalid_grant' || !isOver) return keep(detail);
      const cookies = removeSession(context, request, []);
      return { kind: 'refreshed', refreshed: { kind: 'ended', cookies, detail } };
    },
  );
}
