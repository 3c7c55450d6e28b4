// A request as the places of a token need it: its lines, target and body, and how to take from it what it had there.
import type { Remainder } from '../../src/token/places/remainder';
import type { RequestLines } from '../../src/token/places/request-lines';
import { AUTHORIZATION } from './request-facts';

export const COOKIE = 'cookie';
const PROTOCOLS = 'sec-websocket-protocol';
const SLASH = 47;

/**
 * The body, where HAProxy holds all of it: it waits for one under `wait-for-body` or `option http-buffer-request`, and no
 * longer than its buffer lasts. Only a length that the client declares says how much that is.
 */
function readBody(fetches: Fetches): string | undefined {
  const declared = fetches.req_fhdr_cnt('content-length') === 1 ? fetches.req_fhdr('content-length') : undefined;
  const body = fetches.req_body() ?? '';
  return declared !== undefined && tonumber(declared) === body.length ? body : undefined;
}

function readLines(fetches: Fetches, name: string): readonly string[] {
  const lines: string[] = [];
  for (const place of $range(1, fetches.req_fhdr_cnt(name))) lines.push(fetches.req_fhdr(name, place) ?? '');
  return lines;
}

/** A request at the action's place of the configuration. */
export function linesOfRequest(fetches: Fetches): RequestLines {
  return {
    method: fetches.method() ?? '',
    target: fetches.url() ?? '',
    lines: (name) => readLines(fetches, name),
    body: () => readBody(fetches),
  };
}

/** The values of a header's lines of an applet's request. */
export function linesOf(applet: HttpApplet, name: string): readonly string[] {
  const lines: string[] = [];
  const values = applet.headers[name];
  for (let index = 0; values?.has(index) === true; index++) lines.push(values.get(index));
  return lines;
}

/** The longest body of a request to login that is read: a logout token has about 1 KB. */
const LONGEST_BODY = 16384;

/** The body of a service's request, where its length is declared and not too long. Waits for it. */
function receiveBody(applet: HttpApplet): string | undefined {
  const lengths = linesOf(applet, 'content-length');
  const length = lengths.length === 1 ? tonumber(lengths[0]) : undefined;
  if (length === undefined || length > LONGEST_BODY) return undefined;
  const body = applet.receive();
  return body.length === length ? body : undefined;
}

/** The request that a service answers. */
export function linesOfService(applet: HttpApplet): RequestLines {
  const { method, path, qs } = applet;
  return {
    method,
    target: qs === undefined || qs === '' ? path : path + '?' + qs,
    lines: (name) => linesOf(applet, name),
    body: () => receiveBody(applet),
  };
}

/** The values of the Cookie header lines of a request. */
export function readCookieLines(fetches: Fetches): readonly string[] {
  return readLines(fetches, COOKIE);
}

/** A request of which only the cookies count; it outlives its action. */
export function requestWith(cookies: readonly string[]): RequestLines {
  return { method: 'GET', target: '/', lines: (name) => (name === COOKIE ? cookies : []), body: () => undefined };
}

/** A request with the cookies that an action has taken from it. */
export function withCookies(request: RequestLines, cookies: readonly string[]): RequestLines {
  return { ...request, lines: (name) => (name === COOKIE ? cookies : request.lines(name)) };
}

export function replaceCookies(txn: Txn, lines: readonly string[]): void {
  replaceLines(txn, COOKIE, lines);
}

/** The request that a gateway asks about: its headers are the gateway's, and its body is not there. */
export function linesOfQuestion(applet: HttpApplet, target: string): RequestLines {
  return { method: 'GET', target, lines: (name) => linesOf(applet, name), body: () => undefined };
}

function replaceLines(txn: Txn, name: string, lines: readonly string[]): void {
  txn.http.req_del_header(name);
  for (const line of lines) txn.http.req_add_header(name, line);
}

/**
 * Sets a shorter target. That of HTTP/2 is in absolute-form, of which HAProxy sends a backend the path: setting the query
 * keeps it so. Where none is left the path alone is set; `Host` has the host (RFC 9113 §8.3.1).
 */
function replaceTarget(txn: Txn, target: string): void {
  const [query] = string.find(target, '?', 1, true);
  if (string.byte(target, 1) === SLASH) txn.http.req_set_uri(target);
  else if (query !== undefined) txn.http.req_set_query(string.sub(target, query + 1));
  else txn.http.req_set_uri(string.match(target, '^%a+://[^/]*(/.*)$')[0] ?? target);
}

/** Leaves a request what is left of it, without the headers that are places. */
export function leaveRemainder(txn: Txn, remainder: Remainder, headers: readonly string[]): void {
  for (const name of headers) txn.http.req_del_header(name);
  if (remainder.authorization !== undefined) replaceLines(txn, AUTHORIZATION, remainder.authorization);
  if (remainder.cookies !== undefined) replaceLines(txn, COOKIE, remainder.cookies);
  if (remainder.protocols !== undefined) {
    replaceLines(txn, PROTOCOLS, remainder.protocols === '' ? [] : [remainder.protocols]);
  }
  if (remainder.target !== undefined) replaceTarget(txn, remainder.target);
}
