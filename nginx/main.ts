// The njs module: what `js_import` brings into an nginx configuration.
// The engine njs runs this top level in every request, so what a remembered token does not need stands in parts,
// each the body of one function, and there are few functions here (docs/decisions/0007).
import { openJudge } from 'part:judge';
import { openManage } from 'part:manage';
import { openPolicy } from 'part:policy';
import { openRefusal } from 'part:refusal';
import type { HttpRequest } from './host';
import type { Remembered } from './memory';
import type { Host } from './parts/parts';
import { recall } from './seen';

/** Lasts from request to request in a context of QuickJS; njs starts every request with these lines. */
const host: Host = {
  memory: undefined,
  judge: undefined,
  policy: undefined,
  refusal: undefined,
  manage: undefined,
  openManage,
};

/** The variables of the contract that the configuration declares: asked for once where that lasts. */
let declared: readonly string[] | undefined;

/** INVARIANT: values of a remembered token were checked for control characters before it was remembered. */
function allow(request: HttpRequest, seen: Remembered): void {
  const headers = request.headersOut;
  headers['X-OAuth-Status'] = '200';
  if (seen[3] !== '') headers['X-OAuth-Scopes'] = seen[3];
  if (seen[4] !== '') headers['X-OAuth-Subject'] = seen[4];
  request.return(200);
}

/** `js_content` of the location that `auth_request` asks: 200, 401 or 403. */
function auth(request: HttpRequest): Promise<void> | undefined {
  try {
    const seen = recall(request, host.memory);
    if (typeof seen === 'string') {
      const passing = openPolicy(host).auth(request, host, seen);
      if (passing === 'passed') return undefined;
      if (passing === 'refused' && openRefusal(host).auth(request, host, seen)) return undefined;
      // Without a policy nobody knows a token's groups: a question for them is refused by the part that judges.
    } else if (seen !== undefined && (request.variables['args'] ?? '').indexOf('allowed_groups') < 0) {
      allow(request, seen);
      return undefined;
    }
  } catch (error) {
    // The part that judges meets what is wrong as well, and refuses.
  }
  return openJudge(host).auth(request, host);
}

/** `js_content` for a gateway that asks from outside: the exact status and problem details. */
function authorizer(request: HttpRequest): Promise<void> | undefined {
  try {
    const seen = recall(request, host.memory);
    if (typeof seen === 'string') {
      const passing = openPolicy(host).authorizer(request, host, seen);
      if (passing === 'passed') return undefined;
      if (passing === 'refused' && openRefusal(host).authorizer(request, host, seen)) return undefined;
    } else if (seen !== undefined && (request.variables['args'] ?? '').indexOf('allowed_groups') < 0) {
      allow(request, seen);
      return undefined;
    }
  } catch (error) {
    // As above.
  }
  return openJudge(host).authorizer(request, host);
}

/** `js_access` (njs 0.9.9): lets the request pass or answers it, and sets those `js_var` variables that are declared. */
function access(request: HttpRequest): Promise<void> | undefined {
  try {
    const seen = recall(request, host.memory);
    if (typeof seen === 'string') {
      const passing = openPolicy(host).access(request, host, seen);
      if (passing === 'passed') return undefined;
      if (passing === 'refused' && openRefusal(host).access(request, host, seen)) return undefined;
      return openJudge(host).access(request, host);
    }
    const names = declared ?? (request.jsVarNames === undefined ? [] : request.jsVarNames('oauth_'));
    declared = names;
    const variables = request.variables;
    let claims: readonly string[] | undefined;
    for (let index = 0; seen !== undefined && index < names.length; index++) {
      const name = names[index] ?? '';
      if (name === 'oauth_scopes') variables[name] = seen[3];
      else if (name === 'oauth_subject') variables[name] = seen[4];
      else if (name === 'oauth_authorized') variables[name] = '1';
      else if (name === 'oauth_status') variables[name] = '200';
      else if (name === 'oauth_reason' || name === 'oauth_challenge') variables[name] = '';
      else if (name.slice(0, 12) === 'oauth_claim_') {
        // Not remembered raises here, and so leads to a full judgement.
        claims = claims ?? (JSON.parse(seen[6]) as readonly string[]);
        let value = '';
        for (let place = 0; place < claims.length; place += 2) {
          if (claims[place] === name.slice(12)) value = claims[place + 1] ?? '';
        }
        variables[name] = value;
      }
    }
    if (seen !== undefined) return undefined;
  } catch (error) {
    // As above.
  }
  return openJudge(host).access(request, host);
}

/** `js_content`: 200 when settings are good and every issuer's keys are there, otherwise 503; JSON tells more. */
function health(request: HttpRequest): Promise<void> {
  return openManage(host).health(request);
}

/** `js_periodic` (njs 0.8.1): fetches keys that are due. */
function refresh(): Promise<void> {
  return openManage(host).refresh();
}

/** `js_content` of a location for the operator alone: what is denied, by GET, PUT and DELETE. */
function deny(request: HttpRequest): void {
  openManage(host).deny(request);
}

/** `js_content` at the well-known address: where clients get a token for this API (RFC 9728). */
function metadata(request: HttpRequest): Promise<void> {
  return openManage(host).metadata(request);
}

/** `js_content` of a location for the operator alone: the lines that the configuration needs for the policy's headers. */
function forward(request: HttpRequest): Promise<void> {
  return openManage(host).forward(request);
}

export default { auth, authorizer, access, health, refresh, deny, metadata, forward };
