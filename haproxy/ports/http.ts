// HAProxy's own HTTP client as the core's port. It follows no redirect and verifies TLS; this does the rest
// (docs/decisions/0006-haproxy-fetching-keys.md has the measurements).
import { ANSWER_TIMEOUT, CUT_OFF, MAX_ANSWER_LENGTH, NOT_UTF8, TOO_LONG } from '../../src/keys/http-limits';
import type { HttpAnswer, HttpClient, HttpQuestion, Introspector } from '../../src/ports/http';
import { isUtf8 } from './text';

const HEADERS = { accept: ['application/json'], 'accept-encoding': ['identity'] } as const;

/** The statuses that HAProxy makes when it gets no answer: a refused or silent server, no name, no trusted certificate. */
const OWN_STATUSES: readonly number[] = [0, 502, 503, 504];

const UNREACHABLE =
  'it sends no answer, or one with status 502, 503 or 504 (does a `resolvers` section resolve its host name, and does ' +
  '`httpclient.ssl.ca-file` trust its certificate?)';

function failed(problem: string): HttpAnswer {
  return { ok: false, problem };
}

/** A header field's values joined (RFC 9110 §5.3); empty when there is none. */
function readField(response: HttpClientResponse, name: string): string {
  const values = response.headers[name];
  if (values === undefined) return '';
  let joined = '';
  for (let index = 0; ; index++) {
    const value = values.get(index) as string | undefined;
    if (value === undefined) return joined;
    joined += (index === 0 ? '' : ', ') + value;
  }
}

/** The fault of a body; undefined when there is none. */
function checkBody(response: HttpClientResponse): string | undefined {
  if (response.body.length > MAX_ANSWER_LENGTH) return TOO_LONG;
  const length = readField(response, 'content-length');
  // HAProxy returns the bytes that came before a connection was cut.
  if (length !== '' && tonumber(length) !== response.body.length) return CUT_OFF;
  return isUtf8(response.body) ? undefined : NOT_UTF8;
}

function toAnswer(response: HttpClientResponse): HttpAnswer {
  if (OWN_STATUSES.includes(response.status)) return failed(UNREACHABLE);
  const fault = checkBody(response);
  if (fault !== undefined) return failed(fault);
  return {
    ok: true,
    status: response.status,
    body: response.body,
    cacheControl: readField(response, 'cache-control'),
    contentEncoding: readField(response, 'content-encoding'),
    contentType: readField(response, 'content-type'),
  };
}

/** Gets a URL. To be called in a task, which it suspends; HAProxy tries again by itself, so it may take long. */
function get(url: string): HttpAnswer {
  const client = core.httpclient();
  if (client === undefined) return failed('this HAProxy has no HTTP client');
  return toAnswer(client.get({ url, headers: HEADERS, timeout: ANSWER_TIMEOUT * 1000 }));
}

/** Whether this HAProxy sends every body chunked (measured: 2.6 does not, 3.0 and 3.2 do). */
export function sendsChunked(): boolean {
  const version = core.get_info()['Version'];
  return typeof version !== 'string' || string.sub(version, 1, 4) !== '2.6.';
}

/**
 * Seconds for which HAProxy waits for an answer to a question that may be asked once alone. When they are over it asks again by
 * itself, up to three times, unless `httpclient.retries` is 0: so they are more than any issuer needs.
 */
const PATIENCE = 20;

/** Asks a question; otherwise as `get`. */
function post(question: HttpQuestion): HttpAnswer {
  const client = core.httpclient();
  if (client === undefined) return failed('this HAProxy has no HTTP client');
  const { url, body } = question;
  const timeout = (question.isOnce === true ? PATIENCE : ANSWER_TIMEOUT) * 1000;
  const proof = question.authorization === undefined ? {} : { authorization: [question.authorization] };
  if (body === undefined) return toAnswer(client.get({ url, headers: { ...HEADERS, ...proof }, timeout }));
  const headers = {
    ...HEADERS,
    ...proof,
    'content-type': [question.contentType],
    // HAProxy 2.6 sends a body whole when its length is given; later ones send it chunked, and leave this out.
    'content-length': [tostring(body.length)],
  };
  return toAnswer(client.post({ url, headers, body, timeout }));
}

/** The HTTP client of HAProxy. */
export const http: HttpClient<HttpAnswer> & Introspector<HttpAnswer> = { get, post };
