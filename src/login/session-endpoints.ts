// `auth` and `userinfo`: what a session says, for a proxy that asks (OAuth2-Proxy's names) and for the application itself.
import { refuse } from '../answer/decision';
import type { Reason } from '../answer/reason';
import { forwardHeaders } from '../claims/forwarded-headers';
import type { Identity } from '../claims/identity';
import type { Json } from '../codec/json';
import { formatJson } from '../codec/json-format';
import { lowerAscii } from '../codec/percent';
import type { Text } from '../codec/text';
import type { ForwardTerm } from '../model/policy';
import { readAllowed } from '../request/allowed-groups';
import { coversHost } from '../request/canonical-host';
import { queryOf, type RequestLines } from '../token/places/request-lines';
import { judgeVerified } from '../token/verified-token';
import { ownAuthority } from './authority';
import { findSession } from './find-session';
import type { Parameter } from './query';
import { acceptSession, sessionReason } from './session';
import { removeSession } from './session-cookies';
import { parseSession } from './session-text';
import type { LoginContext, LoginStep } from './step';

/** OAuth2-Proxy's. */
const FIELDS: readonly ForwardTerm[] = [
  { name: 'X-Auth-Request-User', kind: 'field', field: 'user' },
  { name: 'X-Auth-Request-Email', kind: 'field', field: 'email' },
  { name: 'X-Auth-Request-Groups', kind: 'field', field: 'groups' },
  { name: 'X-Auth-Request-Preferred-Username', kind: 'field', field: 'preferred_username' },
];

/** Refuses a session. @param cookies that free the browser of one that will never open */
function refuseSession(reason: Reason, cookies: readonly string[]): LoginStep {
  const decision = refuse(reason);
  const fields: Parameter[] = decision.challenge === '' ? [] : [['WWW-Authenticate', decision.challenge]];
  return { kind: 'reply', reply: { status: decision.status, reason, cookies, fields, detail: reason } };
}

/** Continues with the caller of a good session; whoever has none is refused. */
function withCaller(context: LoginContext, request: RequestLines, then: (caller: Identity) => LoginStep): LoginStep {
  const found = findSession(context.login, request.lines('cookie'), context.text);
  if (found.kind === 'absent') return refuseSession('credentials_missing', []);
  const drop = (): LoginStep => refuseSession('session_invalid', removeSession(context, request, []));
  if (found.kind === 'malformed') return drop();
  const next = (opened: string | undefined, now: number): LoginStep => {
    const session = opened === undefined ? undefined : parseSession(opened, context.text);
    if (session === undefined) return drop();
    const last = acceptSession(context, session, now);
    if (last.kind !== 'verified') {
      return refuseSession(
        last.kind === 'refused' && last.decision.reason !== '' ? last.decision.reason : 'internal_error',
        [],
      );
    }
    const decision = judgeVerified(last.verified, context.denyList, context.text, now);
    const caller = last.verified.identity;
    if (decision.reason !== '') return refuseSession(sessionReason(decision.reason), []);
    return caller === undefined ? refuseSession('internal_error', []) : then(caller);
  };
  return { kind: 'open', openable: found.openable, next };
}

/** Whether an email is of a domain; `.a.example` and `*.a.example` are all below it, `*` is any. */
function isOfDomain(email: string, domain: string, text: Text): boolean {
  const parts = email.split('@');
  const own = parts.length < 2 ? '' : lowerAscii(parts[parts.length - 1] ?? '', text);
  const wanted = lowerAscii(domain, text);
  if (own === '' || wanted === '*') return own !== '';
  const below = wanted.charAt(0) === '*' ? wanted.substring(1) : wanted;
  if (below.charAt(0) !== '.') return own === below;
  return own.length > below.length && own.substring(own.length - below.length) === below;
}

/** The reason against a caller by the query's lists, any one of each will do; undefined when there is none. */
function findFault(query: string, caller: Identity, text: Text): Reason | undefined {
  const groups = readAllowed(query, 'allowed_groups', text);
  if (groups !== undefined && !groups.some((group) => caller.groups.indexOf(group) >= 0)) {
    return caller.groupsOverage ? 'groups_overage' : 'groups_refused';
  }
  const emails = readAllowed(query, 'allowed_emails', text);
  const domains = readAllowed(query, 'allowed_email_domains', text);
  if (emails === undefined && domains === undefined) return undefined;
  if (caller.emailUnverified) return 'email_unverified';
  const email = lowerAscii(caller.email, text);
  if (emails !== undefined && !emails.some((one) => email !== '' && lowerAscii(one, text) === email)) {
    return 'email_refused';
  }
  const isOutside = domains !== undefined && !domains.some((domain) => isOfDomain(email, domain, text));
  return isOutside ? 'email_refused' : undefined;
}

/** The email, unless the issuer marks it as unverified. */
function withoutUnverified(caller: Identity): Identity {
  return caller.emailUnverified ? Object.assign({}, caller, { email: '' }) : caller;
}

/**
 * `auth`: 202 for a good session, with the caller's headers; 401 without one; 403 for one that the query's lists leave out.
 * It judges the session alone: no rule, since it is not asked about another path.
 */
export function answerAuth(context: LoginContext, request: RequestLines): LoginStep {
  return withCaller(context, request, (caller) => {
    const own = ownAuthority(request, context.login, context.text)?.host ?? '';
    const isElsewhere = caller.hosts?.some((pattern) => coversHost(pattern, own)) === false;
    const fault = isElsewhere ? 'issuer_host_refused' : findFault(queryOf(request.target) ?? '', caller, context.text);
    if (fault !== undefined) return refuseSession(fault, []);
    const headers = forwardHeaders(withoutUnverified(caller), FIELDS, context.text);
    const fields = headers.map((header): Parameter => [header.name, header.value]);
    return { kind: 'reply', reply: { status: 202, cookies: [], fields } };
  });
}

/** `userinfo`: the caller as JSON. */
export function answerUserInfo(context: LoginContext, request: RequestLines): LoginStep {
  return withCaller(context, request, (whole) => {
    const caller = withoutUnverified(whole);
    const names: string[] = [];
    const values: Json[] = [];
    const add = (name: string, value: string): void => {
      if (value === '') return;
      names.push(name);
      values.push(value);
    };
    add('user', caller.user);
    add('email', caller.email);
    if (caller.groups.length > 0) {
      names.push('groups');
      values.push({ kind: 'array', items: caller.groups });
    }
    add('preferredUsername', caller.preferred_username);
    return { kind: 'reply', reply: { status: 200, cookies: [], json: formatJson({ kind: 'object', names, values }) } };
  });
}
