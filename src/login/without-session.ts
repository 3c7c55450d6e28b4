// What a page load gets that is refused: the way to sign in where it has no session, and a page that says why where it has
// one. Every other request gets the refusal itself.
import type { Decision } from '../answer/decision';
import type { Reason } from '../answer/reason';
import type { SignIn } from '../model/login';
import type { RequestLines } from '../token/places/request-lines';
import { ownAuthority } from './authority';
import { hasTwice } from './chunks';
import { loadsPage } from './page-load';
import { checkOwnReturn, startAddress } from './start';
import type { LoginPage } from './pages';
import type { LoginContext, LoginReply } from './step';

/** A refused request. */
export interface RefusedRequest {
  readonly decision: Decision;
  /** Whether a session that opened was judged: signing in once more would make the same of it. */
  readonly hasSession: boolean;
  /** Values of Set-Cookie fields that free the browser of a session that is no good (`removeSession`). */
  readonly cookies: readonly string[];
}

/** Reasons that signing in mends. */
const MENDED: readonly Reason[] = ['credentials_missing', 'session_invalid', 'session_expired'];

/** The target as a path of this host (RFC 9112 §3.2.2). */
function originForm(target: string): string {
  const scheme = target.indexOf('://');
  if (target.charAt(0) === '/' || scheme < 0) return target;
  const slash = target.indexOf('/', scheme + 3);
  return slash < 0 ? '/' : target.substring(slash);
}

/** Where the browser returns to: the page that it asked for. */
function findOwnReturn(context: LoginContext, request: RequestLines): string | undefined {
  const own = ownAuthority(request, context.login, context.text);
  return checkOwnReturn(context, originForm(request.target), own);
}

/** RFC 9110 §11.6.1: a 401 has a challenge. */
function showRefusal(page: LoginPage, refused: RefusedRequest, returnTo: string | undefined): LoginReply {
  const decision = refused.decision;
  return {
    status: decision.status,
    page,
    returnTo,
    reason: decision.reason === '' ? undefined : decision.reason,
    cookies: refused.cookies,
    fields: decision.challenge === '' ? [] : [['WWW-Authenticate', decision.challenge]],
  };
}

/** The page for a session that is refused. INVARIANT: never a redirect, which would lead back here. */
function refuseSession(refused: RefusedRequest, returnTo: string | undefined): LoginReply | undefined {
  const decision = refused.decision;
  if (decision.status !== 401 && decision.status !== 403) return undefined;
  const page = decision.reason === 'token_revoked' ? 'session_ended' : 'access_denied';
  return showRefusal(page, refused, returnTo);
}

/**
 * The answer to a refused request instead of the refusal.
 * @param signIn of the rule that refused it (`Ruling.signIn`)
 * @returns undefined: the refusal, as without login
 */
export function answerWithoutSession(
  context: LoginContext,
  request: RequestLines,
  signIn: SignIn | undefined,
  refused: RefusedRequest,
): LoginReply | undefined {
  const reason = refused.decision.reason;
  if (signIn === undefined || signIn === 'never' || reason === '' || !loadsPage(request)) return undefined;
  const returnTo = findOwnReturn(context, request);
  if (MENDED.indexOf(reason) < 0) return refused.hasSession ? refuseSession(refused, returnTo) : undefined;
  // INVARIANT: never a loop. Signing in would leave a tossed cookie where it is.
  const isTossed = hasTwice(request.lines('cookie'), context.login.cookie.name);
  if (signIn === 'page' || isTossed) return showRefusal('sign_in', refused, returnTo);
  return { status: 302, location: startAddress(context, returnTo), cookies: refused.cookies };
}
