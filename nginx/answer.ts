// A decision as nginx's response or variables.
import { problemBody, PROBLEM_TYPE } from '../src/core/answer';
import { claimVariables } from '../src/core/claim-variables';
import type { Decision } from '../src/core/decision';
import type { HttpRequest } from './host';
import { text } from './ports/text';

const CLAIM_PREFIX = 'oauth_claim_';

/** RFC 9110 §5.5: a value with a control character never becomes a header (njs before 1.0 would let it end the line). */
function setHeader(request: HttpRequest, name: string, value: string): void {
  if (value !== '' && !text.hasControl(value)) request.headersOut[name] = value;
}

function setHeaders(request: HttpRequest, decision: Decision): void {
  setHeader(request, 'X-OAuth-Status', decision.status.toString());
  setHeader(request, 'X-OAuth-Reason', decision.reason);
  setHeader(request, 'X-OAuth-Scopes', decision.scopes);
  setHeader(request, 'X-OAuth-Subject', decision.subject);
  setHeader(request, 'WWW-Authenticate', decision.challenge);
}

/** Sends the refusal itself: status, challenge and problem details (RFC 9457). */
function sendRefusal(request: HttpRequest, decision: Decision): void {
  request.headersOut['Content-Type'] = PROBLEM_TYPE;
  request.return(decision.status, problemBody(decision));
}

/**
 * Answers `auth_request`, which makes a 500 of anything but 2xx, 401 and 403: a refusal that has a challenge becomes
 * 401, so that nginx hands the challenge on, any other 403. `X-OAuth-Status` has the exact status.
 */
export function answerAuthRequest(request: HttpRequest, decision: Decision): void {
  setHeaders(request, decision);
  if (decision.allowed) request.return(200);
  else request.return(decision.challenge === '' ? 403 : 401);
}

/** Answers a gateway that asks from outside, with the exact status. */
export function answerGateway(request: HttpRequest, decision: Decision): void {
  setHeaders(request, decision);
  if (decision.allowed) request.return(200);
  else sendRefusal(request, decision);
}

function valueOf(decision: Decision, variable: string): string | undefined {
  if (variable === 'oauth_authorized') return decision.allowed ? '1' : '0';
  if (variable === 'oauth_status') return decision.status.toString();
  if (variable === 'oauth_reason') return decision.reason;
  if (variable === 'oauth_challenge') return decision.challenge;
  if (variable === 'oauth_scopes') return decision.scopes;
  if (variable === 'oauth_subject') return decision.subject;
  // A claim that this token does not have: nothing may be left of an earlier one.
  return variable.indexOf(CLAIM_PREFIX) === 0 ? '' : undefined;
}

/** Sets those of the contract's variables that the configuration declares with `js_var`. */
function setVariables(request: HttpRequest, decision: Decision): void {
  const declared = request.jsVarNames === undefined ? [] : request.jsVarNames('oauth_');
  for (let index = 0; index < declared.length; index++) {
    const variable = declared[index];
    const value = variable === undefined ? undefined : valueOf(decision, variable);
    if (variable !== undefined && value !== undefined) request.variables[variable] = value;
  }
  const claims = decision.claims === undefined ? [] : claimVariables(decision.claims, text);
  for (let index = 0; index < claims.length; index++) {
    const claim = claims[index];
    if (claim === undefined || declared.indexOf(CLAIM_PREFIX + claim.name) === -1) continue;
    request.variables[CLAIM_PREFIX + claim.name] = String(claim.value);
  }
}

/** Answers in the access phase: returning without a response lets the request pass, so a refusal is always sent. */
export function answerAccess(request: HttpRequest, decision: Decision): void {
  setVariables(request, decision);
  if (decision.allowed) return;
  setHeader(request, 'WWW-Authenticate', decision.challenge);
  sendRefusal(request, decision);
}
