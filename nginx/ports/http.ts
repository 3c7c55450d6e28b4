// The HTTP port on `ngx.fetch` and on a subrequest (RFC 9110). Neither follows a redirect.
import { CUT_OFF, describeLate, MAX_ANSWER_LENGTH, NOT_UTF8, timeoutOf, TOO_LONG } from '../../src/keys/http-limits';
import type { HttpAnswer, HttpClient, HttpQuestion, Introspector } from '../../src/ports/http';
import type { FetchOptions, HttpRequest, NginxObject, SubrequestReply } from '../njs';
import { isUtf8, type Bytes } from './text';

declare const ngx: NginxObject;
declare const Buffer: { from(data: ArrayBuffer): Bytes; from(text: string, encoding: 'utf8'): Bytes };
declare function setTimeout(callback: () => void, milliseconds: number): unknown;
declare function clearTimeout(timer: unknown): void;

const FIELDS = { Accept: 'application/json', 'Accept-Encoding': 'identity' };

/** Whether an answer has the length that it declares (RFC 9110 §8.6). */
function isWhole(length: string, bytes: Bytes): boolean {
  return length === '' || Number(length) === bytes.length;
}

/** The answers whose bodies say something: 200, and where a token endpoint answers its errors (RFC 6749 §5.2). */
function saysMore(status: number, hasErrors: boolean): boolean {
  return status === 200 || (hasErrors && status >= 400 && status < 500);
}

/**
 * An answer with its status, and with its body where that says something.
 * @param read returns the body
 */
function toAnswer(status: number, field: (name: string) => string, hasErrors: boolean, read: () => Bytes): HttpAnswer {
  const contentEncoding = field('Content-Encoding');
  const fields = { cacheControl: field('Cache-Control'), contentEncoding, contentType: field('Content-Type') };
  const answer = Object.assign({ ok: true as const, status, body: '' }, fields);
  if (!saysMore(status, hasErrors)) return answer;
  const bytes = read();
  if (bytes.length > MAX_ANSWER_LENGTH) return { ok: false, problem: TOO_LONG };
  if (!isWhole(field('Content-Length'), bytes)) return { ok: false, problem: CUT_OFF };
  if (contentEncoding !== '' && contentEncoding.toLowerCase() !== 'identity') return answer;
  if (!isUtf8(bytes)) return { ok: false, problem: NOT_UTF8 };
  return Object.assign(answer, { body: bytes.toString('utf8') });
}

/** Whether a body that was read has no bytes. njs keeps no memory for an empty body, and calls it detached. */
function isEmpty(body: ArrayBuffer): boolean {
  try {
    return body.byteLength === 0;
  } catch {
    return true;
  }
}

function noBytes(): Bytes {
  return Buffer.from('', 'utf8');
}

/** The error in the engine's words, which name hosts and certificates only. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message.split('\n').join(' ').slice(0, 200) : '';
  return 'it cannot be reached' + (message === '' ? '' : ': ' + message);
}

/** The host of a URL, for the `Host` field (RFC 9110 §7.2): njs 0.7.9 leaves the port out. */
function hostOf(url: string): string {
  const rest = url.slice(url.indexOf('//') + 2);
  const path = rest.indexOf('/');
  const host = path < 0 ? rest : rest.slice(0, path);
  const query = host.indexOf('?');
  return query < 0 ? host : host.slice(0, query);
}

function fieldsFor(url: string): Readonly<Record<string, string>> {
  return Object.assign({ Host: hostOf(url) }, FIELDS);
}

const BOUNDS = { buffer_size: 65536, max_response_body_size: MAX_ANSWER_LENGTH + 1, verify: true };

function optionsFor(question: HttpQuestion): FetchOptions {
  const own = question.body === undefined ? {} : { 'Content-Type': question.contentType };
  const proof = question.authorization === undefined ? {} : { Authorization: question.authorization };
  return {
    method: question.body === undefined ? 'GET' : 'POST',
    body: question.body ?? '',
    headers: Object.assign(own, proof, fieldsFor(question.url)),
    buffer_size: BOUNDS.buffer_size,
    max_response_body_size: BOUNDS.max_response_body_size,
    verify: true,
  };
}

function fetchAnswer(url: string, options: FetchOptions, hasErrors: boolean): Promise<HttpAnswer> {
  return ngx.fetch(url, options).then((reply) => {
    const field = (name: string): string => reply.headers.get(name) ?? '';
    if (!saysMore(reply.status, hasErrors)) return toAnswer(reply.status, field, hasErrors, noBytes);
    return reply
      .arrayBuffer()
      .then((body) => toAnswer(reply.status, field, hasErrors, () => (isEmpty(body) ? noBytes() : Buffer.from(body))));
  });
}

/**
 * A client on `ngx.fetch`. TLS is verified with `js_fetch_trusted_certificate`.
 * @param hasErrors whether answers of 4xx have a body that is read
 */
export function createFetchClient(
  hasErrors: boolean,
): HttpClient<Promise<HttpAnswer>> & Introspector<Promise<HttpAnswer>> {
  function ask(url: string, options: FetchOptions, seconds: number): Promise<HttpAnswer> {
    return new Promise((resolve) => {
      let isOver = false;
      const timer = setTimeout(() => {
        isOver = true;
        resolve({ ok: false, problem: describeLate(seconds) });
      }, seconds * 1000);
      function end(answer: HttpAnswer): void {
        // Clearing a timer that has run raises.
        if (isOver) return;
        clearTimeout(timer);
        resolve(answer);
      }
      // INVARIANT: not within the handler. njs 1.0 calls `js_access` again, and again, for a TLS connection that fails at once.
      setTimeout(() => {
        Promise.resolve()
          .then(() => fetchAnswer(url, options, hasErrors))
          .then(end, (error: unknown) => {
            end({ ok: false, problem: describe(error) });
          });
      }, 0);
    });
  }
  return {
    get: (url) => ask(url, Object.assign({ headers: fieldsFor(url) }, BOUNDS), timeoutOf(undefined)),
    post: (question) => ask(question.url, optionsFor(question), timeoutOf(question)),
  };
}

/**
 * When the provider gave the answer that a location has from nginx's cache, in seconds since the epoch (RFC 9110 §6.6.1,
 * RFC 9111 §5.1); undefined when the answer has no date. nginx keeps stale answers as long as requests use them.
 */
function givenAt(reply: SubrequestReply): number | undefined {
  const date = Date.parse(reply.variables['upstream_http_date'] ?? '');
  const age = Number(reply.variables['upstream_http_age'] ?? '');
  return date > 0 ? Math.floor(date / 1000) + (age > 0 ? age : 0) : undefined;
}

/**
 * A client on a location of the configuration, which knows the URL itself. nginx caches, waits and keeps what is stale.
 * @param location the value of `$jwtverify_keys`
 * @param query distinguishes this question from others
 * @param note called with the time of the answer, where that is known
 */
export function createLocationClient(
  request: HttpRequest,
  location: string,
  query: string,
  note: (givenAt: number | undefined) => void,
): HttpClient<Promise<HttpAnswer>> {
  function get(): Promise<HttpAnswer> {
    return (
      Promise.resolve()
        // INVARIANT: a body of its own replaces the client's: without one nginx announces the client's, and sends none of it.
        .then(() => request.subrequest(location, { args: query, method: 'GET', body: '' }))
        .then(
          (reply) => {
            const field = (name: string): string => {
              const value = reply.headersOut[name];
              return typeof value === 'string' ? value : '';
            };
            note(givenAt(reply));
            return toAnswer(reply.status, field, false, () => reply.responseBuffer ?? noBytes());
          },
          (error: unknown) => ({ ok: false, problem: describe(error) }),
        )
    );
  }
  return { get };
}
