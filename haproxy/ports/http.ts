// HAProxy's own HTTP client as the core's port. It follows no redirect and verifies TLS; what else it does not do by
// itself is done here (docs/decisions/0006-haproxy-fetching-keys.md says what was measured).
import { ANSWER_TIMEOUT, MAX_ANSWER_LENGTH } from '../../src/core/http-answer';
import type { HttpAnswer, HttpClient, HttpQuestion, Introspector } from '../../src/ports/http';
import { isUtf8 } from './text';

const HEADERS = { accept: ['application/json'], 'accept-encoding': ['identity'] } as const;

/** What HAProxy answers itself when it gets none: a refused or silent server, no name, no trusted certificate. */
const OWN_STATUSES: readonly number[] = [0, 502, 503, 504];

const UNREACHABLE =
  'there is no answer, or one with status 502, 503 or 504 (is the host name resolved by a `resolvers` section, and the ' +
  'certificate trusted by `httpclient.ssl.ca-file`?)';

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

/** What is wrong with a body; undefined when nothing is. */
function checkBody(response: HttpClientResponse): string | undefined {
  if (response.body.length > MAX_ANSWER_LENGTH) return 'its answer is longer than 1 MB';
  const length = readField(response, 'content-length');
  // HAProxy hands out what came before a connection was cut.
  if (length !== '' && tonumber(length) !== response.body.length) return 'its answer is cut off';
  return isUtf8(response.body) ? undefined : 'its answer is not UTF-8';
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
  };
}

/** Gets a URL. To be called in a task, which it suspends; HAProxy tries again by itself, so it may take long. */
function get(url: string): HttpAnswer {
  const client = core.httpclient();
  if (client === undefined) return failed('this HAProxy has no HTTP client');
  return toAnswer(client.get({ url, headers: HEADERS, timeout: ANSWER_TIMEOUT * 1000 }));
}

/** Posts a question; otherwise as `get`. */
function post(question: HttpQuestion): HttpAnswer {
  const client = core.httpclient();
  if (client === undefined) return failed('this HAProxy has no HTTP client');
  const headers = {
    accept: HEADERS.accept,
    'accept-encoding': HEADERS['accept-encoding'],
    authorization: [question.authorization],
    'content-type': [question.contentType],
  };
  const timeout = ANSWER_TIMEOUT * 1000;
  return toAnswer(client.post({ url: question.url, headers, body: question.body, timeout }));
}

/** The HTTP client of HAProxy. */
export const http: HttpClient<HttpAnswer> & Introspector<HttpAnswer> = { get, post };
