// Opaque tokens, judged by asking their issuer (RFC 7662): what is asked, and what the answer means. The host does the asking.
import { asObject, findMember, type Json, type JsonObject } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import type { HttpAnswer, HttpQuestion } from '../ports/http';
import type { Text } from '../ports/text';
import { MAX_TOKEN_LENGTH } from './compact';
import { findFault } from './http-answer';
import { fail, succeed, type Outcome } from './outcome';

/** How an issuer is asked about its tokens: plain data. */
export interface Introspection {
  readonly url: string;
  /** The whole Authorization field that the gateway proves itself with (RFC 7662 §2.1, RFC 6749 §2.3.1). */
  readonly authorization: string;
  /** Seconds for which a good answer counts at the most. */
  readonly age: number;
  /** Seconds for which a token that is not active is refused without another question. */
  readonly inactiveAge: number;
}

const FORM = 'application/x-www-form-urlencoded';
/** The characters of RFC 6750 §2.1 that a form has another use for. */
const ENCODED: readonly (readonly [string, string])[] = [
  ['+', '%2B'],
  ['/', '%2F'],
  ['=', '%3D'],
];

/** Whether a token cannot be a signed one: it has not exactly three segments (RFC 7515 §7.1). */
export function isOpaque(bearer: string): boolean {
  return bearer.split('.').length !== 3;
}

/** RFC 6750 §2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=". */
function isB64Token(token: string, text: Text): boolean {
  let end = token.length;
  while (end > 0 && token.charAt(end - 1) === '=') end -= 1;
  const rest = token.substring(0, end).split('.').join('').split('~').join('').split('+').join('').split('/').join('');
  return end > 0 && text.isBase64UrlAlphabet(rest);
}

/**
 * The question about a token (RFC 7662 §2.1).
 * @returns `token_too_large` or `token_malformed` for what is no bearer token
 */
export function askAbout(terms: Introspection, token: string, text: Text): Outcome<HttpQuestion> {
  if (!isB64Token(token, text)) return fail('token_malformed');
  if (token.length > MAX_TOKEN_LENGTH) return fail('token_too_large');
  let encoded = token;
  for (let index = 0; index < ENCODED.length; index++) {
    const pair = ENCODED[index];
    if (pair !== undefined) encoded = encoded.split(pair[0]).join(pair[1]);
  }
  return succeed({
    url: terms.url,
    authorization: terms.authorization,
    contentType: FORM,
    body: 'token=' + encoded + '&token_type_hint=access_token',
  });
}

function withMember(object: JsonObject, name: string, value: Json): JsonObject {
  if (findMember(object, name) !== undefined) return object;
  return { kind: 'object', names: object.names.concat([name]), values: object.values.concat([value]) };
}

function withoutMember(object: JsonObject, name: string): JsonObject {
  const place = object.names.indexOf(name);
  return {
    kind: 'object',
    names: object.names.filter((_, index) => index !== place),
    values: object.values.filter((_, index) => index !== place),
  };
}

/**
 * Reads an answer (RFC 7662 §2.2).
 * @returns the token's claims; `token_inactive`, `type_refused`, or `introspection_unavailable` when there is no answer
 *   that says either
 */
export function readIntrospection(answer: HttpAnswer, text: Text): Outcome<JsonObject> {
  if (!answer.ok || findFault(answer) !== undefined) return fail('introspection_unavailable');
  const document = asObject(parseJson(answer.body, text));
  const active = document === undefined ? undefined : findMember(document, 'active');
  if (document === undefined || typeof active !== 'boolean') return fail('introspection_unavailable');
  if (!active) return fail('token_inactive');
  // RFC 7662 §2.2, RFC 6749 §5.1: another type needs a proof that is not asked for here.
  const type = findMember(document, 'token_type');
  const isBearer = typeof type === 'string' && ['bearer', 'access_token'].indexOf(type.toLowerCase()) >= 0;
  if (type !== undefined && !isBearer) return fail('type_refused');
  return succeed(withoutMember(document, 'active'));
}

/** Why an answer left a token's state open, for the log: words that follow its URL. */
export function describeOutage(answer: HttpAnswer): string {
  return findFault(answer) ?? 'its answer does not say `active`';
}

/**
 * The claims with what the answer may leave out (RFC 7662 §2.2: all of them are optional) and the judge asks for: the
 * issuer, which was asked itself, and an end, which is that of the answer.
 * @param until seconds since the epoch
 */
export function completeClaims(claims: JsonObject, issuer: string, until: number): JsonObject {
  const named = withMember(claims, 'iss', issuer);
  return withMember(named, 'exp', { kind: 'number', value: until, text: until.toString() });
}
