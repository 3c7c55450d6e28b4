// Makes a session of the tokens that an issuer gave for a code: each is verified, their claims are put together, and the
// policy's terms for the issuer must hold.
import { asStrings, findMember, type JsonObject } from '../codec/json';
import type { OpenIdClient } from '../model/login';
import type { RequestLines } from '../token/places/request-lines';
import { MAX_TOKEN_LENGTH } from '../token/compact';
import type { Step } from '../token/step';
import { ownAuthority } from './authority';
import type { LoginAim, Redeemed } from './callback';
import { sessionIdOf } from './digest';
import { checkIdToken, idTokenTrust, narrowTrust, type Expected } from './id-token';
import { pathsOf, pickClaims, withClaims } from './pick-claims';
import { acceptSession, sessionClaims } from './session';
import { sealSession } from './session-cookies';
import type { Session } from './session-text';
import type { LoginPage } from './pages';
import { redirect, showPage, type ClientContext, type LoginContext, type LoginStep } from './step';
import { checkOwnReturn } from './start';
import type { IssuedTokens } from './token-endpoint';

/** Why a token is not verified, for the log. */
function describeRefusal(token: string, last: Step): string {
  return token + ': ' + (last.kind === 'refused' ? last.decision.reason : 'its keys cannot be fetched');
}

/** Whether an access token was issued to the client: as `azp`, `client_id`, `appid`, or in `aud`. */
function isIssuedTo(claims: JsonObject, clientId: string): boolean {
  const names = ['azp', 'client_id', 'appid', 'cid'];
  for (let index = 0; index < names.length; index++) {
    if (findMember(claims, names[index] ?? '') === clientId) return true;
  }
  const audience = findMember(claims, 'aud');
  return audience === clientId || (asStrings(audience) ?? []).indexOf(clientId) >= 0;
}

/** What is wrong with an access token whose claims a session is to have; undefined for a good one. */
function checkAccess(claims: JsonObject | undefined, id: JsonObject, clientId: string): string | undefined {
  if (claims === undefined || !isIssuedTo(claims, clientId)) return 'the access token is for another client';
  const subject = findMember(claims, 'sub');
  return subject === undefined || subject === findMember(id, 'sub')
    ? undefined
    : 'the access token is of another subject';
}

/** What only the ID token says of a sign-in: sessions have it, whatever `claims_from` lists. */
const OF_SIGN_IN: readonly string[] = ['sub', 'sid', 'auth_time', 'acr'];

/** The claims of both tokens, in the order in which they count. */
function joinClaims(login: OpenIdClient, id: JsonObject, access: JsonObject): JsonObject {
  if (login.claimsFrom.indexOf('id_token') >= 0) {
    return login.claimsFrom[0] === 'access_token' ? withClaims(access, id) : withClaims(id, access);
  }
  const names = OF_SIGN_IN.filter((name) => findMember(id, name) !== undefined);
  const values = names.map((name) => findMember(id, name) ?? '');
  return withClaims(access, { kind: 'object', names, values });
}

/**
 * Verifies the tokens, and continues with their claims, in the order in which they count.
 * @param fail continues with what is wrong, for the log
 */
export function verifyTokens(
  context: ClientContext,
  tokens: IssuedTokens,
  expected: Expected,
  then: (claims: JsonObject, now: number) => LoginStep,
  fail: (detail: string) => LoginStep,
): LoginStep {
  const login = context.login;
  const trust = idTokenTrust(context);
  const id = tokens.id;
  if (trust === undefined || id === undefined) return fail('the token endpoint sent no ID token');

  function addAccess(claims: JsonObject, now: number): LoginStep {
    const open = narrowTrust(context.trust, login, undefined, undefined);
    if (open === undefined || login.claimsFrom.indexOf('access_token') < 0) return then(claims, now);
    const next = (last: Step, later: number): LoginStep => {
      if (last.kind !== 'verified') return fail(describeRefusal('the access token', last));
      const more = last.verified.decision.claims;
      const fault = checkAccess(more, claims, login.clientId);
      if (fault !== undefined || more === undefined) return fail(fault ?? '');
      return then(joinClaims(login, claims, more), later);
    };
    return { kind: 'verify', trust: open, token: tokens.access, next };
  }

  const next = (last: Step, now: number): LoginStep => {
    const claims = last.kind === 'verified' ? last.verified.decision.claims : undefined;
    if (claims === undefined) return fail(describeRefusal('the ID token', last));
    const fault = checkIdToken(context, id, claims, expected);
    return fault === undefined ? addAccess(claims, now) : fail(fault);
  };
  return { kind: 'verify', trust, token: id, next };
}

/** The claims of the tokens that a session keeps. */
export function keepClaims(context: LoginContext, claims: JsonObject): JsonObject {
  const terms = context.trust.settings.issuers[context.login.issuer]?.terms;
  return pickClaims(claims, terms === undefined ? [] : pathsOf(terms, context.trust.settings.policy));
}

/** What a session keeps of the tokens themselves. */
export function keepTokens(
  context: LoginContext,
  tokens: IssuedTokens,
  now: number,
): Pick<Session, 'expires' | 'refreshed' | 'refresh' | 'access' | 'id'> {
  return {
    expires: tokens.lifetime === undefined ? undefined : now + tokens.lifetime,
    refreshed: now,
    refresh: tokens.refresh,
    access: context.login.keepsAccessToken ? tokens.access : undefined,
    id: context.login.keepsIdToken ? tokens.id : undefined,
  };
}

/** Ends a login with a session, or with a page. */
export function establishSession(
  context: LoginContext,
  request: RequestLines,
  redeemed: Redeemed,
  at: number,
): LoginStep {
  const login = context.login;
  const begun = redeemed.begun;
  const tokens = redeemed.tokens;
  // RFC 6750 §2.1 sets no limit; ours is that of every token.
  const isLong = (tokens.id ?? '').length > MAX_TOKEN_LENGTH;
  const refuse = (page: LoginPage, detail: string): LoginStep =>
    showPage(403, page, redeemed.ending, detail, redeemed.returnTo);
  const fail = (detail: string): LoginStep => refuse(isLong ? 'session_too_large' : 'token_refused', detail);
  const expected = { nonce: begun.nonce, access: tokens.access, code: redeemed.code, subject: undefined };
  const seal = (claims: JsonObject, now: number): LoginStep => {
    const terms = {
      issuer: begun.issuer,
      clientId: login.clientId,
      sessionId: sessionIdOf(begun.verifier, context.hash),
      began: at,
      ends: at + login.maxAge,
      scope: tokens.scope ?? login.scopes,
    };
    const kept = sessionClaims(terms, keepClaims(context, claims));
    const session: Session = Object.assign({ claims: kept }, keepTokens(context, tokens, at));
    const last = acceptSession(context, session, now);
    if (last.kind !== 'verified') return fail(describeRefusal('the session', last));
    return sealSession(context, request, session, now, (sealed, problem) =>
      sealed === undefined
        ? refuse('session_too_large', problem)
        : redirect(begun.returnTo, redeemed.ending.concat(sealed.cookies)),
    );
  };
  return verifyTokens(context, tokens, expected, seal, fail);
}

/** What becomes of a login that succeeds here: a session. */
export function sessionAim(context: LoginContext, request: RequestLines): LoginAim {
  return {
    wayBack: (begun) => checkOwnReturn(context, begun.returnTo, ownAuthority(request, context.login, context.text)),
    finish: (redeemed, now) => establishSession(context, request, redeemed, now),
  };
}
