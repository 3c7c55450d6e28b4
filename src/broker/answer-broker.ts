// The addresses of the broker: which of them a request asks for, and the answer.
import { PREFLIGHT_FIELDS, PUBLIC_FIELDS, type AnswerField } from '../answer/problem-details';
import type { AnswerLine, LoginAnswer } from '../login/login-answer';
import type { Broker, PublicDocument } from '../model/broker';
import { pathOf, type RequestLines } from '../token/places/request-lines';

/** Seconds for which others may keep the documents: a key is published that long before it signs. */
const AGE = 300;

function linesOf(fields: readonly AnswerField[]): readonly AnswerLine[] {
  return fields.map((field): AnswerLine => [field.name, field.value]);
}

function refuse(status: number, error: string, more: readonly AnswerLine[]): LoginAnswer {
  const headers: readonly AnswerLine[] = [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'no-store'],
  ];
  return { status, headers: headers.concat(more), body: '{"error":"' + error + '"}' };
}

/** Scripts of any origin may read a public document (Fetch §3.2.3). */
function showDocument(document: PublicDocument, method: string): LoginAnswer {
  if (method === 'OPTIONS') return { status: 204, headers: linesOf(PREFLIGHT_FIELDS), body: '' };
  if (method !== 'GET' && method !== 'HEAD')
    return refuse(405, 'method_not_allowed', [['Allow', 'GET, HEAD, OPTIONS']]);
  const headers: readonly AnswerLine[] = [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'public, max-age=' + AGE.toString()],
    ['X-Content-Type-Options', 'nosniff'],
  ];
  return { status: 200, headers: headers.concat(linesOf(PUBLIC_FIELDS)), body: document.body };
}

/** Answers a request for an address of the broker: its path must be spelled exactly so. A host sends no body to HEAD. */
export function answerBroker(broker: Broker, request: RequestLines): LoginAnswer {
  const path = pathOf(request.target);
  const document = broker.documents.find((candidate) => candidate.path === path);
  return document === undefined ? refuse(404, 'not_found', []) : showDocument(document, request.method);
}
