// The compact serialization (RFC 7515 §7.1): three base64url segments, nothing decoded yet.
import { isCanonicalBase64Url } from '../codec/base64';
import type { Text } from '../codec/text';
import { fail, succeed, type Outcome } from '../answer/outcome';

/** The longest token that is accepted, in characters. */
export const MAX_TOKEN_LENGTH = 16384;

/** The segments of a token; nothing in it is trusted. */
export interface UnverifiedToken {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
  /** RFC 7515 §2: the header and payload segments with the dot between them. */
  readonly signingInput: string;
}

function isSegment(segment: string, text: Text): boolean {
  return text.isBase64UrlAlphabet(segment) && isCanonicalBase64Url(segment);
}

/** Whether there is nothing but base64url characters and dots; each engine counts other characters its own way. */
function isTokenText(token: string, text: Text): boolean {
  return text.isBase64UrlAlphabet(token.split('.').join(''));
}

/** Whether a token has the five segments of an encrypted one (RFC 7516 §7.1). */
function hasFiveSegments(token: string, thirdDot: number): boolean {
  const fourthDot = token.indexOf('.', thirdDot + 1);
  return fourthDot >= 0 && token.indexOf('.', fourthDot + 1) < 0;
}

/**
 * Splits a token into its segments, each of canonical base64url.
 * @returns `token_too_large`, `token_encrypted` or `token_malformed`
 */
export function splitCompact(token: string, text: Text): Outcome<UnverifiedToken> {
  if (token.length > MAX_TOKEN_LENGTH) return fail(isTokenText(token, text) ? 'token_too_large' : 'token_malformed');
  const firstDot = token.indexOf('.');
  const secondDot = firstDot < 0 ? -1 : token.indexOf('.', firstDot + 1);
  if (secondDot < 0) return fail('token_malformed');
  const thirdDot = token.indexOf('.', secondDot + 1);
  if (thirdDot >= 0) {
    // Two tokens with a comma or a space between them also have four dots (RFC 6750 §2.1: a token has neither).
    const encrypted = hasFiveSegments(token, thirdDot) && isTokenText(token, text);
    return fail(encrypted ? 'token_encrypted' : 'token_malformed');
  }
  const header = token.substring(0, firstDot);
  const payload = token.substring(firstDot + 1, secondDot);
  const signature = token.substring(secondDot + 1);
  // RFC 7515 §5.2 steps 2, 7 and 8: no padding, no line breaks, nothing outside the alphabet.
  if (!isSegment(header, text) || !isSegment(payload, text) || !isSegment(signature, text)) {
    return fail('token_malformed');
  }
  return succeed({ header, payload, signature, signingInput: token.substring(0, secondDot) });
}
