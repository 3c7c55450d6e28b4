// The njs module, for `js_import` of an nginx configuration.
// The engine njs runs this top level in every request, so code that a remembered token does not need is in parts,
// each the body of one function, and there are few functions here (docs/decisions/0007).
import { openVerify } from 'part:verify';
import { openManage } from 'part:manage';
import { openAgain } from 'part:again';
import { openBroker } from 'part:broker';
import { openPass } from 'part:pass';
import { openRefuse } from 'part:refuse';
import {
  AUTHORIZED_VARIABLE,
  CHALLENGE_VARIABLE,
  CLAIM_PREFIX,
  REASON_VARIABLE,
  SCOPES_HEADER,
  SCOPES_VARIABLE,
  STATUS_HEADER,
  STATUS_VARIABLE,
  SUBJECT_HEADER,
  SUBJECT_VARIABLE,
  VARIABLE_PREFIX,
} from '../src/answer/contract';
import type { HttpRequest } from './njs';
import type { RememberedToken } from './store/remembered-tokens/token-store';
import type { Host, Recalled } from './judge/parts';
import type { Way } from './ports/request-facts';
import { send, sendPass } from './answer/send';
import { PASSED_REMEMBERED } from './ports/counts';
import { recall, recallToken } from './store/remembered-tokens/recall';

/** Lasts from request to request in a context of QuickJS; njs starts every request with these lines. */
const host: Host = {
  memory: undefined,
  verify: undefined,
  again: undefined,
  pass: undefined,
  refuse: undefined,
  manage: undefined,
  login: undefined,
  broker: undefined,
  openManage,
  recallToken,
};

/** The variables of the contract that the configuration declares: asked for once where that lasts. */
let declared: readonly string[] | undefined;

/** INVARIANT: values of a remembered token were checked for control characters before it was remembered. */
function setHeaders(request: HttpRequest, token: RememberedToken): void {
  const headers = request.headersOut;
  headers[STATUS_HEADER] = '200';
  if (token.scopes !== '') headers[SCOPES_HEADER] = token.scopes;
  if (token.subject !== '') headers[SUBJECT_HEADER] = token.subject;
}

/** Without a policy the groups of a token are unknown: the part that verifies refuses a request that asks for groups. */
function asksForGroups(request: HttpRequest): boolean {
  return (request.variables['args'] ?? '').indexOf('allowed_groups') >= 0;
}

/** Sets those `js_var` variables that the configuration declares. A claim that was not remembered raises. */
function setVariables(request: HttpRequest, token: RememberedToken): void {
  const names = declared ?? (request.jsVarNames === undefined ? [] : request.jsVarNames(VARIABLE_PREFIX));
  declared = names;
  const variables = request.variables;
  let claims: readonly string[] | undefined;
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    if (name === SCOPES_VARIABLE) variables[name] = token.scopes;
    else if (name === SUBJECT_VARIABLE) variables[name] = token.subject;
    else if (name === AUTHORIZED_VARIABLE) variables[name] = '1';
    else if (name === STATUS_VARIABLE) variables[name] = '200';
    else if (name === REASON_VARIABLE || name === CHALLENGE_VARIABLE) variables[name] = '';
    else if (name.indexOf(CLAIM_PREFIX) === 0) {
      claims = claims ?? (JSON.parse(token.variables) as readonly string[]);
      let value = '';
      for (let place = 0; place < claims.length; place += 2) {
        if (CLAIM_PREFIX + (claims[place] ?? '') === name) value = claims[place + 1] ?? '';
      }
      variables[name] = value;
    }
  }
}

/**
 * Lets a request with a remembered token pass; whatever is not plain is judged in full.
 * @param pass answers where no policy is active, and returns whether it did
 */
function judge(request: HttpRequest, way: Way, pass: (token: RememberedToken) => boolean): Promise<void> | undefined {
  try {
    const found = recall(request, host.memory);
    if (typeof found === 'string') {
      let again: Recalled | undefined;
      if (way !== 'authorizer') {
        const passed = openAgain(host)[way](request, host, found);
        if (passed === 'passed') return undefined;
        again = passed;
      }
      const passing = openPass(host)[way](request, host, found, again);
      if (passing === 'passed') return undefined;
      if (passing === 'refused' && openRefuse(host)[way](request, host, found)) return undefined;
    } else if (found !== undefined && pass(found)) {
      const counts = found.counts;
      if (counts === undefined) return undefined;
      try {
        counts.incr(PASSED_REMEMBERED, 1);
      } catch (error) {
        // `jwtverify.metrics` reports a dictionary that cannot count.
      }
      return undefined;
    }
  } catch (error) {
    // The part that verifies meets what is wrong as well, and refuses.
  }
  return openVerify(host)[way](request, host);
}

/** `js_content` of the location that `auth_request` asks: 200, 401 or 403. */
function auth(request: HttpRequest): Promise<void> | undefined {
  return judge(request, 'auth', (token) => {
    if (asksForGroups(request)) return false;
    setHeaders(request, token);
    send(request, 200);
    return true;
  });
}

/** `js_content` for a gateway that asks from outside: the exact status and problem details. */
function authorizer(request: HttpRequest): Promise<void> | undefined {
  return judge(request, 'authorizer', (token) => {
    if (asksForGroups(request)) return false;
    request.headersOut['Cache-Control'] = 'no-store';
    setHeaders(request, token);
    sendPass(request);
    return true;
  });
}

/** `js_access` (njs 0.9.9): lets the request pass or answers it, and sets those `js_var` variables that are declared. */
function access(request: HttpRequest): Promise<void> | undefined {
  return judge(request, 'access', (token) => {
    setVariables(request, token);
    return true;
  });
}

/** `js_content` of login's addresses, and of what `auth_request` refused. */
function login(request: HttpRequest): Promise<void> | undefined {
  return openVerify(host).login(request, host);
}

/** `js_content`: 200 when settings are good and every issuer has keys, otherwise 503; the JSON has details. */
function health(request: HttpRequest): Promise<void> {
  return openManage(host).health(request);
}

/** `js_content` of a location for the operator alone: counts and states in Prometheus' text format. */
function metrics(request: HttpRequest): Promise<void> {
  return openManage(host).metrics(request);
}

/** `js_periodic` (njs 0.8.1): fetches keys that are due. */
function refresh(): Promise<void> {
  return openManage(host).refresh();
}

/** `js_content` of a location for the operator alone: lists and changes denied entries, by GET, PUT and DELETE. */
function deny(request: HttpRequest): Promise<void> {
  return openManage(host).deny(request);
}

/** `js_content` at the well-known address: where clients get a token for this API (RFC 9728). */
function metadata(request: HttpRequest): Promise<void> {
  return openManage(host).metadata(request);
}

/** `js_content` of a location for the operator alone: the lines that the configuration needs for the policy's headers. */
function forward(request: HttpRequest): Promise<void> {
  return openManage(host).forward(request);
}

/** `js_content` of the addresses of the issuer that this proxy is. */
function broker(request: HttpRequest): Promise<void> {
  return openManage(host)
    .broker(request)
    .then((isAnswered) => (isAnswered ? undefined : openBroker(host).broker(request, host)));
}

export default { auth, authorizer, access, login, broker, health, metrics, refresh, deny, metadata, forward };
