// A request as the places of a token and login need it: its header lines and its target, or those that a gateway brings.
import type { RequestLines } from '../../src/token/places/request-lines';
import type { HttpRequest } from '../njs';
import { hostsOf, ownMethod, type AnyWay } from './request-facts';

/** nginx reads no body before it decides, and no form is a place then. */
function noBody(): undefined {
  return undefined;
}

function linesNamed(request: HttpRequest, name: string): readonly string[] {
  return request.rawHeadersIn.filter((field) => field[0].toLowerCase() === name).map((field) => field[1]);
}

/** The request itself, or the headers and the target that a gateway brings. */
export function linesOfRequest(request: HttpRequest, way: AnyWay): RequestLines {
  const variables = request.variables;
  return {
    method: 'GET',
    target: (way === 'authorizer' ? variables['jwtverify_target'] : variables['request_uri']) ?? '',
    lines: (name) => linesNamed(request, name),
    body: noBody,
  };
}

/** The hosts of the request that login is about. */
function hostLines(request: HttpRequest, way: AnyWay): readonly string[] {
  if (way !== 'authorizer') return hostsOf(request);
  const host = request.variables['jwtverify_host'] ?? '';
  return host === '' ? [] : [host];
}

/**
 * A request as login reads it: with its own method, and its host.
 * @param body returns the body where nginx has read it
 */
export function linesForLogin(
  request: HttpRequest,
  way: AnyWay,
  body: (() => string | undefined) | undefined,
): RequestLines {
  const plain = linesOfRequest(request, way);
  const method = way === 'authorizer' ? request.variables['jwtverify_method'] : undefined;
  return {
    method: method ?? ownMethod(request.variables['request'] ?? ''),
    target: plain.target,
    lines: (name) => (name === 'host' ? hostLines(request, way) : linesNamed(request, name)),
    body: body ?? noBody,
  };
}

/** The body that nginx has read; undefined where it is in a file, and so longer than `client_body_buffer_size`. */
export function readBody(request: HttpRequest): string | undefined {
  try {
    return request.requestText ?? '';
  } catch {
    return undefined;
  }
}
