// The steps of login: what a host performs, and what it answers a browser in the end.
import type { Text } from '../codec/text';
import type { Reason } from '../answer/reason';
import type { EndpointsAnswer, Login } from '../model/login';
import type { SigningKey } from '../model/signing-key';
import type { DenyList } from '../ports/deny-list';
import type { Hash } from '../ports/hash';
import type { HttpAnswer, HttpQuestion } from '../ports/http';
import type { Step, Trust } from '../token/step';
import type { Parameter } from './query';
import type { Openable } from './sealed-text';
import type { Session } from './session-text';

/** What login needs to know: the same for every request, until settings or keys change. */
export interface LoginContext {
  readonly login: Login;
  readonly endpoints: EndpointsAnswer;
  /** The trust that access tokens are verified against. */
  readonly trust: Trust;
  /** Undefined where the operator has none. */
  readonly denyList?: DenyList | undefined;
  readonly hash: Hash;
  readonly text: Text;
  /** Undefined where only browsers limit cookies. */
  readonly room?: CookieRoom | undefined;
}

/** The room that a proxy has for a session in a request. */
export interface CookieRoom {
  /** The most cookies: a request with more would get the proxy's own error, for signing out too. */
  readonly most: number;
  /** What gives it more room, in words that follow the problem. */
  readonly mend: string;
}

/** The pages for people; each says what happened and has a way out. */
export type LoginPage =
  /** The request is none that login knows. */
  | 'request_malformed'
  /** The login began in another browser, more than ten minutes ago, or has ended already. */
  | 'login_unknown'
  /** The person or the issuer said no. */
  | 'login_denied'
  /** The issuer answered with an error. */
  | 'login_failed'
  /** The answer is of another issuer (RFC 9207). */
  | 'issuer_mixed'
  | 'issuer_unavailable'
  /** The issuer's tokens are not good, or not for this login. */
  | 'token_refused'
  /** The session has no room in five cookies, or in those that this proxy can read. */
  | 'session_too_large'
  /** Asks whether to sign in. */
  | 'sign_in'
  /** A rule, or the policy's terms, refuse the person who is signed in. */
  | 'access_denied'
  /** The session was ended: by the operator, or by the issuer. */
  | 'session_ended'
  /** Asks whether to sign out, since another site sent the browser. */
  | 'sign_out'
  /** The session is gone from this browser, but a copy of it could live on. */
  | 'sign_out_failed'
  /** Signed out here; its form signs out at the issuer. */
  | 'signed_out';

/** A form of a page, with one button: POST, so that no token is ever in a URL. */
export interface LoginForm {
  readonly action: string;
  readonly fields: readonly Parameter[];
}

/** An entry for the deny list of every worker and thread: it reaches sessions that are remembered too. */
export interface Denial {
  readonly entry: string;
  /** Seconds since the epoch: only sessions that began before; undefined for all. */
  readonly before: number | undefined;
  /** When no session is left that it could deny. */
  readonly until: number;
}

/** What the browser gets. */
export interface LoginReply {
  readonly status: number;
  /** For a redirect. */
  readonly location?: string | undefined;
  readonly page?: LoginPage | undefined;
  /** Where the page's sign-in returns to, as `checkReturn` has it; undefined: to the start page. */
  readonly returnTo?: string | undefined;
  /** What a page says the request was refused for. */
  readonly reason?: Reason | undefined;
  /** JSON, for programs. */
  readonly json?: string | undefined;
  /** Fields of the answer besides those that each reply has. */
  readonly fields?: readonly Parameter[] | undefined;
  readonly form?: LoginForm | undefined;
  /**
   * What ends with this reply. A host that cannot keep it answers with `failToEnd`, and nobody believes in a sign-out that was
   * none.
   */
  readonly denies?: Denial | undefined;
  /** Values of Set-Cookie fields. */
  readonly cookies: readonly string[];
  /** Of a refusal, for the log alone: no secret, code, token or claim. */
  readonly detail?: string | undefined;
}

/** What came of a refresh. The session counts for the request in each case but the last. */
export type Refreshed =
  /** @member cookies to be sent with the answer of the application */
  | { readonly kind: 'refreshed'; readonly session: Session; readonly cookies: readonly string[] }
  /** The session goes on as it was: the issuer is down, or another refresh came first. @member detail for the log */
  | { readonly kind: 'kept'; readonly detail: string }
  /** The issuer ended it. @member cookies that remove it from the browser */
  | { readonly kind: 'ended'; readonly cookies: readonly string[]; readonly detail: string };

/**
 * A sealed text to be opened.
 * @noSelf
 */
export interface OpenStep {
  readonly kind: 'open';
  readonly openable: Openable;
  /** @param opened undefined where it does not open */
  readonly next: (opened: string | undefined, now: number) => LoginStep;
}

/**
 * A text to be sealed.
 * @noSelf
 */
export interface SealStep {
  readonly kind: 'seal';
  readonly key: string;
  readonly plain: string;
  readonly next: (sealed: string) => LoginStep;
}

/**
 * A JWS to be signed (RFC 7515 §5.1).
 * @noSelf
 */
export interface SignStep {
  readonly kind: 'sign';
  readonly key: SigningKey;
  /** The claims. @param random 16 random bytes as base64url */
  readonly write: (random: string, now: number) => string;
  /** @param jws undefined where the host could not sign */
  readonly next: (jws: string | undefined) => LoginStep;
}

/**
 * A question for the token endpoint.
 * @noSelf
 */
export interface FetchStep {
  readonly kind: 'fetch';
  readonly question: HttpQuestion;
  readonly next: (answer: HttpAnswer, now: number) => LoginStep;
}

/**
 * A token to be verified with `begin` and `resume`; `next` gets the last step of that.
 * @noSelf
 */
export interface VerifyStep {
  readonly kind: 'verify';
  readonly trust: Trust;
  readonly token: string;
  readonly next: (last: Step, now: number) => LoginStep;
}

/**
 * The next step. A host performs it and continues with `next`, which never waits.
 * INVARIANT: a host that cannot perform a step ends with a refusal.
 */
export type LoginStep =
  /** The last step of `start`, `callback` and sign-out. */
  | { readonly kind: 'reply'; readonly reply: LoginReply }
  /** The last step of a refresh. */
  | { readonly kind: 'refreshed'; readonly refreshed: Refreshed }
  | OpenStep
  | SealStep
  | SignStep
  | FetchStep
  | VerifyStep;

/** Replaces a reply when the host cannot keep its `denies`. The browser loses its cookies anyway. */
export function failToEnd(reply: LoginReply): LoginReply {
  // Back-Channel Logout 1.0 §2.8: the issuer reads no page.
  const page = reply.page === undefined && reply.location === undefined ? undefined : ('sign_out_failed' as const);
  return { status: 503, page, cookies: reply.cookies, fields: reply.fields };
}

/**
 * A page, and the cookies that go with it.
 * @param returnTo where its sign-in returns to, as `checkReturn` has it
 */
export function showPage(
  status: number,
  page: LoginPage,
  cookies: readonly string[],
  detail?: string,
  returnTo?: string,
): LoginStep {
  return { kind: 'reply', reply: { status, page, cookies, detail, returnTo } };
}

/** RFC 9110 §15.4.3: the browser goes on with GET. */
export function redirect(location: string, cookies: readonly string[]): LoginStep {
  return { kind: 'reply', reply: { status: 302, location, cookies } };
}
