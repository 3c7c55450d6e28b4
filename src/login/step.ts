// The steps of login: what a host performs, and what it answers a browser in the end.
import type { Text } from '../codec/text';
import type { Reason } from '../answer/reason';
import type { EndpointsAnswer, Login, OpenIdClient } from '../model/login';
import type { SigningKey } from '../model/signing-key';
import type { DenyList } from '../ports/deny-list';
import type { Hash } from '../ports/hash';
import type { HttpAnswer, HttpQuestion } from '../ports/http';
import type { Step, Trust } from '../token/step';
import type { BrokerPage, LoginPage } from './pages';
import type { Parameter } from './query';
import type { Openable } from './sealed-text';
import type { Session } from './session-text';

/** What a client of a provider needs to know: the same for every request, until settings or keys change. */
export interface ClientContext {
  readonly login: OpenIdClient;
  readonly endpoints: EndpointsAnswer;
  /** The trust that access tokens are verified against. */
  readonly trust: Trust;
  readonly hash: Hash;
  readonly text: Text;
}

/** The same for the sign-in of this proxy's own applications. */
export interface LoginContext extends ClientContext {
  readonly login: Login;
  /** Undefined where the operator has none. */
  readonly denyList?: DenyList | undefined;
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

/** One of several buttons of a form: what it says, and what it adds to the form. */
export interface FormButton {
  readonly label: string;
  readonly name: string;
  readonly value: string;
}

/** A form of a page: POST, so that no token is ever in a URL. */
export interface LoginForm {
  readonly action: string;
  readonly fields: readonly Parameter[];
  /** Undefined: one button, whose label is the page's. */
  readonly buttons?: readonly FormButton[] | undefined;
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
  readonly page?: LoginPage | BrokerPage | undefined;
  /** Where the page's sign-in returns to, as `checkReturn` has it; undefined: to the start page. */
  readonly returnTo?: string | undefined;
  /** What a page says the request was refused for. */
  readonly reason?: Reason | undefined;
  /** JSON, for programs. */
  readonly json?: string | undefined;
  /** Fields of the answer besides those that each reply has. */
  readonly fields?: readonly Parameter[] | undefined;
  readonly form?: LoginForm | undefined;
  /** What a page shows of the case at hand: names and values. */
  readonly facts?: readonly Parameter[] | undefined;
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
 * A question for the token endpoint, or for the admin service.
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
 * A name that may count once, in every worker and thread: that of a one-time code.
 * @noSelf
 */
export interface ClaimStep {
  readonly kind: 'claim';
  readonly name: string;
  /** Seconds since the epoch, after which nobody could come with it. */
  readonly until: number;
  /** @param isFirst false where it was claimed before, and where the host cannot tell */
  readonly next: (isFirst: boolean) => LoginStep;
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
  | ClaimStep
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
  page: LoginPage | BrokerPage,
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
