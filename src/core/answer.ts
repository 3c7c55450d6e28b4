// The body of a refusal: problem details (RFC 9457), for hosts that answer by themselves.
import type { Decision } from './decision';
import { REFUSALS } from './reason';

/** The media type of `problemBody` (RFC 9457 §6.1). */
export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9110 §15: what the statuses of a refusal are called. */
const TITLES: Readonly<Record<string, string>> = {
  '400': 'Bad Request',
  '401': 'Unauthorized',
  '403': 'Forbidden',
  '503': 'Service Unavailable',
};

/** Seconds for `Retry-After` (RFC 9110 §10.2.3); undefined for an answer without that field. */
export function retryAfter(decision: Decision): number | undefined {
  return decision.reason === '' ? undefined : REFUSALS[decision.reason].retryAfter;
}

/**
 * The JSON body of a refusal; empty when the decision allows. Everything in it is out of our own tables, so nothing
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
    REFUSALS[decision.reason].sentence +
    '","reason":"' +
    decision.reason +
    '"}'
  );
}
