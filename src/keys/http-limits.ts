// Answers over HTTP that the core reads, of keys or about tokens: how large and late they may be, and each fault in words
// that follow the URL, the same on both hosts.
import type { HttpAnswer, HttpQuestion } from '../ports/http';

/** The most characters that an answer may have. */
export const MAX_ANSWER_LENGTH = 1048576;
/** Seconds for one answer. */
export const ANSWER_TIMEOUT = 5;
/**
 * Seconds for an answer to a question that may be asked once alone: what it brings cannot be had again. Less than the ten
 * seconds after which a session's next refresh may begin.
 */
export const ONCE_TIMEOUT = 9;

export const TOO_LONG = 'its answer is longer than 1 MB';
export const CUT_OFF = 'its answer is cut off';
export const NOT_UTF8 = 'its answer is not UTF-8';
/** The limit of a question. */
export function timeoutOf(question: HttpQuestion | undefined): number {
  return question?.isOnce === true ? ONCE_TIMEOUT : ANSWER_TIMEOUT;
}

/** No whole answer came within so many seconds. */
export function describeLate(seconds: number): string {
  return 'it sends no whole answer within ' + seconds.toString() + ' seconds';
}

export const LATE = describeLate(ANSWER_TIMEOUT);
/** The host could not send the request at all. */
export const UNSENT = 'the request cannot be sent';

/** Why an answer cannot be read at all, in words that follow its URL; undefined when it can. */
export function findFault(answer: HttpAnswer): string | undefined {
  if (!answer.ok) return answer.problem;
  if (answer.status >= 300 && answer.status < 400) return 'it answers with a redirect, which is not followed';
  if (answer.status !== 200) return 'it answers with status ' + answer.status.toString();
  const encoding = answer.contentEncoding.toLowerCase();
  if (encoding !== '' && encoding !== 'identity') return 'it answers compressed, which was not asked for';
  return answer.body.length > MAX_ANSWER_LENGTH ? TOO_LONG : undefined;
}
