// A request that has no token where the policy signs browsers in: its session, and the way to sign in where it has none.
import { refuse, type Decision } from '../../src/answer/decision';
import type { Identity } from '../../src/claims/identity';
import { isLoginPath } from '../../src/login/answer-login';
import { renderReply, type LoginAnswer } from '../../src/login/login-answer';
import { answerWithoutSession } from '../../src/login/without-session';
import type { Rule } from '../../src/model/policy';
import { COOKIE, readCookieLines, linesOfRequest, replaceCookies, withCookies } from '../ports/request-lines';
import type { CookieLines } from '../store/cookie-lines';
import { dropCookies, keepCookies } from '../store/kept-cookies';
import type { LoginHost } from '../store/login-host';
import type { Login } from '../store/snapshot';
import type { SessionResult } from './judge-session';

const NO_COOKIES: CookieLines = { lines: [], rest: undefined, found: { kind: 'absent' }, field: '' };

/** A refusal that a browser may get in another form: as a way to sign in, or as a page. */
export interface BrowserRefusal {
  readonly decision: Decision;
  /** Values of Set-Cookie fields: those that remove a damaged session, or a refreshed one. */
  readonly cookies: readonly string[];
  /** Undefined: the refusal as it is. */
  readonly render: (this: void) => LoginAnswer | undefined;
}

/** Takes the cookies of login from a request. INVARIANT: before anything is judged, so that no backend ever gets them. */
export function takeCookies(host: LoginHost, txn: Txn): CookieLines {
  const fetches = txn.f;
  const count = fetches.req_fhdr_cnt(COOKIE);
  if (count < 1) return NO_COOKIES;
  const { cookies } = host;
  const read = count === 1 ? cookies.readOne(fetches.req_fhdr(COOKIE) ?? '') : cookies.read(readCookieLines(fetches));
  if (read.rest !== undefined) replaceCookies(txn, read.rest);
  return read;
}

/** The refusal of a request whose session is missing or not good; whether it is one at all, its rule says. */
export function refusalOf(session: Exclude<SessionResult, { readonly kind: 'good' }>): Decision {
  return session.kind === 'absent' ? refuse('credentials_missing') : session.decision;
}

/** Whose session it is, where it is good but for the deny list: it has a line in the audit, as such a token has. */
export function identityIn(session: SessionResult): Identity | undefined {
  return session.kind === 'refused' ? session.identity : undefined;
}

/** Ends the judgement of such a request: cookies go with the answer of the application, or with the refusal. */
export function concludeBrowser(
  { host }: Login,
  txn: Txn,
  lines: readonly string[],
  session: SessionResult,
  rule: Rule,
  decision: Decision,
): Decision | BrowserRefusal {
  const cookies = session.kind === 'absent' ? [] : session.cookies;
  keepCookies(txn, cookies);
  if (decision.allowed) return decision;
  const render = (): LoginAnswer | undefined => {
    const request = withCookies(linesOfRequest(txn.f), lines);
    // INVARIANT: nobody is sent from login to login, whatever the configuration left out.
    const signIn = isLoginPath(host.login.prefix, request.target) ? 'never' : rule.signIn;
    const context = host.context();
    const refused = { decision, hasSession: session.kind !== 'absent', cookies };
    const reply = answerWithoutSession(context, request, signIn, refused);
    if (reply === undefined) return undefined;
    dropCookies(txn);
    return renderReply(context, reply);
  };
  return { decision, cookies, render };
}
