// The resource of a request, from its request line and Host (RFC 9112 §3.2): method, host and path as rules judge them.
import { lowerAscii } from '../codec/percent';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { PathTerms } from '../model/policy';
import type { Text } from '../codec/text';
import { canonicalizeHost } from './canonical-host';
import { canonicalizePath } from './canonical-path';

/** A header line. */
export type Field = readonly [name: string, value: string];

/** A request as the host saw it. */
export interface RequestFacts {
  readonly method: string;
  /** The request target as it was sent, query included: origin-form, absolute-form, `*`. */
  readonly target: string;
  /** Every Host field value, one for each header line. */
  readonly hosts: readonly string[];
  /** Whether the request has `Origin` and `Access-Control-Request-Method` (Fetch §3.2.2). */
  readonly preflight: boolean;
  /** The lines of the headers that rules compare (`isCompared`); undefined where none does. */
  readonly fields?: readonly Field[] | undefined;
}

/** The resource that rules judge. */
export interface RequestedResource {
  readonly method: string;
  /** Empty when no rule names hosts. */
  readonly host: string;
  /** The names of the path's segments; undefined for `*`, which has no path. */
  readonly segments: readonly string[] | undefined;
}

/** RFC 9110 §9.3, RFC 5789: the methods of nearly every request. */
const USUAL: readonly string[] = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

/** RFC 9110 §9.1 and §5.6.2: a token, here without small letters: some readers read `get` as `GET`, others do not. */
export function isMethod(method: string): boolean {
  if (USUAL.indexOf(method) >= 0) return true;
  if (method === '' || method.length > 32) return false;
  for (let index = 0; index < method.length; index++) {
    const code = method.charCodeAt(index);
    const isCapital = code >= 65 && code <= 90;
    if (!isCapital && (code < 48 || code > 57) && code !== 45 && code !== 95) return false;
  }
  return true;
}

interface Target {
  /** The authority of an absolute-form target; undefined for another form. */
  readonly authority: string | undefined;
  /** Without query; undefined for `*`. */
  readonly path: string | undefined;
}

function withoutQuery(value: string): string {
  const query = value.indexOf('?');
  return query < 0 ? value : value.substring(0, query);
}

/** Splits a target by its form; undefined for an unsupported form. */
function splitTarget(method: string, target: string, text: Text): Target | undefined {
  if (target.charAt(0) === '/') return { authority: undefined, path: withoutQuery(target) };
  if (target === '*') return { authority: undefined, path: undefined };
  // RFC 9112 §3.2.2: absolute-form; a scheme is compared without regard to case.
  const colon = target.indexOf('://');
  const scheme = colon < 0 ? '' : lowerAscii(target.substring(0, colon), text);
  if (scheme !== 'http' && scheme !== 'https') return undefined;
  const whole = target.substring(colon + 3);
  const rest = withoutQuery(whole);
  const slash = rest.indexOf('/');
  // INVARIANT: a query follows a path. A gateway that puts `Host: a?` before the path sends `http://a?/admin` for `/admin`.
  if (slash < 0 && whole !== rest) return undefined;
  // RFC 9112 §3.2.4: without path and query, the last proxy sends asterisk-form, and HTTP/2's `*` arrives as this.
  if (slash < 0) return { authority: rest, path: method === 'OPTIONS' ? undefined : '/' };
  return { authority: rest.substring(0, slash), path: rest.substring(slash) };
}

/** The path of a request as it was sent; undefined when it has none. */
export function readPath(facts: RequestFacts, text: Text): string | undefined {
  return splitTarget(facts.method, facts.target, text)?.path;
}

/** The canonical host; empty when rules name no hosts. */
function readHost(facts: RequestFacts, authority: string | undefined, wanted: boolean, text: Text): Outcome<string> {
  if (!wanted && authority === undefined) return succeed('');
  if (facts.hosts.length > 1) return fail('host_repeated');
  const field = facts.hosts[0];
  const named = field === undefined ? undefined : canonicalizeHost(field, text);
  if (authority === undefined) return named === undefined ? fail('host_malformed') : succeed(named);
  const host = canonicalizeHost(authority, text);
  if (host === undefined) return fail('target_malformed');
  // RFC 9112 §3.2.2: the target decides; a backend may still read the header.
  return field !== undefined && named !== host ? fail('host_contradicted') : succeed(host);
}

/**
 * Reads the resource that a request asks for.
 * @param usesHosts whether the host matters
 * @returns the resource, or why two readers could differ over it
 */
export function readResource(
  facts: RequestFacts,
  paths: PathTerms,
  usesHosts: boolean,
  text: Text,
): Outcome<RequestedResource> {
  if (facts.method === '') return fail('method_missing');
  if (!isMethod(facts.method)) return fail('method_malformed');
  const target = splitTarget(facts.method, facts.target, text);
  if (target === undefined) return fail('target_malformed');
  const host = readHost(facts, target.authority, usesHosts, text);
  if (!host.ok) return host;
  if (target.path === undefined) {
    // RFC 9112 §3.2.4: asterisk-form is for OPTIONS alone.
    if (facts.method !== 'OPTIONS') return fail('target_malformed');
    return succeed({ method: facts.method, host: host.value, segments: undefined });
  }
  const segments = canonicalizePath(target.path, paths, text);
  if (!segments.ok) return segments;
  return succeed({ method: facts.method, host: host.value, segments: segments.value });
}
