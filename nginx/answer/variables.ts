// Sets nginx's variables after a judgement: those of `js_access`, and those of the policy's headers.
import {
  AUTHORIZED_VARIABLE,
  CHALLENGE_VARIABLE,
  CLAIM_PREFIX,
  KNOWN_CLIENT_HEADER,
  KNOWN_CLIENT_VARIABLE,
  KNOWN_SUBJECT_HEADER,
  KNOWN_SUBJECT_VARIABLE,
  REASON_VARIABLE,
  RULE_VARIABLE,
  SCOPES_VARIABLE,
  SHADOW_VARIABLE,
  STATUS_VARIABLE,
  SUBJECT_VARIABLE,
  VARIABLE_PREFIX,
} from '../../src/answer/contract';
import type { Decision } from '../../src/answer/decision';
import type { ForwardedHeader } from '../../src/claims/forwarded-headers';
import type { Reason } from '../../src/answer/reason';
import type { HttpRequest } from '../njs';
import { text } from '../ports/text';
import { FORWARD_MARK, type ForwardLines } from './forward-mark';
import { ARGS_VARIABLE, MOST_SET_COOKIES, SET_COOKIE_VARIABLE } from './remainder-lines';

/** The names of a verified token's caller, for logs. */
export interface Caller {
  readonly subject: string;
  readonly client: string;
}

/** A part of the request that the backend gets otherwise than the client sent it, in the variable of nginx's lines. */
export interface ChangedPart {
  readonly variable: string;
  readonly value: string;
}

/** The published part of a judgement. */
export interface HostRuling {
  readonly decision: Omit<Decision, 'claims'>;
  /** The name of the rule that decided; empty without one. */
  readonly rule: string;
  /** The caller of a verified token, allowed or not; undefined when no token was verified. */
  readonly caller?: Caller | undefined;
  /** The reason for which a request that passes in shadow mode would have been refused; empty otherwise. */
  readonly wouldBe: Reason | '';
  /** Identity headers for the backend. */
  readonly headers: readonly ForwardedHeader[];
  /** Every header that the policy may set, and its variable; undefined where there are none. */
  readonly forwardLines: ForwardLines | undefined;
  /** The parts that had a token; undefined where tokens are in the Authorization header alone. */
  readonly changed?: readonly ChangedPart[];
}

/**
 * Sets the parts of the request that had a token. A variable that the configuration does not declare raises, but for the
 * query alone: no backend gets it unless a line names it.
 */
export function setChangedParts(request: HttpRequest, changed: readonly ChangedPart[]): void {
  for (let index = 0; index < changed.length; index++) {
    const part = changed[index];
    if (part === undefined) continue;
    try {
      request.variables[part.variable] = part.value;
    } catch (error) {
      if (part.variable !== ARGS_VARIABLE) throw error;
    }
  }
}

/**
 * Sets every variable that `proxy_set_header` uses, so that nothing is left of an earlier judgement.
 * INVARIANT: the mark counts for one judgement: the next location that nginx enters has to set it again.
 */
export function setForwardedHeaders(request: HttpRequest, ruling: HostRuling): void {
  const forwardLines = ruling.forwardLines;
  if (forwardLines === undefined) return;
  for (let index = 0; index < forwardLines.headers.length; index++) {
    const line = forwardLines.headers[index];
    if (line === undefined) continue;
    let value = '';
    for (let place = 0; place < ruling.headers.length; place++) {
      const header = ruling.headers[place];
      if (header?.name === line.name && !text.hasControl(header.value)) value = header.value;
    }
    request.variables[line.variable] = value;
  }
  // RFC 9111 §5.2.1.5: without `Authorization` a cache behind would serve one user's page to everybody.
  if (forwardLines.cache !== '' && request.headersIn['Authorization'] !== undefined) {
    request.variables[forwardLines.cache] = 'no-store';
  }
  if (ruling.changed !== undefined) setChangedParts(request, ruling.changed);
  request.variables[FORWARD_MARK] = '';
}

/**
 * Gives every header of the policy a value. nginx sends no header that is empty; a blank is not part of the value that a
 * gateway reads (RFC 9110 §5.5).
 * INVARIANT: a gateway forwards its client's own header where the answer has none of that name.
 */
export function setBlanks(request: HttpRequest, ruling: HostRuling): void {
  const headers = ruling.forwardLines?.headers ?? [];
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index];
    if (header !== undefined) request.headersOut[header.name] = ' ';
  }
}

/**
 * Sets the Set-Cookie fields of a refreshed session, for the lines that send them with the answer of the backend.
 * INVARIANT: the lines declare the variables; a request without them was refused before.
 */
export function setCookieVariables(request: HttpRequest, cookies: readonly string[]): void {
  for (let index = 0; index < cookies.length && index < MOST_SET_COOKIES; index++) {
    request.variables[SET_COOKIE_VARIABLE + (index + 1).toString()] = cookies[index] ?? '';
  }
}

/** The fields that the first judge of this request has set, for an answer in place of the backend's. */
export function readCookieVariables(request: HttpRequest): readonly string[] {
  const cookies: string[] = [];
  for (let number = 1; number <= MOST_SET_COOKIES; number++) {
    const field = request.variables[SET_COOKIE_VARIABLE + number.toString()];
    if (field !== undefined && field !== '') cookies.push(field);
  }
  return cookies;
}

/** Sends an `auth_request` the caller of the token. */
export function setCaller(request: HttpRequest, ruling: HostRuling): void {
  const caller = ruling.caller;
  if (caller === undefined) return;
  const headers = request.headersOut;
  if (caller.subject !== '' && !text.hasControl(caller.subject)) headers[KNOWN_SUBJECT_HEADER] = caller.subject;
  if (caller.client !== '' && !text.hasControl(caller.client)) headers[KNOWN_CLIENT_HEADER] = caller.client;
}

function valueOf(ruling: HostRuling, variable: string): string | undefined {
  const decision = ruling.decision;
  if (variable === AUTHORIZED_VARIABLE) return decision.allowed ? '1' : '0';
  if (variable === STATUS_VARIABLE) return decision.status.toString();
  if (variable === REASON_VARIABLE) return decision.reason;
  if (variable === CHALLENGE_VARIABLE) return decision.challenge;
  if (variable === SCOPES_VARIABLE) return decision.scopes;
  if (variable === SUBJECT_VARIABLE) return decision.subject;
  if (variable === RULE_VARIABLE) return ruling.rule;
  if (variable === KNOWN_SUBJECT_VARIABLE) return ruling.caller?.subject ?? '';
  if (variable === KNOWN_CLIENT_VARIABLE) return ruling.caller?.client ?? '';
  if (variable === SHADOW_VARIABLE) return ruling.wouldBe;
  // A claim that this token does not have: its variable must not keep an earlier value.
  return variable.indexOf(CLAIM_PREFIX) === 0 ? '' : undefined;
}

/**
 * Sets those of the contract's variables that the configuration declares with `js_var`.
 * @param claimsOf the claims' variables, names and values in turn; called when one is declared
 */
export function setVariables(request: HttpRequest, ruling: HostRuling, claimsOf: () => readonly string[]): void {
  const declared = request.jsVarNames?.(VARIABLE_PREFIX) ?? [];
  let hasClaims = false;
  for (let index = 0; index < declared.length; index++) {
    const variable = declared[index];
    const value = variable === undefined ? undefined : valueOf(ruling, variable);
    if (variable === undefined || value === undefined) continue;
    request.variables[variable] = value;
    if (variable.indexOf(CLAIM_PREFIX) === 0) hasClaims = true;
  }
  const claims = hasClaims ? claimsOf() : [];
  for (let place = 0; place + 1 < claims.length; place += 2) {
    const name = CLAIM_PREFIX + (claims[place] ?? '');
    if (declared.indexOf(name) >= 0) request.variables[name] = claims[place + 1] ?? '';
  }
}
