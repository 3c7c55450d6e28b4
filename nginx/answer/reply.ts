// A decision as nginx's response or variables.
import {
  REASON_HEADER,
  RULE_HEADER,
  SCOPES_HEADER,
  SHADOW_HEADER,
  STATUS_HEADER,
  SUBJECT_HEADER,
} from '../../src/answer/contract';
import { problemBody, PROBLEM_TYPE } from '../../src/answer/problem-details';
import { claimVariables } from '../../src/claims/claim-variables';
import { refuse, type Decision } from '../../src/answer/decision';
import { describeUnasked } from '../../src/request/unasked';
import type { HttpRequest } from '../njs';
import type { LoginAnswer } from '../../src/login/login-answer';
import type { SignIn } from '../../src/model/login';
import { countDecision } from '../ports/counts';
import { logAudit, logNotices, logShadow } from '../ports/log';
import { send, sendPass } from './send';
import { text } from '../ports/text';
import {
  setBlanks,
  setCaller,
  setCookieVariables,
  setVariables,
  setForwardedHeaders,
  type HostRuling,
} from './variables';

/** A decision, and what a policy adds to it. */
export interface AnsweredRuling extends HostRuling {
  readonly decision: Decision;
  /** The claims' variables, names and values in turn; undefined: made from the decision's claims. */
  readonly claims: readonly string[] | undefined;
  /** The line of a decision on a verified token (`describeAudit`); undefined or empty: none. */
  readonly audit?: string | undefined;
  /** The metadata document, in JSON, where a gateway asks about its address; empty otherwise. */
  readonly metadata: string;
  /** Of a refusal where the policy signs browsers in: what a page load gets instead. */
  readonly signIn?: SignIn | undefined;
  /** Set-Cookie fields that must reach the browser, whatever was decided. */
  readonly cookies?: readonly string[];
  /** What a page load gets in place of a refusal: the way to sign in, or a page. */
  readonly page?: LoginAnswer | undefined;
}

/** RFC 9110 §5.5: a value with a control character never becomes a header (in njs before 1.0 it would end the line). */
function setHeader(request: HttpRequest, name: string, value: string): void {
  if (value !== '' && !text.hasControl(value)) request.headersOut[name] = value;
}

/** Sends a whole answer of login. Its cookies are lines of their own. */
export function sendLogin(request: HttpRequest, answer: LoginAnswer): void {
  const cookies: string[] = [];
  let location: string | undefined;
  for (let index = 0; index < answer.headers.length; index++) {
    const line = answer.headers[index];
    if (line === undefined) continue;
    if (line[0] === 'Set-Cookie') cookies.push(line[1]);
    else if (line[0] === 'Location') location = line[1];
    else request.headersOut[line[0]] = line[1];
  }
  if (cookies.length > 0) request.headersOut['Set-Cookie'] = cookies;
  // INVARIANT: an answer has a body, or a location: without both nginx may replace it by an `error_page`.
  send(request, answer.status, location ?? (answer.body === '' ? '\n' : answer.body));
}

function setHeaders(request: HttpRequest, ruling: AnsweredRuling): void {
  const decision = ruling.decision;
  setHeader(request, STATUS_HEADER, decision.status.toString());
  setHeader(request, REASON_HEADER, decision.reason);
  setHeader(request, SCOPES_HEADER, decision.scopes);
  setHeader(request, SUBJECT_HEADER, decision.subject);
  setHeader(request, RULE_HEADER, ruling.rule);
  setHeader(request, SHADOW_HEADER, ruling.wouldBe);
  setHeader(request, 'WWW-Authenticate', decision.challenge);
  for (let index = 0; index < ruling.headers.length; index++) {
    const header = ruling.headers[index];
    if (header !== undefined) setHeader(request, header.name, header.value);
  }
}

const NO_COOKIES: readonly string[] = [];

function setCookies(request: HttpRequest, ruling: AnsweredRuling): void {
  const cookies = ruling.cookies ?? NO_COOKIES;
  if (cookies.length > 0) request.headersOut['Set-Cookie'] = cookies.slice();
}

/** Counts a decision, and logs one of shadow mode. */
function report(ruling: AnsweredRuling): void {
  countDecision(ruling.decision, ruling.rule, ruling.wouldBe);
  if (ruling.wouldBe !== '') logShadow(ruling.rule, ruling.wouldBe);
}

/** Logs a decision on a verified token; called when nothing is left but to send it. */
function audit(ruling: AnsweredRuling): void {
  if (ruling.audit !== undefined && ruling.audit !== '') logAudit(ruling.audit);
}

/**
 * RFC 9111 §5.2.2.5: one client's answer is not for another.
 * INVARIANT: a cache between a gateway and the authorizer would let everybody pass with one client's token.
 */
function forbidStoring(request: HttpRequest): void {
  request.headersOut['Cache-Control'] = 'no-store';
}

/** Sends the refusal itself: status, challenge and problem details (RFC 9457). */
function sendRefusal(request: HttpRequest, decision: Decision, status: number): void {
  request.headersOut['Content-Type'] = PROBLEM_TYPE;
  forbidStoring(request);
  send(request, status, problemBody(decision));
}

/** The status for a gateway; for another nginx, whose `auth_request` knows no other refusals, 401 or 403. */
function statusFor(request: HttpRequest, decision: Decision): number {
  const asksSo = request.variables['jwtverify_auth_request'] === '1';
  return asksSo && decision.status !== 401 ? 403 : decision.status;
}

/**
 * Answers `auth_request`, which makes a 500 of anything but 2xx, 401 and 403: a refusal that has a challenge becomes
 * 401, so that nginx hands the challenge on, any other 403; one that another token cannot mend stays 403.
 * `X-OAuth-Status` has the exact status.
 */
export function answerAuthRequest(request: HttpRequest, ruling: AnsweredRuling): void {
  const decision = ruling.decision;
  report(ruling);
  setForwardedHeaders(request, ruling);
  setHeaders(request, ruling);
  setCaller(request, ruling);
  setCookieVariables(request, ruling.cookies ?? NO_COOKIES);
  audit(ruling);
  if (decision.allowed) send(request, 200);
  // INVARIANT: a refusal has a body. Without one nginx would replace it by an `error_page`, whose 200 lets every request in.
  else sendRefusal(request, decision, decision.challenge === '' || decision.status === 403 ? 403 : 401);
}

/** What a gateway has to say, and the reasons for which it is looked whether it did. */
const ASKED = ['jwtverify_method', 'jwtverify_target'];
const UNASKED = ['method_missing', 'target_malformed'];

/** Logs that a gateway did not name the request that it asks about. */
function reportUnasked(request: HttpRequest, reason: string): void {
  if (UNASKED.indexOf(reason) < 0) return;
  const empty = ASKED.filter((name) => request.variables[name] === '').map((name) => '$' + name);
  if (empty.length > 0) logNotices([describeUnasked(empty)], true);
}

/** Answers a gateway that asks from outside, with the exact status. */
export function answerGateway(request: HttpRequest, ruling: AnsweredRuling): void {
  report(ruling);
  forbidStoring(request);
  reportUnasked(request, ruling.decision.reason);
  if (ruling.decision.allowed) setBlanks(request, ruling);
  setHeaders(request, ruling);
  setCookies(request, ruling);
  audit(ruling);
  const page = ruling.page;
  // nginx's `auth_request` hands on no page.
  if (page !== undefined && request.variables['jwtverify_auth_request'] !== '1') {
    sendLogin(request, page);
    return;
  }
  if (!ruling.decision.allowed) {
    sendRefusal(request, ruling.decision, statusFor(request, ruling.decision));
    return;
  }
  if (ruling.metadata !== '') request.headersOut['Content-Type'] = 'application/json';
  sendPass(request, ruling.metadata === '' ? undefined : ruling.metadata);
}

/** The claims' variables, names and values in turn. */
function claimsOf(ruling: AnsweredRuling): readonly string[] {
  if (ruling.claims !== undefined || ruling.decision.claims === undefined) return ruling.claims ?? [];
  const list: string[] = [];
  const variables = claimVariables(ruling.decision.claims, text);
  for (let index = 0; index < variables.length; index++) {
    const variable = variables[index];
    if (variable !== undefined) list.push(variable.name, String(variable.value));
  }
  return list;
}

/** Answers in the access phase: returning without a response lets the request pass, so a refusal is always sent. */
export function answerAccess(request: HttpRequest, ruling: AnsweredRuling): void {
  const decision = ruling.decision;
  report(ruling);
  setVariables(request, ruling, () => claimsOf(ruling));
  setForwardedHeaders(request, ruling);
  // nginx sends them with the answer of the backend.
  setCookies(request, ruling);
  audit(ruling);
  if (decision.allowed) return;
  if (ruling.page !== undefined) {
    sendLogin(request, ruling.page);
    return;
  }
  setHeader(request, 'WWW-Authenticate', decision.challenge);
  sendRefusal(request, decision, decision.status);
}

/** Answers a request that `auth_request` refused: what its page load gets, or the refusal with its exact status. */
export function answerSignIn(request: HttpRequest, ruling: AnsweredRuling): void {
  // INVARIANT: nothing passes here; a request that would is one that the first judge refused for another reason.
  const decision = ruling.decision.allowed ? refuse('groups_refused') : ruling.decision;
  setCookies(request, ruling);
  if (ruling.page !== undefined) {
    sendLogin(request, ruling.page);
    return;
  }
  setHeader(request, 'WWW-Authenticate', decision.challenge);
  sendRefusal(request, decision, decision.status);
}
