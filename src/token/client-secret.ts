// Several secrets of the client that asks about opaque tokens: where its issuer rejects one, the next is tried.
import { quoteUrl } from '../codec/printable';
import { ANSWER_TIMEOUT } from '../keys/http-limits';
import type { HttpAnswer, HttpQuestion } from '../ports/http';

/**
 * Whether an issuer rejects the client, rather than the token (RFC 7662 §2.3, RFC 6749 §5.2): with 401, or with 400 where the
 * form had the secret.
 */
export function rejectsClient(question: HttpQuestion, answer: HttpAnswer): boolean {
  if (!answer.ok) return false;
  return answer.status === 401 || (answer.status === 400 && question.authorization === undefined);
}

/** A question on its way through the secrets of a client. */
export interface Turn {
  /** The place of the secret with which it was asked. */
  readonly place: number;
  /** How many were tried, this one among them. */
  readonly tried: number;
  /** Seconds since the epoch of the first. */
  readonly begun: number;
}

/**
 * The next secret to ask with: each once, and none after the time of one answer. Undefined where this answer counts.
 * @param now seconds since the epoch
 */
export function nextTurn(
  questions: readonly HttpQuestion[],
  turn: Turn,
  answer: HttpAnswer,
  now: number,
): Turn | undefined {
  const question = questions[turn.place];
  if (question === undefined || !rejectsClient(question, answer)) return undefined;
  if (turn.tried >= questions.length || now - turn.begun >= ANSWER_TIMEOUT) return undefined;
  return { place: (turn.place + 1) % questions.length, tried: turn.tried + 1, begun: turn.begun };
}

/** The line that tells the operator which secret counts now. @param place of the one that the issuer accepts */
export function describeAccepted(url: string, place: number, count: number): string {
  const which = 'secret ' + (place + 1).toString() + ' of ' + count.toString();
  return (
    'introspection at ' + quoteUrl(url) + ': the issuer rejected another secret of the client, and accepts ' + which
  );
}
