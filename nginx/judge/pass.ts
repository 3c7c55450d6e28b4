// The part that lets requests pass by a policy: those that need no token, and those with a remembered one. The engine njs
// makes all of it again in each request, so it has only what passing needs (bench/notes.md has the savings).
import { RULE_HEADER, SCOPES_HEADER, STATUS_HEADER, SUBJECT_HEADER } from '../../src/answer/contract';
import { assessTarget, assessToken, mayBeReadOtherwise } from '../../src/policy/assess';
import type { HttpRequest } from '../njs';
import { openPieces, type Pieces, type PolicyGist } from '../store/policy-store';
import { send, sendPass } from '../answer/send';
import { ALLOWED, countIn, findMetricsZone, PASSED_REMEMBERED } from '../ports/counts';
import { text } from '../ports/text';
import { findZone, gistName } from '../ports/shared-dictionaries';
import { readIdentity } from '../store/remembered-tokens/identity';
import { readFacts, readGroups, readToken, type Way } from '../ports/request-facts';
import { recallToken } from '../store/remembered-tokens/recall';
import {
  setBlanks,
  setCaller,
  setVariables,
  setForwardedHeaders,
  type ChangedPart,
  type HostRuling,
} from '../answer/variables';
import { COOKIE_VARIABLE } from '../answer/remainder-lines';
import { hasForwardLines } from '../answer/forward-mark';
import { keepPassed } from './keep-passage';
import type { Host, PassState, Recalled } from './parts';
import { isEnded, lookAtCookies } from './session-cookies';
import type { SessionCookies } from '../store/remembered-tokens/token-store';

/** The published part of a request that passes. */
interface PassedRuling extends HostRuling {
  /** The claims' variables as JSON, names and values in turn. */
  readonly variables: string;
}

interface Rules {
  readonly gist: PolicyGist;
  readonly pieces: Pieces;
}

/** The policy of the current epoch. */
function findRules(host: Host, epoch: string): Rules | undefined {
  const snapshot = host.memory === undefined ? undefined : host.memory.snapshot;
  if (snapshot !== undefined && snapshot.epoch === epoch) {
    return snapshot.rules === undefined ? undefined : { gist: snapshot.rules.head, pieces: snapshot.rules };
  }
  const zone = findZone('jwtverify_keys');
  const source = zone === undefined ? undefined : zone.get(gistName(epoch));
  if (zone === undefined || typeof source !== 'string') return undefined;
  const gist = JSON.parse(source) as PolicyGist;
  return { gist, pieces: openPieces(zone, gist.stamp, gist.otherwise, undefined) };
}

function rulingFor(
  gist: PolicyGist,
  rule: string,
  scopes: string,
  subject: string,
  headers: HostRuling['headers'],
): HostRuling {
  const decision: HostRuling['decision'] = { allowed: true, status: 200, reason: '', challenge: '', scopes, subject };
  return { decision, rule, wouldBe: '', headers, forwardLines: gist.forwardLines };
}

function judge(
  request: HttpRequest,
  host: Host,
  epoch: string,
  way: Way,
  recalled: Recalled | undefined,
): PassedRuling | PassState {
  const rules = findRules(host, epoch);
  if (rules === undefined) return 'unknown';
  const gist = rules.gist;
  if (gist.leaves !== undefined) return gist.leaves;
  const policy = gist.policy;
  // INVARIANT: no request passes to a backend that would get a client's own headers.
  if (way !== 'authorizer' && !hasForwardLines(request, gist.forwardLines, way === 'auth')) return 'unknown';
  const facts = readFacts(request, way, policy);
  if (facts === undefined) return 'unknown';
  const loginCookie = gist.loginCookie;
  // Where browsers sign in, the part that verifies refuses: it knows what a page load gets.
  const refused = loginCookie === undefined ? 'refused' : 'unknown';
  // The part that refuses judges every reading of a path with escapes.
  if (mayBeReadOtherwise(policy, facts)) return refused;
  const writing = rules.pieces.writing();
  const asked = assessTarget(policy, rules.pieces.table, facts, text);
  // INVARIANT: an index that has lost a node meanwhile decides nothing.
  if (!rules.pieces.isWhole(writing)) return 'unknown';
  const changed: ChangedPart[] = [];
  let name: string | undefined;
  let cookies: SessionCookies | undefined;
  if (loginCookie !== undefined) {
    cookies =
      recalled !== undefined && recalled.cookieName === loginCookie
        ? recalled.cookies
        : lookAtCookies(request.headersIn['Cookie'] ?? '', loginCookie);
    if (cookies === undefined) return 'unknown';
    name = cookies.name;
    if (cookies.rest !== undefined && way !== 'authorizer') {
      changed.push({ variable: COOKIE_VARIABLE, value: cookies.rest });
    }
  }
  if (asked.kind === 'pass') {
    return Object.assign(rulingFor(gist, asked.rule, '', '', []), { variables: '[]', changed });
  }
  if (asked.kind !== 'token') return refused;
  // A token counts alone.
  if (name !== undefined && request.headersIn['Authorization'] !== undefined) name = undefined;
  // The access token of a session is sealed in it.
  if (name !== undefined && policy.tokenHeaders.length > 0) return 'unknown';
  const remembered =
    recalled !== undefined && recalled.name === name ? recalled.token : recallToken(request, host.memory, epoch, name);
  const identity = remembered === undefined ? undefined : readIdentity(remembered);
  if (remembered === undefined || identity === undefined) return 'unknown';
  if (name !== undefined) {
    if (isEnded(remembered)) return 'unknown';
    // No cache behind may keep the answer to a request that passes without its session.
    if (way !== 'authorizer') changed.push({ variable: gist.forwardLines.cache, value: 'no-store' });
  }
  const now = Math.floor(Date.now() / 1000);
  // Few rules need it: the part that refuses has it, and where parts last, this one has it from there.
  const check = host.refuse === undefined ? undefined : host.refuse.checkFurther;
  const groups = readGroups(request, way);
  const reason = assessToken(policy.clockSkew, asked, identity, groups, text, now, check);
  if (reason !== undefined) return refused;
  if (way !== 'authorizer' && groups === undefined) {
    keepPassed(request, way, host.memory, gist, asked, identity, remembered, name === undefined ? undefined : cookies);
  }
  let headers = identity.headers;
  if (policy.tokenHeaders.length > 0) {
    const token = readToken(request, policy.tokenHeaders);
    headers = headers.concat(policy.tokenHeaders.map((name) => ({ name, value: token })));
  }
  const pass = rulingFor(gist, asked.rule.name, identity.scopes, identity.subject, headers);
  return Object.assign(pass, { variables: remembered.variables, caller: identity, changed });
}

/** INVARIANT: values of a remembered token were checked for control characters before it was remembered. */
function setHeaders(request: HttpRequest, pass: PassedRuling): void {
  const out = request.headersOut;
  out[STATUS_HEADER] = '200';
  if (pass.decision.scopes !== '') out[SCOPES_HEADER] = pass.decision.scopes;
  if (pass.decision.subject !== '') out[SUBJECT_HEADER] = pass.decision.subject;
  out[RULE_HEADER] = pass.rule;
  for (let index = 0; index < pass.headers.length; index++) {
    const header = pass.headers[index];
    if (header !== undefined) out[header.name] = header.value;
  }
}

/** Counts a request that passes. */
function countPass(pass: PassedRuling): void {
  const zone = findMetricsZone();
  if (zone !== undefined) countIn(zone, (pass.caller === undefined ? ALLOWED : PASSED_REMEMBERED) + pass.rule);
}

/** `js_content` of the location that `auth_request` asks. */
export function auth(request: HttpRequest, host: Host, epoch: string, recalled: Recalled | undefined): PassState {
  const pass = judge(request, host, epoch, 'auth', recalled);
  if (typeof pass === 'string') return pass;
  setForwardedHeaders(request, pass);
  setHeaders(request, pass);
  setCaller(request, pass);
  countPass(pass);
  send(request, 200);
  return 'passed';
}

/** `js_content` for a gateway that asks from outside. */
export function authorizer(request: HttpRequest, host: Host, epoch: string, recalled: Recalled | undefined): PassState {
  const pass = judge(request, host, epoch, 'authorizer', recalled);
  if (typeof pass === 'string') return pass;
  request.headersOut['Cache-Control'] = 'no-store';
  setBlanks(request, pass);
  setHeaders(request, pass);
  countPass(pass);
  sendPass(request);
  return 'passed';
}

/** `js_access`. */
export function access(request: HttpRequest, host: Host, epoch: string, recalled: Recalled | undefined): PassState {
  const pass = judge(request, host, epoch, 'access', recalled);
  if (typeof pass === 'string') return pass;
  // Claims that were not remembered, and are wanted, raise here and so lead to a full judgement.
  setVariables(request, pass, () => JSON.parse(pass.variables) as readonly string[]);
  setForwardedHeaders(request, pass);
  countPass(pass);
  return 'passed';
}
