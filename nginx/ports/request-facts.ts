// The request that a policy's rules judge: the main request as it was sent, or the one that a gateway asks about.
import { extractBearer } from '../../src/token/bearer';
import { readAllowedGroups } from '../../src/request/allowed-groups';
import type { Policy } from '../../src/model/policy';
import { isCompared } from '../../src/policy/headers';
import type { Field, RequestFacts } from '../../src/request/request-target';
import type { HttpRequest } from '../njs';
import { text } from './text';

/** `auth`: nginx asks by a subrequest; `access`: within the request itself; `authorizer`: a gateway asks from outside. */
export type Way = 'auth' | 'access' | 'authorizer';

/** `sign_in`: what a request gets that `auth_request` refused; none passes in this way. */
export type AnyWay = Way | 'sign_in';

/** The part of a policy that says what is read. */
type JudgedBy = Pick<Policy, 'usesHosts' | 'comparedHeaders'>;

/** HTTP/3 needs no `Host`: nginx takes the host from `:authority` (RFC 9114 §4.3.1) and makes no line of it. */
export function hostsOf(request: HttpRequest): readonly string[] {
  const lines = request.rawHeadersIn.filter((field) => field[0].toLowerCase() === 'host').map((field) => field[1]);
  if (lines.length > 0 || request.variables['server_protocol'] !== 'HTTP/3.0') return lines;
  const host = request.variables['host'] ?? '';
  return host === '' ? lines : [host];
}

/** Fetch §3.2.2. */
function isPreflight(request: HttpRequest, method: string): boolean {
  if (method !== 'OPTIONS') return false;
  const headers = request.headersIn;
  return headers['Origin'] !== undefined && headers['Access-Control-Request-Method'] !== undefined;
}

/**
 * The request target from the request line (RFC 9112 §3), which rewrites and redirects do not change.
 * `$request_uri` leaves out the host of an absolute-form target, by which nginx chose the server.
 */
function targetOf(line: string, method: string): string {
  let start = method.length;
  while (line.charAt(start) === ' ') start += 1;
  const end = line.indexOf(' ', start);
  return end < 0 ? line.slice(start) : line.slice(start, end);
}

/** The lines of the headers that rules compare. */
function fieldsOf(request: HttpRequest, policy: JudgedBy): readonly Field[] | undefined {
  const compared = policy.comparedHeaders;
  if (compared === undefined) return undefined;
  return request.rawHeadersIn.filter((field) => isCompared(field[0], compared, text));
}

/**
 * The method of the request line.
 * INVARIANT: not `$request_method`, which an `error_page` or `X-Accel-Redirect` to a path turns into GET.
 */
export function ownMethod(line: string): string {
  const blank = line.indexOf(' ');
  return blank < 0 ? line : line.slice(0, blank);
}

function ownFacts(request: HttpRequest, policy: JudgedBy): RequestFacts {
  const line = request.variables['request'] ?? '';
  const method = ownMethod(line);
  const target = targetOf(line, method);
  const hosts = policy.usesHosts || target.charAt(0) !== '/' ? hostsOf(request) : [];
  return { method, target, hosts, preflight: isPreflight(request, method), fields: fieldsOf(request, policy) };
}

/**
 * INVARIANT: this trusts the operator's own variables only; without them there are no facts, and a gateway's request never
 * passes for the one that it asks about.
 */
function askedFacts(request: HttpRequest, policy: JudgedBy): RequestFacts | undefined {
  const variables = request.variables;
  const method = variables['jwtverify_method'];
  const target = variables['jwtverify_target'];
  if (method === undefined || target === undefined) return undefined;
  const host = variables['jwtverify_host'] ?? '';
  const hosts = host === '' ? [] : [host];
  return { method, target, hosts, preflight: isPreflight(request, method), fields: fieldsOf(request, policy) };
}

/**
 * The facts to judge; undefined when a gateway asks and the configuration does not set the variables.
 * @param policy says what rules ask about the request
 */
export function readFacts(request: HttpRequest, way: AnyWay, policy: JudgedBy): RequestFacts | undefined {
  return way === 'authorizer' ? askedFacts(request, policy) : ownFacts(request, policy);
}

/**
 * The groups of `?allowed_groups=` on the address of the location that asks.
 * INVARIANT: never on that of the client's own request, which `access` and `sign_in` are called with.
 */
export function readGroups(request: HttpRequest, way: AnyWay): readonly string[] | undefined {
  const query = way === 'access' || way === 'sign_in' ? undefined : request.variables['args'];
  return query === undefined || query === '' ? undefined : readAllowedGroups(query, text);
}

/**
 * The token of a request in which it was verified; empty where no header of the policy gets it.
 * @param tokenHeaders as the policy has them
 */
export function readToken(request: HttpRequest, tokenHeaders: readonly string[]): string {
  if (tokenHeaders.length === 0) return '';
  const bearer = extractBearer([request.headersIn['Authorization'] ?? '']);
  return bearer.ok ? bearer.value : '';
}
