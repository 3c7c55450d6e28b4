// Sends an answer. A client that has reset its connection is not an error of this product, and gets no second answer.
import type { LoginAnswer } from '../../src/login/login-answer';
import type { HttpRequest } from '../njs';

/** The error of each njs when nginx could not send. */
const UNSENT = 'failed to send response';

/**
 * Sends the whole answer.
 * INVARIANT: nginx ends a request whose answer it could not send, also in `js_access`; any other error is raised.
 */
export function send(request: HttpRequest, status: number, body?: string): void {
  try {
    request.return(status, body);
  } catch (error) {
    if ((error as Error).message !== UNSENT) throw error;
  }
}

/**
 * Answers a gateway whose request may pass, or anybody with the metadata document.
 * INVARIANT: nginx before 1.30 compares its client's conditional headers, which gateways hand on, with an answer of 200
 * (RFC 9110 §13.2.2), and would refuse: 412 or 304. It does not do so for another 2xx, which means the same: 204, or 203
 * with a document.
 */
export function sendPass(request: HttpRequest, body?: string): void {
  const headers = request.headersIn;
  const isConditional =
    headers['If-Match'] !== undefined ||
    headers['If-None-Match'] !== undefined ||
    headers['If-Unmodified-Since'] !== undefined;
  if (isConditional) send(request, body === undefined ? 204 : 203, body);
  else send(request, 200, body);
}

/** Sends an answer of the core: a public document whole, whatever conditions its client names. */
export function sendDocument(request: HttpRequest, answer: LoginAnswer): void {
  for (let index = 0; index < answer.headers.length; index++) {
    const line = answer.headers[index];
    if (line !== undefined) request.headersOut[line[0]] = line[1];
  }
  if (answer.status === 200) sendPass(request, answer.body);
  else send(request, answer.status, answer.body === '' ? undefined : answer.body);
}
