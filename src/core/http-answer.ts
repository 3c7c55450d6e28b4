// Answers over HTTP that the core reads, of keys or about tokens: how large and late they may be, and what is wrong with one.
import type { HttpAnswer } from '../ports/http';

/** The most characters of an answer that are looked at. */
export const MAX_ANSWER_LENGTH = 1048576;
/** Seconds for one answer. */
export const ANSWER_TIMEOUT = 5;

/** Why an answer cannot be read at all, in words that follow its URL; undefined when it can. */
export function findFault(answer: HttpAnswer): string | undefined {
  if (!answer.ok) return answer.problem;
  if (answer.status >= 300 && answer.status < 400) return 'it answers with a redirect, which is not followed';
  if (answer.status !== 200) return 'it answers with status ' + answer.status.toString();
  const encoding = answer.contentEncoding.toLowerCase();
  if (encoding !== '' && encoding !== 'identity') return 'it answers compressed, which was not asked for';
  return answer.body.length > MAX_ANSWER_LENGTH ? 'its answer is longer than 1 MB' : undefined;
}
