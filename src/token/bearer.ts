// The bearer token of a request, from its Authorization header alone (RFC 6750 §2.1).
import { fail, succeed, type Outcome } from '../answer/outcome';

const SCHEME = 'bearer';

/** The beginning of the field from nearly every client. */
const USUAL = 'Bearer ';

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t';
}

/** The value without optional white space around it (RFC 9110 §5.6.3). */
export function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charAt(start))) start += 1;
  while (end > start && isBlank(value.charAt(end - 1))) end -= 1;
  return value.substring(start, end);
}

/**
 * Finds the token that a request presents. Its characters are not checked here.
 * @param authorization every Authorization field value, one for each header line
 * @returns `credentials_missing`, `scheme_unsupported` or `authorization_repeated` when there is not exactly one
 */
export function extractBearer(authorization: readonly string[]): Outcome<string> {
  // RFC 6750 §3.1: more than one method or value is an invalid request. Never choose between two.
  if (authorization.length > 1) return fail('authorization_repeated');
  const field = authorization[0];
  if (field === undefined) return fail('credentials_missing');
  // The common case without a second look: `Bearer `, and a token with no blank at either end.
  const first = field.charAt(USUAL.length);
  const isUsual = field.substring(0, USUAL.length) === USUAL && first !== '' && !isBlank(first);
  if (isUsual && !isBlank(field.charAt(field.length - 1))) return succeed(field.substring(USUAL.length));
  const value = trimBlanks(field);
  if (value === '') return fail('credentials_missing');
  const space = value.indexOf(' ');
  const scheme = space < 0 ? value : value.substring(0, space);
  // RFC 9110 §11.1: the scheme is matched without regard to case.
  if (scheme.toLowerCase() !== SCHEME) return fail('scheme_unsupported');
  if (space < 0) return fail('credentials_missing');
  let start = space;
  while (value.charAt(start) === ' ') start += 1;
  return succeed(value.substring(start));
}
