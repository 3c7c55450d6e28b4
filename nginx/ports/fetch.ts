// The HTTP port on `ngx.fetch` and on a subrequest (RFC 9110). Neither follows a redirect.
import { MAX_ANSWER_LENGTH } from '../../src/core/http-answer';
import type { HttpAnswer, HttpClient, HttpQuestion, Introspector } from '../../src/ports/http';
import type { FetchOptions, HttpRequest, NginxObject } from '../host';
import { isUtf8, type Bytes } from './text';

declare const ngx: NginxObject;
declare const Buffer: { from(data: ArrayBuffer): Bytes };
declare function setTimeout(callback: () => void, milliseconds: number): unknown;
declare function clearTimeout(timer: unknown): void;

const FIELDS = { Accept: 'application/json', 'Accept-Encoding': 'identity' };

/** Whether an answer is as long as it says (RFC 9110 §8.6). */
function isWhole(length: string, bytes: Bytes): boolean {
  return length === '' || Number(length) === bytes.length;
}

function toAnswer(status: number, bytes: Bytes, field: (name: string) => string): HttpAnswer {
  if (bytes.length > MAX_ANSWER_LENGTH) return { ok: false, problem: 'its answer is longer than 1 MB' };
  if (!isWhole(field('Content-Length'), bytes)) return { ok: false, problem: 'its answer was cut off' };
  const contentEncoding = field('Content-Encoding');
  const plain = contentEncoding === '' || contentEncoding.toLowerCase() === 'identity';
  if (status === 200 && plain && !isUtf8(bytes)) return { ok: false, problem: 'its answer is not UTF-8' };
  const body = status === 200 && plain ? bytes.toString('utf8') : '';
  return { ok: true, status, body, cacheControl: field('Cache-Control'), contentEncoding };
}

/** What went wrong, in the engine's words, which speak of hosts and certificates only. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message.split('\n').join(' ').slice(0, 200) : '';
  return 'it cannot be reached' + (message === '' ? '' : ': ' + message);
}

const BOUNDS = { buffer_size: 65536, max_response_body_size: MAX_ANSWER_LENGTH + 1, verify: true };

function optionsFor(question: HttpQuestion): FetchOptions {
  return {
    method: 'POST',
    body: question.body,
    headers: Object.assign({ Authorization: question.authorization, 'Content-Type': question.contentType }, FIELDS),
    buffer_size: BOUNDS.buffer_size,
    max_response_body_size: BOUNDS.max_response_body_size,
    verify: true,
  };
}

function fetchAnswer(url: string, options: FetchOptions): Promise<HttpAnswer> {
  return ngx.fetch(url, options).then((reply) => {
    const field = (name: string): string => reply.headers.get(name) ?? '';
    return reply.arrayBuffer().then((body) => toAnswer(reply.status, Buffer.from(body), field));
  });
}

/**
 * A client on `ngx.fetch`. TLS is verified with `js_fetch_trusted_certificate`.
 * @param seconds for each answer, in all
 */
export function createFetchClient(
  seconds: number,
): HttpClient<Promise<HttpAnswer>> & Introspector<Promise<HttpAnswer>> {
  function ask(url: string, options: FetchOptions): Promise<HttpAnswer> {
    return new Promise((resolve) => {
      let isOver = false;
      const timer = setTimeout(() => {
        isOver = true;
        resolve({ ok: false, problem: 'it took longer than ' + seconds.toString() + ' seconds' });
      }, seconds * 1000);
      function end(answer: HttpAnswer): void {
        // Clearing a timer that has run raises.
        if (isOver) return;
        clearTimeout(timer);
        resolve(answer);
      }
      Promise.resolve()
        .then(() => fetchAnswer(url, options))
        .then(end, (error: unknown) => {
          end({ ok: false, problem: describe(error) });
        });
    });
  }
  return {
    get: (url) => ask(url, Object.assign({ headers: FIELDS }, BOUNDS)),
    post: (question) => ask(question.url, optionsFor(question)),
  };
}

/**
 * A client on a location of the configuration, which knows the URL itself. nginx caches, waits and keeps what is stale.
 * @param location what `$jwtverify_keys` holds
 * @param query what tells this question from others
 */
export function createLocationClient(
  request: HttpRequest,
  location: string,
  query: string,
): HttpClient<Promise<HttpAnswer>> {
  function get(): Promise<HttpAnswer> {
    return Promise.resolve()
      .then(() => request.subrequest(location, { args: query, method: 'GET' }))
      .then(
        (reply) => {
          const field = (name: string): string => {
            const value = reply.headersOut[name];
            return typeof value === 'string' ? value : '';
          };
          const body = reply.responseBuffer;
          if (body === undefined) return { ok: false, problem: 'the location `' + location + '` gives no body' };
          return toAnswer(reply.status, body, field);
        },
        (error: unknown) => ({ ok: false, problem: describe(error) }),
      );
  }
  return { get };
}
