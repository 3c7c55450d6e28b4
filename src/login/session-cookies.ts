// A session on its way into the browser: sealed, in as many cookies as it needs, without those of the one before.
import type { RequestLines } from '../token/places/request-lines';
import { countCookies, findChunks, MOST_CHUNKS, splitIntoCookies } from './chunks';
import { markSealed } from './sealed-text';
import { endOf } from './session';
import { formatSession, type Session } from './session-text';
import { formatRemoval, formatSetCookie } from './set-cookie';
import type { LoginContext, LoginStep } from './step';

/** The fields that free a browser of every session cookie that it sent, but for these. */
export function removeSession(
  context: LoginContext,
  request: RequestLines,
  kept: readonly string[],
): readonly string[] {
  const cookie = context.login.cookie;
  return findChunks(request.lines('cookie'), cookie.name)
    .filter((name) => kept.indexOf(name) < 0)
    .map((name) => formatRemoval(name, cookie));
}

/** A session that is sealed. */
export interface SealedSession {
  /** As it was sealed. */
  readonly session: Session;
  /** The fields that set it. */
  readonly cookies: readonly string[];
}

function withoutId(session: Session): Session {
  return {
    claims: session.claims,
    expires: session.expires,
    refreshed: session.refreshed,
    refresh: session.refresh,
    access: session.access,
    id: undefined,
  };
}

/** Why a session cannot be kept, for the log. */
function describeTooLarge(context: LoginContext, count: number): string {
  const room = context.room;
  const needs = 'the session needs ' + count.toString() + ' cookies';
  if (room === undefined || room.most >= MOST_CHUNKS) return needs + ', and five are the most';
  return needs + ', and this proxy has room for ' + room.most.toString() + '; ' + room.mend;
}

/**
 * Seals a session. One that is too large is sealed without its ID token: signing out at the issuer then asks there.
 * @param now seconds since the epoch
 * @param then continues with the session; undefined where it cannot be kept, with what is wrong, for the log
 */
export function sealSession(
  context: LoginContext,
  request: RequestLines,
  session: Session,
  now: number,
  then: (sealed: SealedSession | undefined, problem: string) => LoginStep,
): LoginStep {
  const login = context.login;
  const key = login.keys.session[0];
  if (key === undefined) return then(undefined, 'there is no secret to seal cookies with');
  const age = Math.max(0, Math.floor(endOf(session, login.maxAge) - now));
  const most = Math.min(MOST_CHUNKS, context.room?.most ?? MOST_CHUNKS);
  const next = (sealed: string): LoginStep => {
    const value = markSealed(key, sealed);
    const count = countCookies(value.length);
    const cookies = count > most ? undefined : splitIntoCookies(login.cookie.name, value);
    if (cookies === undefined) {
      if (session.id === undefined) return then(undefined, describeTooLarge(context, count));
      return sealSession(context, request, withoutId(session), now, then);
    }
    const removals = removeSession(
      context,
      request,
      cookies.map((cookie) => cookie.name),
    );
    const fields = cookies.map((one) => formatSetCookie(one.name, one.value, age, login.cookie));
    return then({ session, cookies: removals.concat(fields) }, '');
  };
  return { kind: 'seal', key: key.key, plain: formatSession(session), next };
}
