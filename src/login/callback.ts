// `callback`: the issuer's answer through the browser (OpenID Connect Core 1.0 §3.1.2.5 to §3.1.3, RFC 9207, RFC 9700 §4).
import { tenantOf } from '../keys/issuer-pattern';
import { readCookies } from '../token/places/cookies';
import { queryOf, type RequestLines } from '../token/places/request-lines';
import { LOGIN_AGE, loginCookieName, parseLogin, type LoginInProgress } from './login-in-progress';
import { readOnce } from './query';
import { readSealed, type Openable } from './sealed-text';
import { formatRemoval } from './set-cookie';
import type { LoginPage } from './pages';
import { showPage, type ClientContext, type LoginStep } from './step';
import { askForTokens, type IssuedTokens, type TokenAnswer } from './token-endpoint';

/** RFC 6749 appendix A.11: visible ASCII and blanks. */
const LONGEST_CODE = 4096;

/** What the authorization endpoint sent; empty where there is no such parameter. */
interface Answered {
  readonly state: string;
  readonly code: string;
  readonly error: string;
  readonly issuer: string;
}

/** A code that was exchanged for tokens. */
export interface Redeemed {
  readonly begun: LoginInProgress;
  readonly code: string;
  readonly tokens: IssuedTokens;
  /** The field that ends the login's cookie. */
  readonly ending: readonly string[];
  /** Where a page leads back to. */
  readonly returnTo: string | undefined;
}

/** What a login is for. @noSelf */
export interface LoginAim {
  /** Where a page leads back to, by the policy of now. */
  wayBack(begun: LoginInProgress): string | undefined;
  /** Continues with the tokens that the issuer gave. */
  finish(redeemed: Redeemed, now: number): LoginStep;
}

/** A login that goes on. */
interface Continued {
  readonly begun: LoginInProgress;
  /** The field that ends its cookie. */
  readonly ending: readonly string[];
  /** Where a page leads back to. */
  readonly returnTo: string | undefined;
  readonly aim: LoginAim;
}

/** Ends a login with a page, from which its person may try again, and gets to where it began. */
function endLogin(continued: Continued, status: number, page: LoginPage, detail?: string): LoginStep {
  return showPage(status, page, continued.ending, detail, continued.returnTo);
}

function readAnswer(request: RequestLines, context: ClientContext): Answered | undefined {
  const query = queryOf(request.target) ?? '';
  const state = readOnce(query, 'state', context.text);
  const code = readOnce(query, 'code', context.text);
  const error = readOnce(query, 'error', context.text);
  const issuer = readOnce(query, 'iss', context.text);
  if (state === undefined || code === undefined || error === undefined || issuer === undefined) return undefined;
  // RFC 6749 §4.1.2: a code or an error.
  if ((code === '') === (error === '') || code.length > LONGEST_CODE || context.text.hasControl(code)) return undefined;
  return { state, code, error, issuer };
}

/** The login's cookie, where a request has it once, under one of the keys. */
function findLogin(context: ClientContext, request: RequestLines, name: string): Openable | undefined {
  const values = readCookies(request.lines('cookie'), name);
  // RFC 6265 §5.4: a sibling domain may have set one of two.
  return values.length === 1 ? readSealed(values[0] ?? '', context.login.keys.login, context.text) : undefined;
}

/** RFC 9207 §2.4: the answer must be of the issuer that was asked. */
function isMixed(context: ClientContext, answered: Answered, begun: LoginInProgress): boolean {
  const expected = context.trust.settings.issuers[context.login.issuer];
  if (expected === undefined || begun.issuer !== expected.issuer) return true;
  const tenancy = expected.tenancy;
  if (answered.issuer !== '' && tenancy !== undefined) {
    return tenantOf(tenancy, answered.issuer, context.text) === undefined;
  }
  if (answered.issuer !== '') return answered.issuer !== begun.issuer;
  return context.endpoints.ok && context.endpoints.endpoints.namesIssuer;
}

/** The page for what the token endpoint says instead of tokens. */
function refuseTokens(answer: Exclude<TokenAnswer, { readonly kind: 'tokens' }>, continued: Continued): LoginStep {
  if (answer.kind === 'unavailable') {
    return endLogin(continued, 503, 'issuer_unavailable', 'the token endpoint: ' + answer.problem);
  }
  const page: LoginPage = answer.error === 'invalid_grant' ? 'login_unknown' : 'login_failed';
  return endLogin(continued, 400, page, 'the token endpoint answers with ' + answer.error);
}

/** RFC 6749 §4.1.3, RFC 7636 §4.5. */
function redeemCode(context: ClientContext, code: string, continued: Continued): LoginStep {
  const begun = continued.begun;
  return askForTokens(
    context,
    [
      ['grant_type', 'authorization_code'],
      ['code', code],
      ['redirect_uri', begun.redirectUri],
      ['code_verifier', begun.verifier],
    ],
    (answer, now) => {
      if (answer.kind !== 'tokens') return refuseTokens(answer, continued);
      const ending = continued.ending;
      const redeemed: Redeemed = { begun, code, tokens: answer.tokens, ending, returnTo: continued.returnTo };
      return continued.aim.finish(redeemed, now);
    },
  );
}

/** Continues once the login's cookie is open. */
function continueLogin(context: ClientContext, answered: Answered, continued: Continued, now: number): LoginStep {
  const begun = continued.begun;
  if (isMixed(context, answered, begun)) {
    return endLogin(continued, 400, 'issuer_mixed', 'iss names another issuer, or none');
  }
  if (now >= begun.begun + LOGIN_AGE) return endLogin(continued, 400, 'login_unknown', 'the login took too long');
  // RFC 6749 §4.1.2.1; the value is the browser's, so the log gets none of it.
  if (answered.error === 'access_denied') return endLogin(continued, 403, 'login_denied');
  if (answered.error !== '') {
    return endLogin(continued, 400, 'login_failed', 'the authorization endpoint answers with an error');
  }
  return redeemCode(context, answered.code, continued);
}

/**
 * Ends a login, whose answer the browser brings.
 * @returns what the login is for, or a page
 */
export function callBack(context: ClientContext, request: RequestLines, aim: LoginAim): LoginStep {
  const answered = request.method === 'GET' ? readAnswer(request, context) : undefined;
  const name = answered === undefined ? undefined : loginCookieName(context.login.cookie, answered.state, context.text);
  if (answered === undefined || name === undefined) return showPage(400, 'request_malformed', []);
  const openable = findLogin(context, request, name);
  if (openable === undefined) return showPage(400, 'login_unknown', []);
  const next = (opened: string | undefined, now: number): LoginStep => {
    const begun = opened === undefined ? undefined : parseLogin(opened, context.text);
    // INVARIANT: nothing of an answer counts, an error neither, before this browser has the login that it answers.
    if (begun?.state !== answered.state) return showPage(400, 'login_unknown', []);
    const ending = [formatRemoval(name, context.login.cookie)];
    return continueLogin(context, answered, { begun, ending, returnTo: aim.wayBack(begun), aim }, now);
  };
  return { kind: 'open', openable, next };
}
