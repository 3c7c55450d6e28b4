// The njs module: what `js_import` brings into an nginx configuration.
// The engine njs runs this top level in every request, so what a remembered token does not need stands in two parts,
// each the body of one function (docs/decisions/0007).
import { openJudge } from 'part:judge';
import { openManage } from 'part:manage';
import type { HttpRequest } from './host';
import type { Remembered } from './memory';
import type { Host, JudgePart } from './parts/judge';
import type { ManagePart } from './parts/manage';
import { recall } from './seen';

/** Last from request to request in a context of QuickJS; njs starts every request with these lines. */
let judgePart: JudgePart | undefined;
let managePart: ManagePart | undefined;

function manage(): ManagePart {
  managePart = managePart ?? openManage();
  return managePart;
}

function judge(): JudgePart {
  judgePart = judgePart ?? openJudge();
  return judgePart;
}

const host: Host = { memory: undefined, manage };

/** INVARIANT: values of a remembered token were checked for control characters before it was remembered. */
function allow(request: HttpRequest, seen: Remembered): void {
  const headers = request.headersOut;
  headers['X-OAuth-Status'] = '200';
  if (seen.scopes !== '') headers['X-OAuth-Scopes'] = seen.scopes;
  if (seen.subject !== '') headers['X-OAuth-Subject'] = seen.subject;
  request.return(200);
}

/** `js_content` of the location that `auth_request` asks: 200, 401 or 403. */
function auth(request: HttpRequest): Promise<void> | undefined {
  try {
    const seen = recall(request, host.memory);
    if (seen !== undefined) {
      allow(request, seen);
      return undefined;
    }
  } catch (error) {
    // The part that judges meets what is wrong as well, and refuses.
  }
  return judge().auth(request, host);
}

/** `js_content` for a gateway that asks from outside: the exact status and problem details. */
function authorizer(request: HttpRequest): Promise<void> | undefined {
  try {
    const seen = recall(request, host.memory);
    if (seen !== undefined) {
      allow(request, seen);
      return undefined;
    }
  } catch (error) {
    // The part that judges meets what is wrong as well, and refuses.
  }
  return judge().authorizer(request, host);
}

function claimOf(seen: Remembered, name: string): string {
  const claims = JSON.parse(seen.variables) as readonly string[];
  for (let index = 0; index < claims.length; index += 2) {
    if (claims[index] === name) return claims[index + 1] ?? '';
  }
  return '';
}

/** Sets those of the contract's variables that the configuration declares; false when a claim is not remembered. */
function setVariables(request: HttpRequest, seen: Remembered): boolean {
  const declared = request.jsVarNames === undefined ? [] : request.jsVarNames('oauth_');
  const variables = request.variables;
  for (let index = 0; index < declared.length; index++) {
    const name = declared[index] ?? '';
    if (name === 'oauth_scopes') variables[name] = seen.scopes;
    else if (name === 'oauth_subject') variables[name] = seen.subject;
    else if (name === 'oauth_authorized') variables[name] = '1';
    else if (name === 'oauth_status') variables[name] = '200';
    else if (name === 'oauth_reason' || name === 'oauth_challenge') variables[name] = '';
    else if (name.slice(0, 12) === 'oauth_claim_') {
      if (seen.variables === '') return false;
      variables[name] = claimOf(seen, name.slice(12));
    }
  }
  return true;
}

/** `js_access` (njs 0.9.9): lets the request pass or answers it, and sets `js_var` variables. */
function access(request: HttpRequest): Promise<void> | undefined {
  try {
    const seen = recall(request, host.memory);
    if (seen !== undefined && setVariables(request, seen)) return undefined;
  } catch (error) {
    // The part that judges meets what is wrong as well, and refuses.
  }
  return judge().access(request, host);
}

/** `js_content`: 200 when settings are good and every issuer's keys are there, otherwise 503; JSON tells more. */
function health(request: HttpRequest): Promise<void> {
  return manage().health(request);
}

/** `js_periodic` (njs 0.8.1): fetches keys that are due. */
function refresh(): Promise<void> {
  return manage().refresh();
}

/** `js_content` of a location for the operator alone: what is denied, by GET, PUT and DELETE. */
function deny(request: HttpRequest): void {
  manage().deny(request);
}

export default { auth, authorizer, access, health, refresh, deny };
