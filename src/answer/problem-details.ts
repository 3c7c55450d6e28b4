// The body of a refusal: problem details (RFC 9457), for hosts that answer by themselves.
import type { Decision } from './decision';
import { refusalFor } from './reason';

/** The media type of `problemBody` (RFC 9457 §6.1). */
export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9110 §15: the names of a refusal's statuses. */
const TITLES: Readonly<Record<string, string>> = {
  '400': 'Bad Request',
  '401': 'Unauthorized',
  '403': 'Forbidden',
  '503': 'Service Unavailable',
};

/** Seconds for `Retry-After` (RFC 9110 §10.2.3); undefined for an answer without that field. */
export function retryAfter(decision: Decision): number | undefined {
  return decision.reason === '' ? undefined : refusalFor(decision.reason).retryAfter;
}

/**
 * The JSON body of a refusal; empty when the decision allows. All its text comes from tables of this product, so nothing
 * needs escaping.
 */
export function problemBody(decision: Decision): string {
  if (decision.reason === '') return '';
  const status = decision.status.toString();
  return (
    '{"title":"' +
    (TITLES[status] ?? '') +
    '","status":' +
    status +
    ',"detail":"' +
    refusalFor(decision.reason).sentence +
    '","reason":"' +
    decision.reason +
    '"}'
  );
}

/** A header field of an answer. */
export interface AnswerField {
  readonly name: string;
  readonly value: string;
}

/** Fetch §3.2.3: scripts of any origin may read a public document. INVARIANT: never on an answer to a judged request. */
const ANY_ORIGIN: AnswerField = { name: 'Access-Control-Allow-Origin', value: '*' };

/** The header fields of a public document. */
export const PUBLIC_FIELDS: readonly AnswerField[] = [ANY_ORIGIN];

/** The answer to a preflight request for a public document; `*` means every header except Authorization. */
export const PREFLIGHT_FIELDS: readonly AnswerField[] = [
  ANY_ORIGIN,
  { name: 'Access-Control-Allow-Methods', value: 'GET, HEAD' },
  { name: 'Access-Control-Allow-Headers', value: 'MCP-Protocol-Version, *' },
  { name: 'Access-Control-Max-Age', value: '86400' },
];
