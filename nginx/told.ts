// What nginx is told of a judgement besides the response: variables for `js_access` and for the policy's headers.
import type { Decision } from '../src/core/decision';
import type { ForwardedHeader } from '../src/core/forward';
import type { Reason } from '../src/core/reason';
import type { HttpRequest } from './host';
import { text } from './ports/text';
import { WIRING_VARIABLE, type Wiring } from './wiring';

const CLAIM_PREFIX = 'oauth_claim_';

/** What is told of a judgement. */
export interface Told {
  readonly decision: Omit<Decision, 'claims'>;
  /** The name of the rule that decided; empty without one. */
  readonly rule: string;
  /** The reason for which a request that passes in shadow mode would have been refused; empty otherwise. */
  readonly wouldBe: Reason | '';
  /** Identity headers for the backend. */
  readonly headers: readonly ForwardedHeader[];
  /** Every header that the policy may set, and its variable; undefined where there are none. */
  readonly wiring: Wiring | undefined;
}

/**
 * Sets the variables that `proxy_set_header` takes, each of them, so that nothing is left of an earlier judgement.
 * INVARIANT: the mark counts for one judgement: a location that nginx goes on to has to set it again.
 */
export function setWires(request: HttpRequest, told: Told): void {
  const wiring = told.wiring;
  if (wiring === undefined) return;
  for (let index = 0; index < wiring.headers.length; index++) {
    const wire = wiring.headers[index];
    if (wire === undefined) continue;
    let value = '';
    for (let place = 0; place < told.headers.length; place++) {
      const header = told.headers[place];
      if (header !== undefined && header.name === wire.name && !text.hasControl(header.value)) value = header.value;
    }
    request.variables[wire.variable] = value;
  }
  request.variables[WIRING_VARIABLE] = '';
}

/**
 * Gives every header of the policy a value. nginx sends no header that is empty; a blank is not part of the value that a
 * gateway reads (RFC 9110 §5.5).
 * INVARIANT: a gateway hands on its client's own header where the answer has none of that name.
 */
export function setBlanks(request: HttpRequest, told: Told): void {
  const headers = told.wiring === undefined ? [] : told.wiring.headers;
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index];
    if (header !== undefined) request.headersOut[header.name] = ' ';
  }
}

function valueOf(told: Told, variable: string): string | undefined {
  const decision = told.decision;
  if (variable === 'oauth_authorized') return decision.allowed ? '1' : '0';
  if (variable === 'oauth_status') return decision.status.toString();
  if (variable === 'oauth_reason') return decision.reason;
  if (variable === 'oauth_challenge') return decision.challenge;
  if (variable === 'oauth_scopes') return decision.scopes;
  if (variable === 'oauth_subject') return decision.subject;
  if (variable === 'oauth_rule') return told.rule;
  if (variable === 'oauth_shadow') return told.wouldBe;
  // A claim that this token does not have: nothing may be left of an earlier one.
  return variable.indexOf(CLAIM_PREFIX) === 0 ? '' : undefined;
}

/**
 * Sets those of the contract's variables that the configuration declares with `js_var`.
 * @param claimsOf the claims' variables, names and values in turn; asked for when one is declared
 */
export function setVariables(request: HttpRequest, told: Told, claimsOf: () => readonly string[]): void {
  const declared = request.jsVarNames === undefined ? [] : request.jsVarNames('oauth_');
  let hasClaims = false;
  for (let index = 0; index < declared.length; index++) {
    const variable = declared[index];
    const value = variable === undefined ? undefined : valueOf(told, variable);
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
