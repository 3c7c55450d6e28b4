// The answers that actions give themselves: to a refused request, and to one for the metadata document.
import { PROBLEM_TYPE, problemBody, retryAfter } from '../src/core/answer';
import type { Decision } from '../src/core/decision';
import type { ResourceMetadata } from '../src/core/policy';

/** Answers with the refusal's status, challenge (RFC 6750 §3) and problem details (RFC 9457). Does not return. */
export function answerRefusal(txn: Txn, decision: Decision): never {
  const reply = txn.reply();
  reply.set_status(decision.status);
  if (decision.challenge !== '') reply.add_header('WWW-Authenticate', decision.challenge);
  const seconds = retryAfter(decision);
  if (seconds !== undefined) reply.add_header('Retry-After', tostring(seconds));
  reply.add_header('Content-Type', PROBLEM_TYPE);
  // RFC 9111 §5.2.2.5: what one client was answered is not for another.
  reply.add_header('Cache-Control', 'no-store');
  reply.set_body(problemBody(decision));
  return txn.done(reply);
}

/** Answers with the document that tells a client where to get a token (RFC 9728 §3.2). Does not return. */
export function answerDocument(txn: Txn, metadata: ResourceMetadata): never {
  const reply = txn.reply();
  reply.set_status(200);
  reply.add_header('Content-Type', 'application/json');
  reply.set_body(metadata.body);
  return txn.done(reply);
}
