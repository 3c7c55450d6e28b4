// What a policy's rules judge of a request: the main request as it was sent, or what a gateway says that it was asked.
import { extractBearer } from '../src/core/bearer';
import { readAllowedGroups } from '../src/policy/allowed-groups';
import type { RequestFacts } from '../src/policy/request-target';
import type { HttpRequest } from './host';
import { text } from './ports/text';

/** `auth`: nginx asks by a subrequest; `access`: within the request itself; `authorizer`: a gateway asks from outside. */
export type Way = 'auth' | 'access' | 'authorizer';

function hostsOf(request: HttpRequest): readonly string[] {
  return request.rawHeadersIn.filter((field) => field[0].toLowerCase() === 'host').map((field) => field[1]);
}

/** Fetch §3.2.2. */
function isPreflight(request: HttpRequest, method: string): boolean {
  if (method !== 'OPTIONS') return false;
  const headers = request.headersIn;
  return headers['Origin'] !== undefined && headers['Access-Control-Request-Method'] !== undefined;
}

/**
 * The request target out of the request line (RFC 9112 §3), which stays as it was sent through rewrites and redirects.
 * `$request_uri` leaves out the host of an absolute-form target, by which nginx chose the server.
 */
function targetOf(line: string, method: string): string {
  let start = method.length;
  while (line.charAt(start) === ' ') start += 1;
  const end = line.indexOf(' ', start);
  return end < 0 ? line.slice(start) : line.slice(start, end);
}

function ownFacts(request: HttpRequest, usesHosts: boolean): RequestFacts {
  const variables = request.variables;
  const method = variables['request_method'] ?? '';
  const target = targetOf(variables['request'] ?? '', method);
  const hosts = usesHosts || target.charAt(0) !== '/' ? hostsOf(request) : [];
  return { method, target, hosts, preflight: isPreflight(request, method) };
}

/**
 * INVARIANT: only what the operator's own variables say is believed; without them there are no facts, and no request of a
 * gateway is taken for the one that it asks about.
 */
function toldFacts(request: HttpRequest): RequestFacts | undefined {
  const variables = request.variables;
  const method = variables['jwtverify_method'];
  const target = variables['jwtverify_target'];
  if (method === undefined || target === undefined) return undefined;
  const host = variables['jwtverify_host'] ?? '';
  return { method, target, hosts: host === '' ? [] : [host], preflight: isPreflight(request, method) };
}

/**
 * What is judged; undefined when a gateway asks and the configuration does not say where to read it.
 * @param usesHosts whether some rule names hosts
 */
export function readFacts(request: HttpRequest, way: Way, usesHosts: boolean): RequestFacts | undefined {
  return way === 'authorizer' ? toldFacts(request) : ownFacts(request, usesHosts);
}

/**
 * What `?allowed_groups=` asks for on the address of the location that asks.
 * INVARIANT: never on that of the client's own request, which `access` is called with.
 */
export function readGroups(request: HttpRequest, way: Way): readonly string[] | undefined {
  const query = way === 'access' ? undefined : request.variables['args'];
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
