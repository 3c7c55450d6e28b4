// A decision as nginx's response or variables.
import { problemBody, PROBLEM_TYPE } from '../src/core/answer';
import { claimVariables } from '../src/core/claim-variables';
import type { Decision } from '../src/core/decision';
import type { ForwardedHeader } from '../src/core/forward';
import type { Reason } from '../src/core/reason';
import type { HttpRequest } from './host';
import { logShadow } from './ports/log';
import { text } from './ports/text';
import { WIRING_VARIABLE, type Wiring } from './wiring';

const CLAIM_PREFIX = 'oauth_claim_';

/** A decision, and what a policy adds to it. */
export interface Answer {
  readonly decision: Decision;
  /** The name of the rule that decided; empty without one. */
  readonly rule: string;
  /** The reason for which a request that passes in shadow mode would have been refused; empty otherwise. */
  readonly wouldBe: Reason | '';
  /** Identity headers for the backend. */
  readonly headers: readonly ForwardedHeader[];
  /** Every header that the policy may set, and its variable; undefined where there are none. */
  readonly wiring: Wiring | undefined;
  /** The claims' variables, names and values in turn; undefined: made from the decision's claims. */
  readonly claims: readonly string[] | undefined;
}

/** RFC 9110 §5.5: a value with a control character never becomes a header (njs before 1.0 would let it end the line). */
function setHeader(request: HttpRequest, name: string, value: string): void {
  if (value !== '' && !text.hasControl(value)) request.headersOut[name] = value;
}

function setHeaders(request: HttpRequest, answer: Answer): void {
  const decision = answer.decision;
  setHeader(request, 'X-OAuth-Status', decision.status.toString());
  setHeader(request, 'X-OAuth-Reason', decision.reason);
  setHeader(request, 'X-OAuth-Scopes', decision.scopes);
  setHeader(request, 'X-OAuth-Subject', decision.subject);
  setHeader(request, 'X-OAuth-Rule', answer.rule);
  setHeader(request, 'X-OAuth-Shadow', answer.wouldBe);
  setHeader(request, 'WWW-Authenticate', decision.challenge);
  for (let index = 0; index < answer.headers.length; index++) {
    const header = answer.headers[index];
    if (header !== undefined) setHeader(request, header.name, header.value);
  }
}

/**
 * Sets the variables that `proxy_set_header` takes, each of them, so that nothing is left of an earlier judgement.
 * INVARIANT: the mark counts for one judgement: a location that nginx goes on to has to set it again.
 */
function setWires(request: HttpRequest, answer: Answer): void {
  const wiring = answer.wiring;
  if (wiring === undefined) return;
  for (let index = 0; index < wiring.headers.length; index++) {
    const wire = wiring.headers[index];
    if (wire === undefined) continue;
    let value = '';
    for (let place = 0; place < answer.headers.length; place++) {
      const header = answer.headers[place];
      if (header !== undefined && header.name === wire.name && !text.hasControl(header.value)) value = header.value;
    }
    request.variables[wire.variable] = value;
  }
  request.variables[WIRING_VARIABLE] = '';
}

function report(answer: Answer): void {
  if (answer.wouldBe !== '') logShadow(answer.rule, answer.wouldBe);
}

/** Sends the refusal itself: status, challenge and problem details (RFC 9457). */
function sendRefusal(request: HttpRequest, decision: Decision, status: number): void {
  request.headersOut['Content-Type'] = PROBLEM_TYPE;
  request.return(status, problemBody(decision));
}

/** What a gateway is answered; another nginx, whose `auth_request` knows no other refusals, 401 or 403. */
function statusFor(request: HttpRequest, decision: Decision): number {
  const asksSo = request.variables['jwtverify_auth_request'] === '1';
  return asksSo && decision.status !== 401 ? 403 : decision.status;
}

/**
 * Answers `auth_request`, which makes a 500 of anything but 2xx, 401 and 403: a refusal that has a challenge becomes
 * 401, so that nginx hands the challenge on, any other 403; one that another token cannot mend stays 403.
 * `X-OAuth-Status` has the exact status.
 */
export function answerAuthRequest(request: HttpRequest, answer: Answer): void {
  const decision = answer.decision;
  report(answer);
  setWires(request, answer);
  setHeaders(request, answer);
  if (decision.allowed) request.return(200);
  else request.return(decision.challenge === '' || decision.status === 403 ? 403 : 401);
}

/**
 * Gives every header of the policy a value. nginx sends no header that is empty; a blank is not part of the value that a
 * gateway reads (RFC 9110 §5.5).
 * INVARIANT: a gateway hands on its client's own header where the answer has none of that name.
 */
function setBlanks(request: HttpRequest, answer: Answer): void {
  const headers = answer.wiring === undefined ? [] : answer.wiring.headers;
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index];
    if (header !== undefined) request.headersOut[header.name] = ' ';
  }
}

/** Answers a gateway that asks from outside, with the exact status. */
export function answerGateway(request: HttpRequest, answer: Answer): void {
  report(answer);
  if (answer.decision.allowed) setBlanks(request, answer);
  setHeaders(request, answer);
  if (answer.decision.allowed) request.return(200);
  else sendRefusal(request, answer.decision, statusFor(request, answer.decision));
}

function valueOf(answer: Answer, variable: string): string | undefined {
  const decision = answer.decision;
  if (variable === 'oauth_authorized') return decision.allowed ? '1' : '0';
  if (variable === 'oauth_status') return decision.status.toString();
  if (variable === 'oauth_reason') return decision.reason;
  if (variable === 'oauth_challenge') return decision.challenge;
  if (variable === 'oauth_scopes') return decision.scopes;
  if (variable === 'oauth_subject') return decision.subject;
  if (variable === 'oauth_rule') return answer.rule;
  if (variable === 'oauth_shadow') return answer.wouldBe;
  // A claim that this token does not have: nothing may be left of an earlier one.
  return variable.indexOf(CLAIM_PREFIX) === 0 ? '' : undefined;
}

/** The claims' variables, names and values in turn. */
function claimsOf(answer: Answer): readonly string[] {
  if (answer.claims !== undefined || answer.decision.claims === undefined) return answer.claims ?? [];
  const list: string[] = [];
  const variables = claimVariables(answer.decision.claims, text);
  for (let index = 0; index < variables.length; index++) {
    const variable = variables[index];
    if (variable !== undefined) list.push(variable.name, String(variable.value));
  }
  return list;
}

/** Sets those of the contract's variables that the configuration declares with `js_var`. */
function setVariables(request: HttpRequest, answer: Answer): void {
  const declared = request.jsVarNames === undefined ? [] : request.jsVarNames('oauth_');
  let hasClaims = false;
  for (let index = 0; index < declared.length; index++) {
    const variable = declared[index];
    const value = variable === undefined ? undefined : valueOf(answer, variable);
    if (variable === undefined || value === undefined) continue;
    request.variables[variable] = value;
    if (variable.indexOf(CLAIM_PREFIX) === 0) hasClaims = true;
  }
  const claims = hasClaims ? claimsOf(answer) : [];
  for (let place = 0; place + 1 < claims.length; place += 2) {
    const name = CLAIM_PREFIX + (claims[place] ?? '');
    if (declared.indexOf(name) >= 0) request.variables[name] = claims[place + 1] ?? '';
  }
}

/** Answers in the access phase: returning without a response lets the request pass, so a refusal is always sent. */
export function answerAccess(request: HttpRequest, answer: Answer): void {
  const decision = answer.decision;
  report(answer);
  setVariables(request, answer);
  setWires(request, answer);
  if (decision.allowed) return;
  setHeader(request, 'WWW-Authenticate', decision.challenge);
  sendRefusal(request, decision, decision.status);
}
