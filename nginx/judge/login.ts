// The part that signs browsers in: login's own addresses, and sessions that are not remembered. It is one function's body
// within the part that verifies, run where a policy has `login`.
import type { Reason } from '../../src/answer/reason';
import { plainHash } from '../../src/crypto/plain-hash';
import { answerLogin, isLoginPath as isUnder } from '../../src/login/answer-login';
import { createLoginContext } from '../../src/login/context';
import { findSession, type FoundSession } from '../../src/login/find-session';
import { eventOf } from '../../src/login/login-event';
import { renderReply, type LoginAnswer } from '../../src/login/login-answer';
import { readSealed } from '../../src/login/sealed-text';
import { removeSession } from '../../src/login/session-cookies';
import { failToEnd, type LoginContext, type LoginReply } from '../../src/login/step';
import { originOf, ownAuthority } from '../../src/login/authority';
import type { RequestLines } from '../../src/token/places/request-lines';
import { answerWithoutSession } from '../../src/login/without-session';
import { COOKIE_VARIABLE } from '../answer/remainder-lines';
import { sendLogin } from '../answer/reply';
import type { ChangedPart } from '../answer/variables';
import type { HttpRequest } from '../njs';
import { count, SIGNED_IN, SIGNED_OUT } from '../ports/counts';
import { logLogin, logMisconfiguration, logOutage } from '../ports/log';
import type { AnyWay } from '../ports/request-facts';
import { linesForLogin, readBody } from '../ports/request-lines';
import { makeRandom } from '../ports/sealing';
import { keepDenial } from '../store/remembered-tokens/ended';
import type { Snapshot } from '../store/snapshot';
import { denyListOf } from './deny-lists';
import { performLogin } from '../store/login-steps';
import { hostFor } from './step-host';
import { openSession } from './open-session';
import type { Host, OpenedSession, RefusedVisit, Visit } from './parts';
import { nameSession, withoutLogin } from './session';
import { lookAtCookies, SESSION_NAME } from './session-cookies';

export { isEnded } from './session-cookies';

/** Bytes of the system's generator for a login. */
const RANDOM = 96;

const MALFORMED: FoundSession = { kind: 'malformed' };

/** A request's session, and its other cookies; undefined: all of them. */
interface FoundCookies {
  readonly found: FoundSession;
  readonly rest: string | undefined;
}

const UNREACHED =
  'login begins without end: no location with `js_content jwtverify.login` answers the addresses of login (docs/nginx.md, "Login")';
const UNKEPT =
  'nobody is signed out: the shared dictionary `jwtverify_ended` is full, or without dictionaries (njs 0.7.9) nginx workers ' +
  'cannot add to the deny list of the policy, or there is none (docs/nginx.md, "Login")';

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** The context of a snapshot, which every call of a request needs. */
let known: { readonly snapshot: Snapshot; readonly context: LoginContext } | undefined;

/** INVARIANT: it is called for settings with login alone. */
function contextOf(snapshot: Snapshot): LoginContext {
  if (known !== undefined && known.snapshot === snapshot) return known.context;
  const trust = snapshot.trust;
  const context = trust === undefined ? undefined : createLoginContext(trust, denyListOf(snapshot, true), plainHash);
  if (context === undefined) throw new Error('no login');
  known = { snapshot, context };
  return context;
}

/** The session among cookies: in one pass where they are plain. @param line all of them, once tokens are taken */
function findCookies(context: LoginContext, lines: readonly string[], line: string | undefined): FoundCookies {
  const login = context.login;
  const name = login.cookie.name;
  const looked = line === undefined ? lookAtCookies(lines.join('; '), name) : undefined;
  if (looked?.name !== undefined) {
    const value = looked.name.slice(SESSION_NAME.length);
    const openable = readSealed(value, login.keys.session, context.text);
    return { found: openable === undefined ? MALFORMED : { kind: 'sealed', value, openable }, rest: looked.rest };
  }
  const rest = withoutLogin(line ?? lines.join('; '), name) ?? line;
  return { found: findSession(login, lines, context.text), rest };
}

/** What a request brings: a session or none, and its other cookies. @param line its Cookie lines in one, once tokens are taken */
export function visit(request: HttpRequest, way: AnyWay, snapshot: Snapshot, line: string | undefined): Visit {
  const context = contextOf(snapshot);
  const lines = linesForLogin(request, way, undefined);
  const cookies = findCookies(context, lines.lines('cookie'), line);
  const found = cookies.found;
  const rest = cookies.rest;
  const changed: ChangedPart[] = [];
  if (rest !== undefined && way !== 'authorizer') changed.push({ variable: COOKIE_VARIABLE, value: rest });
  const sealed = found.kind === 'sealed' ? found.value : undefined;
  const openable = found.kind === 'sealed' ? found.openable : undefined;
  const isMalformed = found.kind === 'malformed';
  const reason: Reason = isMalformed ? 'session_invalid' : 'credentials_missing';
  const removals = isMalformed ? removeSession(context, lines, []) : [];
  const name = sealed === undefined ? undefined : nameSession(sealed);
  return { sealed, openable, name, reason, removals, changed };
}

/** Opens a session that is not remembered. */
export function open(
  request: HttpRequest,
  way: AnyWay,
  host: Host,
  snapshot: Snapshot,
  visit: Visit,
): Promise<OpenedSession> {
  const sealed = visit.sealed;
  const openable = visit.openable;
  if (sealed === undefined || openable === undefined) throw new Error('no session');
  return openSession(
    {
      context: contextOf(snapshot),
      host: hostFor(request, host, snapshot),
      request: linesForLogin(request, way, undefined),
      // A gateway may drop cookies, and the first judge of a request to be signed in has refreshed it.
      mayRefresh: way === 'auth' || way === 'access',
    },
    sealed,
    openable,
  );
}

/** What a page load gets instead of a refusal; undefined: the refusal. */
export function showRefusal(
  request: HttpRequest,
  way: AnyWay,
  snapshot: Snapshot,
  refused: RefusedVisit,
): LoginAnswer | undefined {
  const context = contextOf(snapshot);
  const lines = linesForLogin(request, way, undefined);
  const reply = answerWithoutSession(context, lines, refused.signIn, refused);
  if (reply === undefined) return undefined;
  // INVARIANT: never a loop. An address of login that is judged as a page would be sent to itself.
  if (isUnder(context.login.prefix, lines.target)) {
    logMisconfiguration(UNREACHED);
    return undefined;
  }
  return render(context, lines, reply);
}

/**
 * The whole answer. A path becomes a URL of the host that was asked, since nginx itself would make one of its own port and
 * scheme, which are others behind a load balancer.
 */
function render(context: LoginContext, lines: RequestLines, reply: LoginReply): LoginAnswer {
  const own = ownAuthority(lines, context.login, context.text);
  const location = reply.location;
  if (own === undefined || location?.charAt(0) !== '/') return renderReply(context, reply);
  return renderReply(context, Object.assign({}, reply, { location: originOf(own, context.login) + location }));
}

/** Whether a request is for an address of login. */
export function isLoginPath(request: HttpRequest, snapshot: Snapshot): boolean {
  const prefix = snapshot.trust?.settings.login?.prefix;
  return prefix !== undefined && isUnder(prefix, request.variables['request_uri'] ?? '');
}

/** The reply, or that what it ends could not be kept. The browser loses its cookies in either case. */
function keepEnd(reply: LoginReply, denyPath: string | undefined): LoginReply {
  if (reply.denies === undefined || keepDenial(reply.denies, denyPath, seconds())) return reply;
  logOutage(UNKEPT);
  return failToEnd(reply);
}

/** Answers an address of login. */
export function answer(request: HttpRequest, host: Host, snapshot: Snapshot): Promise<void> {
  const context = contextOf(snapshot);
  const lines = linesForLogin(request, 'sign_in', () => readBody(request));
  const first = answerLogin(context, lines, makeRandom(RANDOM), seconds());
  return performLogin(hostFor(request, host, snapshot), first).then((end) => {
    if (end.kind !== 'reply') throw new Error('no reply');
    const reply = keepEnd(end.reply, context.trust.settings.denyPath);
    if (reply.detail !== undefined) logLogin(reply.status, reply.detail);
    const event = eventOf(context.login.prefix, lines.target, reply);
    if (event !== undefined) count((event.kind === 'sign_in' ? SIGNED_IN : SIGNED_OUT) + event.labels);
    sendLogin(request, render(context, lines, reply));
  });
}
