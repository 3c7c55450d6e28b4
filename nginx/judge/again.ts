// The part that lets a request pass that passed before: the same request with the same remembered token or session, which are
// judged anew by all that can have changed. No rule is looked for (store/remembered-tokens/passages.ts).
// The engine njs makes all of it again in each request, so it has few functions.
import {
  KNOWN_CLIENT_HEADER,
  KNOWN_SUBJECT_HEADER,
  RULE_HEADER,
  SCOPES_HEADER,
  STATUS_HEADER,
  SUBJECT_HEADER,
  VARIABLE_PREFIX,
} from '../../src/answer/contract';
import { FORWARD_MARK } from '../answer/forward-mark';
import { COOKIE_VARIABLE } from '../answer/remainder-lines';
import { send } from '../answer/send';
import { setVariables, type HostRuling } from '../answer/variables';
import type { HttpRequest } from '../njs';
import { countIn, findMetricsZone, PASSED_REMEMBERED } from '../ports/counts';
import { findZone, loginName } from '../ports/shared-dictionaries';
import {
  CACHE_PLACE,
  CLIENT_PLACE,
  COOKIE_PLACE,
  FIRST_PLACE,
  HEADERS_PLACE,
  MARK_PLACE,
  nameRequest,
} from '../store/remembered-tokens/passages';
import {
  TAIL_LENGTH,
  type ContextMemory,
  type RememberedToken,
  type SessionCookies,
} from '../store/remembered-tokens/token-store';
import type { Host, Recalled } from './parts';
import { isEnded, lookAtCookies } from './session-cookies';

const NOTHING: Recalled = { cookieName: undefined, cookies: undefined, name: undefined, token: undefined };

/** The variables of the contract that the configuration declares: asked for once where that lasts. */
let declared: readonly string[] | undefined;

/** Characters of lines of cookies that a context keeps; nginx drops one that holds more than 4 MB. */
const MOST_CHARACTERS = 200000;

/** The name of the cookie of sessions; undefined where nobody signs in. */
function findCookieName(memory: ContextMemory | undefined, epoch: string): string | undefined {
  const snapshot = memory === undefined ? undefined : memory.snapshot;
  if (snapshot !== undefined && snapshot.epoch === epoch) {
    return snapshot.rules === undefined ? undefined : snapshot.rules.head.loginCookie;
  }
  const zone = findZone('jwtverify_keys');
  const name = zone === undefined ? undefined : zone.get(loginName(epoch));
  return typeof name === 'string' ? name : undefined;
}

/** Keeps what a line of cookies has, once a session of it is remembered. */
function keepLine(memory: ContextMemory, line: string, cookieName: string, cookies: SessionCookies): void {
  memory.lineCharacters += 2 * line.length;
  if (memory.lineCharacters > MOST_CHARACTERS) {
    memory.lines = {};
    memory.lineCharacters = 2 * line.length;
  }
  if (memory.lineCharacters <= MOST_CHARACTERS) memory.lines[line.slice(-TAIL_LENGTH)] = { line, cookieName, cookies };
}

/** What is remembered of the session of a request without a token. */
function recallSession(request: HttpRequest, host: Host, epoch: string): Recalled {
  const memory = host.memory;
  const cookieName = findCookieName(memory, epoch);
  if (cookieName === undefined) return NOTHING;
  const line = request.headersIn['Cookie'] ?? '';
  const kept = memory === undefined ? undefined : memory.lines[line.slice(-TAIL_LENGTH)];
  const isKept = kept !== undefined && kept.line === line && kept.cookieName === cookieName;
  const cookies = isKept ? kept.cookies : lookAtCookies(line, cookieName);
  const name = cookies === undefined ? undefined : cookies.name;
  const token = name === undefined ? undefined : host.recallToken(request, memory, epoch, name);
  if (memory !== undefined && cookies !== undefined && token !== undefined && !isKept) {
    keepLine(memory, line, cookieName, cookies);
  }
  return { cookieName, cookies, name, token };
}

/** Sets the variables that the configuration declares; claims that were not remembered, and are wanted, raise. */
function setDeclared(request: HttpRequest, token: RememberedToken, rule: string, client: string): void {
  const decision: HostRuling['decision'] = {
    allowed: true,
    status: 200,
    reason: '',
    challenge: '',
    scopes: token.scopes,
    subject: token.subject,
  };
  const caller = { subject: token.subject, client };
  const ruling: HostRuling = { decision, rule, caller, wouldBe: '', headers: [], forwardLines: undefined };
  setVariables(request, ruling, () => JSON.parse(token.variables) as readonly string[]);
}

/** Answers `auth_request`. */
function answer(request: HttpRequest, token: RememberedToken, passages: readonly string[], rule: string): void {
  const out = request.headersOut;
  out[STATUS_HEADER] = '200';
  if (token.scopes !== '') out[SCOPES_HEADER] = token.scopes;
  if (token.subject !== '') {
    out[SUBJECT_HEADER] = token.subject;
    out[KNOWN_SUBJECT_HEADER] = token.subject;
  }
  out[RULE_HEADER] = rule;
  const client = passages[CLIENT_PLACE] ?? '';
  if (client !== '') out[KNOWN_CLIENT_HEADER] = client;
  const first = Number(passages[FIRST_PLACE]);
  for (let place = HEADERS_PLACE; place < first; place += 3) {
    const value = passages[place + 2] ?? '';
    if (value !== '') out[passages[place + 1] ?? ''] = value;
  }
  send(request, 200);
}

/**
 * Lets a request pass as one like it did.
 * @param token what is remembered of the token in the Authorization header
 */
function judge(
  request: HttpRequest,
  host: Host,
  epoch: string,
  token: RememberedToken | undefined,
  isAsked: boolean,
): Recalled | 'passed' {
  let session: Recalled | undefined;
  let found = token;
  // A token counts alone.
  if (found === undefined && request.headersIn['Authorization'] === undefined) {
    session = recallSession(request, host, epoch);
    found = session.token;
  }
  const passages = found === undefined ? undefined : found.passages;
  const otherwise = session ?? { cookieName: undefined, cookies: undefined, name: undefined, token };
  if (found === undefined || passages === undefined) return otherwise;
  const variables = request.variables;
  const first = Number(passages[FIRST_PLACE]);
  const place = passages.indexOf(nameRequest(variables['request'] ?? ''), first);
  // Each is before its rule, which may be called as a request is.
  if (place < 0 || (place - first) % 2 !== 0) return otherwise;
  // INVARIANT: no request passes to a backend that would get a client's own headers.
  if (passages[MARK_PLACE] !== (isAsked ? 'auth' : 'access') + (variables[FORWARD_MARK] ?? '')) return otherwise;
  // Groups that the location asks for.
  if (isAsked && (variables['args'] ?? '') !== '') return otherwise;
  const cookieName = passages[COOKIE_PLACE] ?? '';
  let cookies: SessionCookies | undefined;
  if (session !== undefined) {
    if (session.cookieName !== cookieName || isEnded(found)) return otherwise;
    cookies = session.cookies;
  } else if (cookieName !== '') {
    // INVARIANT: the backend gets no cookie of login.
    cookies = lookAtCookies(request.headersIn['Cookie'] ?? '', cookieName);
    if (cookies === undefined) return otherwise;
  }
  const rule = passages[place + 1] ?? '';
  if (!isAsked) {
    declared = declared ?? (request.jsVarNames === undefined ? [] : request.jsVarNames(VARIABLE_PREFIX));
    if (declared.length > 0) setDeclared(request, found, rule, passages[CLIENT_PLACE] ?? '');
  }
  for (let header = HEADERS_PLACE; header < first; header += 3) {
    variables[passages[header] ?? ''] = passages[header + 2] ?? '';
  }
  const cache = passages[CACHE_PLACE] ?? '';
  if (cache !== '') variables[cache] = 'no-store';
  if (cookies !== undefined && cookies.rest !== undefined) variables[COOKIE_VARIABLE] = cookies.rest;
  variables[FORWARD_MARK] = '';
  const counts = findMetricsZone();
  if (counts !== undefined) countIn(counts, PASSED_REMEMBERED + rule);
  if (isAsked) answer(request, found, passages, rule);
  return 'passed';
}

/** `js_content` of the location that `auth_request` asks. */
export function auth(
  request: HttpRequest,
  host: Host,
  epoch: string,
  token: RememberedToken | undefined,
): Recalled | 'passed' {
  return judge(request, host, epoch, token, true);
}

/** `js_access`. */
export function access(
  request: HttpRequest,
  host: Host,
  epoch: string,
  token: RememberedToken | undefined,
): Recalled | 'passed' {
  return judge(request, host, epoch, token, false);
}
