// `sign_out`: ends the session here, and at the issuer where it has a sign-out (OpenID Connect RP-Initiated Logout 1.0 §2).
import { findMember } from '../codec/json';
import { queryOf, type RequestLines } from '../token/places/request-lines';
import { originOf, ownAuthority } from './authority';
import { findNames } from './chunks';
import { findSession } from './find-session';
import { loginCookies } from './login-in-progress';
import { isForeign } from './page-load';
import type { Parameter } from './query';
import { endOf } from './session';
import { removeSession } from './session-cookies';
import { parseSession, type Session } from './session-text';
import { formatRemoval } from './set-cookie';
import { findReturn } from './start';
import type { LoginContext, LoginForm, LoginStep } from './step';

/** Every cookie of login that the browser sent. */
function removeAll(context: LoginContext, request: RequestLines): readonly string[] {
  const cookie = context.login.cookie;
  const begun = findNames(request.lines('cookie'), loginCookies(cookie));
  return removeSession(context, request, []).concat(begun.map((name) => formatRemoval(name, cookie)));
}

/** §2: the form for the issuer; undefined where it has no sign-out, or there is no session. */
function formFor(context: LoginContext, session: Session | undefined, returnTo: string): LoginForm | undefined {
  const action = context.endpoints.ok ? context.endpoints.endpoints.endSession : undefined;
  if (action === undefined || session === undefined || !context.login.keepsIdToken) return undefined;
  // A session that was too large has no ID token: the issuer then asks the person.
  const hint: Parameter[] = session.id === undefined ? [] : [['id_token_hint', session.id]];
  const fields = hint.concat([
    ['client_id', context.login.clientId],
    ['post_logout_redirect_uri', returnTo],
  ]);
  return { action, fields };
}

/** Without it the Back button would show what the browser has kept (Clear Site Data §3.1); browsers follow it over HTTPS alone. */
function clearCache(context: LoginContext): readonly Parameter[] {
  return context.login.cookie.secure ? [['Clear-Site-Data', '"cache"']] : [];
}

/** Ends a session. @param session undefined where the request has none that opens */
function end(context: LoginContext, request: RequestLines, session: Session | undefined): LoginStep {
  const own = ownAuthority(request, context.login, context.text);
  const target = findReturn(context, request, own);
  const cookies = removeAll(context, request);
  const url = target.charAt(0) === '/' && own !== undefined ? originOf(own, context.login) + target : target;
  const form = formFor(context, session, url);
  const id = session === undefined ? undefined : findMember(session.claims, 'jti');
  const denies =
    session === undefined || typeof id !== 'string'
      ? undefined
      : { entry: 'jti:' + id, before: undefined, until: endOf(session, context.login.maxAge) };
  const fields = clearCache(context);
  // The start page would send the browser to the issuer, which might sign it in at once.
  if (form === undefined && target !== '/') {
    return { kind: 'reply', reply: { status: 302, location: target, cookies, denies, fields } };
  }
  return { kind: 'reply', reply: { status: 200, page: 'signed_out', form, cookies, denies, fields } };
}

/** Signs out; whoever has no session goes on to where sign-out leads. */
export function signOut(context: LoginContext, request: RequestLines): LoginStep {
  if (isForeign(request)) {
    const query = queryOf(request.target);
    const action = context.login.prefix + '/sign_out' + (query === undefined ? '' : '?' + query);
    const form = { action, fields: [] };
    return { kind: 'reply', reply: { status: 200, page: 'sign_out', form, cookies: [] } };
  }
  const found = findSession(context.login, request.lines('cookie'), context.text);
  if (found.kind !== 'sealed') return end(context, request, undefined);
  const next = (opened: string | undefined): LoginStep =>
    end(context, request, opened === undefined ? undefined : parseSession(opened, context.text));
  return { kind: 'open', openable: found.openable, next };
}
