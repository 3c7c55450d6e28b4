// A decision as nginx's response or variables.
import { problemBody, PROBLEM_TYPE } from '../src/core/answer';
import { claimVariables } from '../src/core/claim-variables';
import type { Decision } from '../src/core/decision';
import type { HttpRequest } from './host';
import { logShadow } from './ports/log';
import { text } from './ports/text';
import { setBlanks, setVariables, setWires, type Told } from './told';

/** A decision, and what a policy adds to it. */
export interface Answer extends Told {
  readonly decision: Decision;
  /** The claims' variables, names and values in turn; undefined: made from the decision's claims. */
  readonly claims: readonly string[] | undefined;
  /** The metadata document, in JSON, where a gateway asks about its address; empty otherwise. */
  readonly metadata: string;
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
  // INVARIANT: a refusal has a body. Without one nginx would replace it by an `error_page`, whose 200 lets everyone in.
  else sendRefusal(request, decision, decision.challenge === '' || decision.status === 403 ? 403 : 401);
}

/** Answers a gateway that asks from outside, with the exact status. */
export function answerGateway(request: HttpRequest, answer: Answer): void {
  report(answer);
  if (answer.decision.allowed) setBlanks(request, answer);
  setHeaders(request, answer);
  if (!answer.decision.allowed) {
    sendRefusal(request, answer.decision, statusFor(request, answer.decision));
    return;
  }
  if (answer.metadata !== '') request.headersOut['Content-Type'] = 'application/json';
  request.return(200, answer.metadata === '' ? undefined : answer.metadata);
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

/** Answers in the access phase: returning without a response lets the request pass, so a refusal is always sent. */
export function answerAccess(request: HttpRequest, answer: Answer): void {
  const decision = answer.decision;
  report(answer);
  setVariables(request, answer, () => claimsOf(answer));
  setWires(request, answer);
  if (decision.allowed) return;
  setHeader(request, 'WWW-Authenticate', decision.challenge);
  sendRefusal(request, decision, decision.status);
}
