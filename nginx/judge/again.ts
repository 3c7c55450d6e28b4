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
import { findEndedZone, findZone, loginName } from '../ports/shared-dictionaries';
import { isDeniedBy } from '../store/remembered-tokens/denied-by';
import {
  CACHE_PLACE,
  CLIENT_PLACE,
  COOKIE_PLACE,
  ENDS_PLACE,
  FIRST_PLACE,
  HEADERS_PLACE,
  LINE_NAME,
  MARK_PLACE,
  nameRequest,
  REST_PLACE,
} from '../store/remembered-tokens/passages';
import {
  TAIL_LENGTH,
  type ContextMemory,
  type KeptLine,
  type RememberedToken,
  type SessionCookies,
} from '../store/remembered-tokens/token-store';
import type { Host, Recalled } from './parts';
import { lookAtCookies } from './session-cookies';

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
function keepLine(memory: ContextMemory, kept: KeptLine): void {
  const characters = 2 * kept.line.length + kept.token.identity.length;
  memory.lineCharacters += characters;
  if (memory.lineCharacters > MOST_CHARACTERS) {
    memory.lines = {};
    memory.lineCharacters = characters;
  }
  if (characters <= MOST_CHARACTERS) memory.lines[kept.line.slice(-TAIL_LENGTH)] = kept;
}

/** What is remembered of a session by the whole line of cookies. */
function recallLine(request: HttpRequest, host: Host, epoch: string, line: string): Recalled | undefined {
  const memory = host.memory;
  if (memory !== undefined) {
    const kept = memory.lines[line.slice(-TAIL_LENGTH)];
    if (kept === undefined || kept.line !== line || kept.token.epoch !== epoch) return undefined;
    return host.recallToken(request, memory, epoch, line, kept.token) === undefined ? undefined : kept;
  }
  const name = LINE_NAME + line;
  const token = host.recallToken(request, undefined, epoch, name);
  const passages = token === undefined ? undefined : token.passages;
  if (passages === undefined) return undefined;
  return { cookieName: passages[COOKIE_PLACE], cookies: { name, rest: passages[REST_PLACE] }, name, token };
}

/** What is remembered of the session of a request without a token. */
function recallSession(request: HttpRequest, host: Host, epoch: string): Recalled {
  const line = request.headersIn['Cookie'];
  if (line === undefined) return NOTHING;
  const known = recallLine(request, host, epoch, line);
  if (known !== undefined) return known;
  const memory = host.memory;
  const cookieName = findCookieName(memory, epoch);
  if (cookieName === undefined) return NOTHING;
  const cookies = lookAtCookies(line, cookieName);
  const name = cookies === undefined ? undefined : cookies.name;
  const token = name === undefined ? undefined : host.recallToken(request, memory, epoch, name);
  if (memory !== undefined && cookies !== undefined && token !== undefined) {
    keepLine(memory, { line, cookieName, cookies, name, token });
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

/** Lets a request pass as one like it did. */
function judge(request: HttpRequest, host: Host, epoch: string, isAsked: boolean): Recalled | 'passed' {
  const authorization = request.headersIn['Authorization'];
  // A token counts alone.
  const session = authorization === undefined ? recallSession(request, host, epoch) : undefined;
  const found = session === undefined ? host.recallToken(request, host.memory, epoch, authorization) : session.token;
  const passages = found === undefined ? undefined : found.passages;
  const otherwise = session ?? { cookieName: undefined, cookies: undefined, name: undefined, token: found };
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
    if (session.cookieName !== cookieName) return otherwise;
    const ended = findEndedZone();
    if (ended !== undefined && isDeniedBy(ended, passages[ENDS_PLACE] ?? '')) return otherwise;
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
export function auth(request: HttpRequest, host: Host, epoch: string): Recalled | 'passed' {
  return judge(request, host, epoch, true);
}

/** `js_access`. */
export function access(request: HttpRequest, host: Host, epoch: string): Recalled | 'passed' {
  return judge(request, host, epoch, false);
}
