// `start`: remembers where to return, and sends the browser to the issuer (OpenID Connect Core 1.0 §3.1.2.1, RFC 7636).
import type { Login, OpenIdClient } from '../model/login';
import { coversHost } from '../request/canonical-host';
import { queryOf, type RequestLines } from '../token/places/request-lines';
import { originOf, ownAuthority, type Authority } from './authority';
import { findNames } from './chunks';
import { challengeOf } from './digest';
import {
  formatLogin,
  LOGIN_AGE,
  loginCookieName,
  loginCookies,
  MOST_LOGINS,
  type LoginInProgress,
} from './login-in-progress';
import { readOnce, withQuery, type Parameter } from './query';
import { checkReturn } from './return-to';
import { markSealed } from './sealed-text';
import { formatRemoval, formatSetCookie } from './set-cookie';
import { redirect, showPage, type ClientContext, type LoginContext, type LoginStep } from './step';

/** The characters of base64url that `startLogin` requires: 96 random bytes. */
export const RANDOM_LENGTH = 128;

/** Where the browser returns to, by `rd` or the header of the same meaning; `/` for whatever is not allowed. */
export function findReturn(context: LoginContext, request: RequestLines, own: Authority | undefined): string {
  const headers = request.lines('x-auth-request-redirect');
  const asked = readOnce(queryOf(request.target) ?? '', 'rd', context.text) ?? '';
  const wanted = asked === '' && headers.length === 1 ? (headers[0] ?? '') : asked;
  return checkOwnReturn(context, wanted, own) ?? '/';
}

/** `checkReturn` by the terms of a policy. */
export function checkOwnReturn(context: LoginContext, wanted: string, own: Authority | undefined): string | undefined {
  const login = context.login;
  const paths = context.trust.settings.policy?.paths ?? { allow: [], ignoreCase: false };
  const terms = { hosts: login.returnTo, secure: login.cookie.secure, prefix: login.prefix, paths };
  return checkReturn(wanted, own, terms, context.text);
}

/** The address at which a login begins. @param returnTo as `checkOwnReturn` gives it; undefined: the start page */
export function startAddress(context: LoginContext, returnTo: string | undefined): string {
  const parameters: Parameter[] = returnTo === undefined || returnTo === '/' ? [] : [['rd', returnTo]];
  return withQuery(context.login.prefix + '/start', parameters, context.text);
}

/**
 * Where the callback sends the browser. A path is one of the host that the login began at: where the callback is on another one
 * of the cookie's domain, with that host.
 */
function returnFromCallback(login: Login, own: Authority, returnTo: string): string {
  const domain = login.cookie.domain;
  const origin = originOf(own, login);
  const elsewhere = login.redirectUri !== undefined && login.redirectUri.indexOf(origin + '/') !== 0;
  if (!elsewhere || domain === undefined || returnTo.charAt(0) !== '/') return returnTo;
  return own.host === domain || coversHost('*.' + domain, own.host) ? origin + returnTo : returnTo;
}

/** `sign_in`: a page with a button. */
export function offerSignIn(context: LoginContext, request: RequestLines): LoginStep {
  const own = ownAuthority(request, context.login, context.text);
  const returnTo = findReturn(context, request, own);
  return { kind: 'reply', reply: { status: 200, page: 'sign_in', returnTo, cookies: [] } };
}

/** The address at the issuer. */
function authorizationUrl(context: ClientContext, begun: LoginInProgress, beginning: Beginning): string {
  const usual: readonly Parameter[] = [
    ['response_type', 'code'],
    ['client_id', context.login.clientId],
    ['redirect_uri', begun.redirectUri],
    ['scope', context.login.scopes],
    ['state', begun.state],
    ['nonce', begun.nonce],
    ['code_challenge', challengeOf(begun.verifier, context.hash)],
    ['code_challenge_method', 'S256'],
  ];
  return withQuery(beginning.endpoint, usual.concat(beginning.parameters), context.text);
}

/** The fields that remove the oldest logins of a browser, so that there is room for one more. */
function removeOldest(request: RequestLines, login: OpenIdClient): readonly string[] {
  // RFC 6265 §5.4: browsers send older cookies first.
  const present = findNames(request.lines('cookie'), loginCookies(login.cookie));
  const surplus = present.length - (MOST_LOGINS - 1);
  return present.filter((_, index) => index < surplus).map((name) => formatRemoval(name, login.cookie));
}

/** What is particular to a login. */
export interface Beginning {
  /** Where people sign in. */
  readonly endpoint: string;
  readonly redirectUri: string;
  /** What its end needs to know: a Location, or what else `LoginAim.finish` reads. */
  readonly returnTo: string;
  /** Further parameters of the authorization request. */
  readonly parameters: readonly Parameter[];
}

/**
 * Sends a browser to the issuer, with a cookie that knows what for.
 * @param random 128 characters of base64url, of the system's generator, for this login alone
 * @param now seconds since the epoch
 * @returns undefined where login is not ready
 */
export function sendToIssuer(
  context: ClientContext,
  request: RequestLines,
  beginning: Beginning,
  random: string,
  now: number,
): LoginStep | undefined {
  const login = context.login;
  const issuer = context.trust.settings.issuers[login.issuer];
  const key = login.keys.login[0];
  const state = random.substring(0, 32);
  const name = loginCookieName(login.cookie, state, context.text);
  if (issuer === undefined || key === undefined || name === undefined || random.length !== RANDOM_LENGTH) {
    return undefined;
  }
  const begun: LoginInProgress = {
    state,
    nonce: random.substring(32, 64),
    verifier: random.substring(64),
    issuer: issuer.issuer,
    redirectUri: beginning.redirectUri,
    returnTo: beginning.returnTo,
    begun: now,
  };
  const removals = removeOldest(request, login);
  const next = (sealed: string): LoginStep => {
    const cookie = formatSetCookie(name, markSealed(key, sealed), LOGIN_AGE, login.cookie);
    return redirect(authorizationUrl(context, begun, beginning), removals.concat([cookie]));
  };
  return { kind: 'seal', key: key.key, plain: formatLogin(begun), next };
}

/**
 * Begins a login.
 * @param random 128 characters of base64url, of the system's generator, for this login alone
 * @param now seconds since the epoch
 */
export function startLogin(context: LoginContext, request: RequestLines, random: string, now: number): LoginStep {
  const login = context.login;
  const own = ownAuthority(request, login, context.text);
  const endpoints = context.endpoints;
  const returnTo = findReturn(context, request, own);
  if (!endpoints.ok) return showPage(503, 'issuer_unavailable', [], endpoints.problem, returnTo);
  if (own === undefined) return showPage(400, 'request_malformed', [], 'the Host header is missing or malformed');
  const beginning: Beginning = {
    endpoint: endpoints.endpoints.authorization,
    redirectUri: login.redirectUri ?? originOf(own, login) + login.prefix + '/callback',
    returnTo: returnFromCallback(login, own, returnTo),
    parameters: [],
  };
  const step = sendToIssuer(context, request, beginning, random, now);
  return step ?? showPage(503, 'issuer_unavailable', [], 'login is not ready');
}
