// The password of Basic credentials (RFC 7617 §2): the place of a token for clients that have nothing else.
import { trimBlanks } from '../bearer';
import type { Text } from '../../codec/text';
import { fail, succeed, type Outcome } from '../../answer/outcome';

const SCHEME = 'basic';

/** Whether the scheme of an Authorization field is Basic (RFC 9110 §11.1: in any case); backends read a tab as a blank. */
export function isBasic(field: string): boolean {
  const value = trimBlanks(field);
  const next = value.charAt(SCHEME.length);
  return (next === '' || next === ' ' || next === '\t') && value.substring(0, SCHEME.length).toLowerCase() === SCHEME;
}

/** Standard base64 with its padding as base64url without; undefined where the padding is wrong. */
function toBase64Url(encoded: string): string | undefined {
  if (encoded === '' || encoded.length % 4 !== 0) return undefined;
  let end = encoded.length;
  if (encoded.charAt(end - 1) === '=') end -= 1;
  if (end < encoded.length && encoded.charAt(end - 1) === '=') end -= 1;
  const digits = encoded.substring(0, end);
  // The letters of base64url are not those of base64: no second spelling.
  if (digits.indexOf('-') >= 0 || digits.indexOf('_') >= 0) return undefined;
  return digits.split('+').join('-').split('/').join('_');
}

/**
 * The password of a Basic field; the user is ignored.
 * @returns `credentials_malformed` unless it is canonical base64 of UTF-8 without control characters and with a colon;
 * `credentials_missing` for an empty password
 */
export function readPassword(field: string, text: Text): Outcome<string> {
  const digits = toBase64Url(trimBlanks(trimBlanks(field).substring(SCHEME.length)));
  const pair = digits === undefined ? undefined : text.decodeBase64Url(digits);
  const colon = pair === undefined ? -1 : pair.indexOf(':');
  if (pair === undefined || colon < 0 || text.hasControl(pair)) return fail('credentials_malformed');
  const password = pair.substring(colon + 1);
  return password === '' ? fail('credentials_missing') : succeed(password);
}
