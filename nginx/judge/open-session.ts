// A session that is not remembered: opened, judged as the token that it is, and refreshed where that is due.
import { refuse, type Decision } from '../../src/answer/decision';
import { findSession } from '../../src/login/find-session';
import { isRefreshDue, refreshDue as dueAt, refreshSession } from '../../src/login/refresh';
import { acceptSession } from '../../src/login/session';
import { removeSession } from '../../src/login/session-cookies';
import type { Openable } from '../../src/login/sealed-text';
import { parseSession, type Session } from '../../src/login/session-text';
import type { LoginContext } from '../../src/login/step';
import { sessionReason } from '../../src/login/session';
import { judgeVerified, type VerifiedToken } from '../../src/token/verified-token';
import type { RequestLines } from '../../src/token/places/request-lines';
import { count, REFRESHED } from '../ports/counts';
import { logOutage } from '../ports/log';
import { sealing } from '../ports/sealing';
import { endTurn, keepRefresh, recallRefresh, takeTurn, waitForRefresh } from '../store/refresh-turn';
import { performLogin, type LoginHost } from '../store/login-steps';
import type { OpenedSession } from './parts';

/** Seconds for which a session that should be refreshed is remembered: by who waits for another, and after a failure. */
const WHILE_BUSY = 2;
const AFTER_FAILURE = 10;

/** What opening needs. */
export interface Opening {
  readonly context: LoginContext;
  readonly host: LoginHost;
  readonly request: RequestLines;
  /** Whether the answer can set cookies, so that a refresh is not lost. */
  readonly mayRefresh: boolean;
}

/** A session that counts. */
interface Counting {
  readonly session: Session;
  readonly cookies: readonly string[];
  /** Until when it may be remembered, in seconds since the epoch. */
  readonly until: number;
}

function refuseOpened(decision: Decision, hasSession: boolean, cookies: readonly string[]): OpenedSession {
  return { decision, verified: undefined, hasSession, cookies, token: '' };
}

/** Undefined where it does not open. */
function openSealed(context: LoginContext, openable: Openable): Promise<Session | undefined> {
  return sealing
    .open(openable.key, openable.sealed)
    .then((opened) => (opened === undefined ? undefined : parseSession(opened, context.text)));
}

/** The session of a Cookie line; undefined where none opens. */
function openLine(context: LoginContext, line: string): Promise<Session | undefined> {
  const found = findSession(context.login, [line], context.text);
  return found.kind === 'sealed' ? openSealed(context, found.openable) : Promise.resolve(undefined);
}

/** The Cookie line of a browser that got these fields. */
function lineOf(cookies: readonly string[]): string {
  return cookies
    .map((field) => field.split(';')[0] ?? '')
    .filter((pair) => pair.slice(-1) !== '=')
    .join('; ');
}

function goOn(session: Session, seconds: number, now: number): Counting {
  return { session, cookies: [], until: now + seconds };
}

/** The session that another request has got, by the fields that set it. */
function useRefreshed(opening: Opening, old: Session, cookies: readonly string[]): Promise<Counting> {
  return openLine(opening.context, lineOf(cookies)).then((session) => {
    const now = opening.host.now();
    // INVARIANT: this text is remembered under the old cookie only for a moment, so that the new one is sent again.
    return session === undefined ? goOn(old, WHILE_BUSY, now) : { session, cookies, until: now };
  });
}

function ask(opening: Opening, sealed: string, session: Session): Promise<Counting | OpenedSession> {
  const host = opening.host;
  const takenAt = host.now();
  return performLogin(host, refreshSession(opening.context, opening.request, session)).then(
    (end): Counting | OpenedSession => {
      const now = host.now();
      const refreshed = end.kind === 'refreshed' ? end.refreshed : undefined;
      if (refreshed?.kind === 'refreshed') keepRefresh(sealed, refreshed.cookies, now);
      endTurn(sealed, takenAt);
      count(REFRESHED + (refreshed?.kind ?? 'kept'));
      if (refreshed?.kind === 'refreshed') {
        return { session: refreshed.session, cookies: refreshed.cookies, until: now };
      }
      if (refreshed !== undefined) logOutage('a session is not refreshed: ' + refreshed.detail);
      if (refreshed?.kind === 'ended') return refuseOpened(refuse('session_expired'), false, refreshed.cookies);
      return goOn(session, AFTER_FAILURE, now);
    },
    (error: unknown) => {
      endTurn(sealed, takenAt);
      throw error;
    },
  );
}

/** After somebody's question: what came of it, if only now. Another worker may have ended its turn since this one looked. */
function rest(opening: Opening, sealed: string, session: Session): Counting | Promise<Counting> {
  const now = opening.host.now();
  const made = recallRefresh(sealed, now);
  return made === undefined ? goOn(session, AFTER_FAILURE, now) : useRefreshed(opening, session, made);
}

/** Refreshes a session that is due: once for all requests that have it. */
function refreshDue(opening: Opening, sealed: string, session: Session): Promise<Counting | OpenedSession> {
  const now = opening.host.now();
  const known = recallRefresh(sealed, now);
  if (known !== undefined) return useRefreshed(opening, session, known);
  if (!opening.mayRefresh) return Promise.resolve(goOn(session, 0, now));
  const turn = takeTurn(sealed, now);
  if (turn === 'mine') return ask(opening, sealed, session);
  if (turn === 'resting') return Promise.resolve(rest(opening, sealed, session));
  // Only a backend that gets the access token needs the new one at once.
  const isStale = session.access !== undefined && session.expires !== undefined && now >= session.expires;
  if (!isStale) return Promise.resolve(goOn(session, WHILE_BUSY, now));
  return waitForRefresh(sealed, opening.host.now).then((cookies) =>
    cookies === undefined ? goOn(session, WHILE_BUSY, opening.host.now()) : useRefreshed(opening, session, cookies),
  );
}

/** Judges a session as the verified token that it is. */
function judge(opening: Opening, counting: Counting): OpenedSession {
  const context = opening.context;
  const now = opening.host.now();
  const step = acceptSession(context, counting.session, now);
  if (step.kind !== 'verified') {
    const decision = step.kind === 'refused' ? step.decision : refuse('internal_error');
    const isOver = decision.reason === 'session_expired';
    return refuseOpened(decision, true, isOver ? removeSession(context, opening.request, []) : counting.cookies);
  }
  const verified = step.verified;
  const decision = judgeVerified(verified, context.denyList, context.text, now);
  if (!decision.allowed) {
    const refused = decision.reason === '' ? decision : refuse(sessionReason(decision.reason));
    return Object.assign(refuseOpened(refused, true, counting.cookies), { verified });
  }
  const token = counting.session.access ?? '';
  return { decision, verified: limit(verified, counting.until), hasSession: true, cookies: counting.cookies, token };
}

/** The same token, remembered until then at the most. */
function limit(verified: VerifiedToken, until: number): VerifiedToken {
  const validity = verified.validity;
  return validity.until <= until
    ? verified
    : Object.assign({}, verified, { validity: Object.assign({}, validity, { until }) });
}

/**
 * Opens the session of a request, refreshes it where that is due, and judges it.
 * @param sealed its whole text, of which `openable` is to be opened
 */
export function openSession(opening: Opening, sealed: string, openable: Openable): Promise<OpenedSession> {
  const context = opening.context;
  return openSealed(context, openable).then((session): OpenedSession | Promise<OpenedSession> => {
    if (session === undefined) {
      return refuseOpened(refuse('session_invalid'), false, removeSession(context, opening.request, []));
    }
    const first = judge(opening, { session, cookies: [], until: dueAt(session) ?? Number.MAX_VALUE });
    // A session that is over, denied or not accepted is never refreshed.
    if (!first.decision.allowed || !isRefreshDue(session, opening.host.now())) return first;
    return refreshDue(opening, sealed, session).then((counting) =>
      'decision' in counting ? counting : judge(opening, counting),
    );
  });
}
