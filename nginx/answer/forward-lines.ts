// The lines of nginx's configuration that keep clients' identity headers from a backend, made from the policy. A mark in
// them proves for each request that its location has them.
import hashes from 'crypto';
import { lowerAscii } from '../../src/codec/percent';
import type { Policy } from '../../src/model/policy';
import { spellHeader } from '../../src/policy/headers';
import type { TokenPlace } from '../../src/model/token-place';
import { text } from '../ports/text';
import {
  ARGS_VARIABLE,
  hasQuery,
  MOST_SET_COOKIES,
  partsOf,
  SET_COOKIE_VARIABLE,
  URI_VARIABLE,
} from './remainder-lines';
import { FORWARD_MARK, type ForwardLine, type ForwardLines } from './forward-mark';

const MARK_LENGTH = 16;
const CACHE_VARIABLE = 'jwtverify_cache';
const PARAMETER_DIRECTIVES: readonly string[] = ['fastcgi_param', 'uwsgi_param', 'scgi_param'];

/** The longest name for a hash of nginx whose size only `proxy_set_header` lets an operator change. */
export const LONGEST_NAME = 46;

/**
 * Every header that a policy may set. Variables are numbered: nginx refuses names of more than some 45 characters. The
 * lines, and so the mark, have the number of each header.
 */
function nameVariables(policy: Policy): readonly ForwardLine[] {
  return policy.forward
    .map((term) => term.name)
    .concat(policy.tokenHeaders)
    .map((name, index) => ({ name, variable: 'jwtverify_header_' + (index + 1).toString() }));
}

/** What of a request the lines depend on, besides the policy. */
export interface Taken {
  /** Where requests may have their token; undefined: in the Authorization header alone. */
  readonly places: readonly TokenPlace[] | undefined;
  /** Whether browsers sign in. */
  readonly signsIn: boolean;
}

/** The lines for one header, over HTTP and over gRPC. An empty value removes the client's own. */
function setHeader(name: string, value: string): readonly string[] {
  return [`proxy_set_header ${name} ${value};`, `grpc_set_header ${name} ${value};`];
}

/**
 * The lines for one header, for protocols that make a variable of each (RFC 3875 §4.1.18). nginx then leaves out the
 * client's own in each spelling with `-` or `_`.
 */
function setParameter(normalized: string, value: string): readonly string[] {
  const name = 'HTTP_' + normalized.toUpperCase().split('-').join('_');
  return PARAMETER_DIRECTIVES.map((directive) => `${directive} ${name} ${value};`);
}

/**
 * The lines for the headers that a request may lose a part of, and the variables of its target.
 * INVARIANT: `set` would run again where nginx hands the request on to a location that nobody judges, and give it back what
 * the judge took out; the value of `js_var` is that of the request until a judge sets another.
 */
function remainderLines(policy: Policy, taken: Taken): readonly string[] {
  let lines: readonly string[] = [];
  const parts = partsOf(taken.places, policy.keepsBearer, taken.signsIn);
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (part === undefined || (part.header === 'Authorization' && !policy.keepsAuthorization)) continue;
    const value = '$' + part.variable;
    lines = lines.concat(
      [`js_var ${value} $${part.original};`],
      setHeader(part.header, value),
      setParameter(lowerAscii(part.header, text), value + ' if_not_empty'),
    );
  }
  // `proxy_pass http://NAME$jwtverify_uri;` is the operator's own line.
  return hasQuery(taken.places ?? [])
    ? lines.concat(`js_var $${URI_VARIABLE} $request_uri;`, `js_var $${ARGS_VARIABLE} $args;`)
    : lines;
}

/**
 * The lines by which the browser gets the cookies of a refreshed session where `auth_request` asks, with the application's
 * answer. `js_access` needs none.
 */
function cookieLines(): readonly string[] {
  let lines: readonly string[] = [];
  for (let number = 1; number <= MOST_SET_COOKIES; number++) {
    const variable = '$' + SET_COOKIE_VARIABLE + number.toString();
    lines = lines.concat(`js_var ${variable};`, `add_header Set-Cookie ${variable} always;`);
  }
  return lines;
}

function linesFor(policy: Policy, headers: readonly ForwardLine[], taken: Taken): readonly string[] {
  let lines: readonly string[] = headers.map((header) => `set $${header.variable} "";`);
  for (let index = 0; index < policy.removals.length; index++) {
    const removal = policy.removals[index] ?? '';
    const line = headers.find((header) => lowerAscii(header.name, text) === removal);
    // A spelling with `_` arrives only where `underscores_in_headers` is on; some backends treat it as the other.
    const spellings = spellHeader(removal);
    for (let place = 0; place < spellings.length; place++) {
      const spelling = spellings[place] ?? '';
      const isOurs = line !== undefined && spelling === removal;
      lines = lines.concat(isOurs ? setHeader(line.name, '$' + line.variable) : setHeader(spelling, '""'));
    }
    const value = line === undefined ? '""' : '$' + line.variable + ' if_not_empty';
    lines = lines.concat(setParameter(removal, value));
  }
  lines = lines.concat(remainderLines(policy, taken));
  if (!policy.keepsAuthorization) {
    lines = lines.concat(setHeader('Authorization', '""'), setParameter('authorization', '""'));
  }
  if (!hidesToken(policy, taken)) return lines;
  return lines.concat(
    [`set $${CACHE_VARIABLE} $http_cache_control;`],
    setHeader('Cache-Control', '$' + CACHE_VARIABLE),
    setParameter('cache-control', '$' + CACHE_VARIABLE + ' if_not_empty'),
  );
}

/** The first header of the policy whose name is too long for nginx; undefined when there is none. */
export function findTooLong(policy: Policy): string | undefined {
  return nameVariables(policy)
    .map((header) => header.name)
    .find((name) => name.length > LONGEST_NAME);
}

/** Whether a request may reach the backend without the token that it passes with. */
function hidesToken(policy: Policy, taken: Taken): boolean {
  return !policy.keepsAuthorization || taken.places !== undefined || taken.signsIn;
}

function markOf(lines: readonly string[]): string {
  return hashes.createHash('sha256').update(lines.join('\n')).digest('base64url').slice(0, MARK_LENGTH);
}

/** The mark and the variables of a policy. */
export function wirePolicy(policy: Policy, taken: Taken): ForwardLines {
  const headers = nameVariables(policy);
  const cache = hidesToken(policy, taken) ? CACHE_VARIABLE : '';
  const lines = linesFor(policy, headers, taken);
  const forwardLines = { mark: markOf(lines), headers, cache };
  return taken.signsIn
    ? Object.assign(forwardLines, { cookieMark: markOf(lines.concat(cookieLines())) })
    : forwardLines;
}

/**
 * The file for every location that passes requests to a backend.
 * INVARIANT: `set` runs in the one location that answers a request, where the other lines are in force as well: nginx
 * allows this `if` in a location only, and so the whole file.
 * @param isAsked whether it is for locations about which `auth_request` asks
 */
export function formatForwarding(policy: Policy, taken: Taken, isAsked: boolean): string {
  const headers = nameVariables(policy);
  const own = linesFor(policy, headers, taken);
  const setsCookies = taken.signsIn && isAsked;
  const lines = setsCookies ? own.concat(cookieLines()) : own;
  const inherited = setsCookies
    ? ['# A location with these lines has no `add_header` of its `server`: write those into the location as well.']
    : [];
  return [
    '# jwtverify made this file from its policy. Include it in each location that jwtverify protects, beside proxy_pass or',
    '# its kin. Make it again when the policy names other headers: until then every request is refused.',
    `set $${FORWARD_MARK} "${markOf(lines)}";`,
    '# nginx accepts this line in a location only, so it refuses the file anywhere else.',
    `if ($${FORWARD_MARK} = never) { add_header X-OAuth-Forward-Mark never; }`,
  ]
    .concat(inherited, lines)
    .join('\n')
    .concat('\n');
}
