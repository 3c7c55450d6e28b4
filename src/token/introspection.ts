// Opaque tokens, judged by asking their issuer (RFC 7662): the question, and the meaning of the answer. The host sends it.
import { asObject, findMember, isNull, type Json, type JsonObject } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import { quoteUrl } from '../codec/printable';
import type { HttpAnswer, HttpQuestion } from '../ports/http';
import type { Text } from '../codec/text';
import { rejectsClient } from './client-secret';
import { MAX_TOKEN_LENGTH } from './compact';
import { FORM_TYPE } from './places/form';
import { findFault } from '../keys/http-limits';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { Introspection } from '../model/settings';

const REJECTED = ' (it rejects the client: see to `client_id`, its secret and `token_endpoint_auth_method`)';
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
 * The question about a token, once for each secret of the client that asks (RFC 7662 §2.1).
 * @returns `token_too_large` or `token_malformed` for anything but a bearer token
 */
export function askAbout(terms: Introspection, token: string, text: Text): Outcome<readonly HttpQuestion[]> {
  if (!isB64Token(token, text)) return fail('token_malformed');
  if (token.length > MAX_TOKEN_LENGTH) return fail('token_too_large');
  let encoded = token;
  for (let index = 0; index < ENCODED.length; index++) {
    const pair = ENCODED[index];
    if (pair !== undefined) encoded = encoded.split(pair[0]).join(pair[1]);
  }
  return succeed(
    terms.credentials.map((credentials) => ({
      url: terms.url,
      authorization: credentials.authorization,
      contentType: FORM_TYPE,
      body: 'token=' + encoded + '&token_type_hint=access_token' + credentials.form,
    })),
  );
}

function withMember(object: JsonObject, name: string, value: Json): JsonObject {
  if (findMember(object, name) !== undefined) return object;
  return { kind: 'object', names: object.names.concat([name]), values: object.values.concat([value]) };
}

/** The answer without `active` and without what is null: some servers write every member that RFC 7662 §2.2 leaves open. */
function claimsOf(document: JsonObject): JsonObject {
  const names: string[] = [];
  const values: Json[] = [];
  for (let index = 0; index < document.names.length; index++) {
    const name = document.names[index] ?? '';
    const value = document.values[index];
    if (value === undefined || name === 'active' || isNull(value)) continue;
    names.push(name);
    values.push(value);
  }
  return { kind: 'object', names, values };
}

/**
 * Reads an answer (RFC 7662 §2.2).
 * @returns the token's claims; `token_inactive`, `type_refused`, or `introspection_unavailable` when the answer is neither
 */
export function readIntrospection(answer: HttpAnswer, text: Text): Outcome<JsonObject> {
  if (!answer.ok || findFault(answer) !== undefined) return fail('introspection_unavailable');
  const document = asObject(parseJson(answer.body, text));
  const active = document === undefined ? undefined : findMember(document, 'active');
  if (document === undefined || typeof active !== 'boolean') return fail('introspection_unavailable');
  if (!active) return fail('token_inactive');
  // RFC 7662 §2.2, RFC 6749 §5.1: another type needs a proof that is not asked for here.
  const claims = claimsOf(document);
  const type = findMember(claims, 'token_type');
  const isBearer = typeof type === 'string' && ['bearer', 'access_token'].indexOf(type.toLowerCase()) >= 0;
  if (type !== undefined && !isBearer) return fail('type_refused');
  return succeed(claims);
}

/**
 * The line that both hosts log when an answer leaves a token's state open.
 * @param questions one for each secret of the client
 * @param hint what the host adds to the fault; may be empty
 */
export function describeOutage(questions: readonly HttpQuestion[], answer: HttpAnswer, hint: string): string {
  const question = questions[0];
  const fault = findFault(answer) ?? 'its answer has no `active` that is true or false';
  const cause = question !== undefined && rejectsClient(question, answer) ? REJECTED : '';
  const url = question?.url ?? '';
  return 'introspection at ' + quoteUrl(url) + ': ' + fault + cause + hint + '; opaque tokens are refused with 503';
}

/**
 * The claims with what the answer may leave out (RFC 7662 §2.2: all of them are optional) and the judge asks for: the
 * issuer, which was asked itself, and an end, which is that of the answer.
 * @param issuer undefined where it has several tenants, and the answer must name one
 * @param until seconds since the epoch
 */
export function completeClaims(claims: JsonObject, issuer: string | undefined, until: number): JsonObject {
  const named = issuer === undefined ? claims : withMember(claims, 'iss', issuer);
  return withMember(named, 'exp', { kind: 'number', value: until, text: until.toString() });
}
