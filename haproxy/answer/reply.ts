// The answers that actions send themselves: to a refused request, and to one for the metadata document.
import {
  PREFLIGHT_FIELDS,
  PROBLEM_TYPE,
  problemBody,
  PUBLIC_FIELDS,
  retryAfter,
} from '../../src/answer/problem-details';
import type { Decision } from '../../src/answer/decision';
import type { ResourceMetadata } from '../../src/model/policy';

/**
 * Answers with the refusal's status, challenge (RFC 6750 §3) and problem details (RFC 9457). Does not return.
 * @param cookies values of Set-Cookie fields
 */
export function answerRefusal(txn: Txn, decision: Decision, cookies: readonly string[]): never {
  const reply = txn.reply();
  reply.set_status(decision.status);
  if (decision.challenge !== '') reply.add_header('WWW-Authenticate', decision.challenge);
  const seconds = retryAfter(decision);
  if (seconds !== undefined) reply.add_header('Retry-After', tostring(seconds));
  reply.add_header('Content-Type', PROBLEM_TYPE);
  // RFC 9111 §5.2.2.5: one client's answer is not for another.
  reply.add_header('Cache-Control', 'no-store');
  for (const cookie of cookies) reply.add_header('Set-Cookie', cookie);
  reply.set_body(problemBody(decision));
  return txn.done(reply);
}

/**
 * Answers with the metadata document (RFC 9728 §3.2), or a browser's preflight request for it. Does not return.
 */
export function answerDocument(txn: Txn, metadata: ResourceMetadata): never {
  const reply = txn.reply();
  const isQuestion = txn.f.method() === 'OPTIONS';
  reply.set_status(isQuestion ? 204 : 200);
  for (const { name, value } of isQuestion ? PREFLIGHT_FIELDS : PUBLIC_FIELDS) reply.add_header(name, value);
  if (isQuestion) return txn.done(reply);
  reply.add_header('Content-Type', 'application/json');
  reply.set_body(metadata.body);
  return txn.done(reply);
}
