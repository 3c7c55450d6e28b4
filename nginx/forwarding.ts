// What nginx has to be told so that a backend sees identity headers of ours alone: lines for the configuration, made
// from the policy, and a mark in them by which each request shows that they are in force where it goes.
import hashes from 'crypto';
import { lowerAscii } from '../src/codec/percent';
import type { Policy } from '../src/core/policy';
import { spellHeader } from '../src/policy/headers';
import { text } from './ports/text';
import { WIRING_VARIABLE, type WiredHeader, type Wiring } from './wiring';

const MARK_LENGTH = 16;
const PARAMETER_DIRECTIVES: readonly string[] = ['fastcgi_param', 'uwsgi_param', 'scgi_param'];

/** What fits a hash of nginx whose size only `proxy_set_header` lets an operator change. */
export const LONGEST_NAME = 46;

/**
 * Every header that a policy may set. Variables are numbered: nginx refuses names of more than some 45 characters. Which
 * number is whose stands in the lines, and so in the mark.
 */
function wireHeaders(policy: Policy): readonly WiredHeader[] {
  return policy.forward
    .map((term) => term.name)
    .concat(policy.tokenHeaders)
    .map((name, index) => ({ name, variable: 'jwtverify_header_' + (index + 1).toString() }));
}

/** One header, as nginx proxies over HTTP and over gRPC. An empty value removes the client's own. */
function setHeader(name: string, value: string): readonly string[] {
  return [`proxy_set_header ${name} ${value};`, `grpc_set_header ${name} ${value};`];
}

/**
 * One header, as the protocols have it that make a variable of each (RFC 3875 §4.1.18). nginx then leaves out the
 * client's own in each spelling with `-` or `_`.
 */
function setParameter(normalized: string, value: string): readonly string[] {
  const name = 'HTTP_' + normalized.toUpperCase().split('-').join('_');
  return PARAMETER_DIRECTIVES.map((directive) => `${directive} ${name} ${value};`);
}

function linesFor(policy: Policy, headers: readonly WiredHeader[]): readonly string[] {
  let lines: readonly string[] = headers.map((header) => `set $${header.variable} "";`);
  for (let index = 0; index < policy.removals.length; index++) {
    const removal = policy.removals[index] ?? '';
    const wired = headers.find((header) => lowerAscii(header.name, text) === removal);
    // A spelling with `_` only gets here where `underscores_in_headers` is on; some backends take it for the other.
    const spellings = spellHeader(removal);
    for (let place = 0; place < spellings.length; place++) {
      const spelling = spellings[place] ?? '';
      const isOurs = wired !== undefined && spelling === removal;
      lines = lines.concat(isOurs ? setHeader(wired.name, '$' + wired.variable) : setHeader(spelling, '""'));
    }
    const value = wired === undefined ? '""' : '$' + wired.variable + ' if_not_empty';
    lines = lines.concat(setParameter(removal, value));
  }
  if (policy.keepsAuthorization) return lines;
  return lines.concat(setHeader('Authorization', '""'), setParameter('authorization', '""'));
}

/** The first header of the policy that nginx cannot hand on, since its name is too long; undefined when all are good. */
export function findTooLong(policy: Policy): string | undefined {
  return wireHeaders(policy)
    .map((header) => header.name)
    .find((name) => name.length > LONGEST_NAME);
}

function markOf(lines: readonly string[]): string {
  return hashes.createHash('sha256').update(lines.join('\n')).digest('base64url').slice(0, MARK_LENGTH);
}

/** The mark and the variables of a policy. */
export function wirePolicy(policy: Policy): Wiring {
  const headers = wireHeaders(policy);
  return { mark: markOf(linesFor(policy, headers)), headers };
}

/**
 * The file that every location includes which hands requests on.
 * INVARIANT: `set` runs in the one location that a request is answered in, where the other lines are in force as well:
 * the `if` may not stand outside of a location, so neither can the whole.
 */
export function formatForwarding(policy: Policy): string {
  const headers = wireHeaders(policy);
  const lines = linesFor(policy, headers);
  return [
    '# Made by jwtverify from its policy. Include it in each location that jwtverify judges, beside proxy_pass and its kin,',
    '# and make it anew when the policy names other headers: until then every request is refused.',
    `set $${WIRING_VARIABLE} "${markOf(lines)}";`,
    '# Holds this file to locations: a server has no such line.',
    `if ($${WIRING_VARIABLE} = never) { add_header X-OAuth-Wiring never; }`,
  ]
    .concat(lines)
    .join('\n')
    .concat('\n');
}
