// How the proxy proves to an issuer which client it is (RFC 6749 §2.3.1): its identifier, its secrets, its method.
import { encodeBase64 } from '../../codec/base64';
import type { JsonObject } from '../../codec/json';
import { octetsOf } from '../../crypto/octets';
import type { ClientCredentials } from '../../model/client-credentials';
import { readAudience, readClientKeys, refuseClientKey } from './client-key';
import { decodeSecret, MAX_SECRETS } from '../secrets';
import type { IssuerContext } from './issuer-keys';
import { vocabularyFor } from './issuer-keys';
import { readEncoding, readSecretTexts } from './named-secrets';
import { complain, member, readChoice, readString, type Place } from './reader';

const SECRETS: readonly string[] = ['client_secret_env', 'client_secret_file'];
const ENCODING = 'client_secret_encoding';
/** RFC 7591 §2 has this name and the methods'. */
const METHOD = 'token_endpoint_auth_method';
const METHODS = ['client_secret_basic', 'client_secret_post'] as const;
const SIGNED = 'private_key_jwt';
/** The methods of a client that can sign. */
const SIGNING_METHODS = ['client_secret_basic', 'client_secret_post', SIGNED] as const;
/** RFC 7523 §2.2, as forms write it. */
const ASSERTION_TYPE = 'urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer';
/** The members that this file reads. */
export const CLIENT_MEMBERS: readonly string[] = ['client_id', ENCODING, METHOD].concat(SECRETS);

const HEX = '0123456789ABCDEF';
const UNSEEN = 'other than visible ASCII; ask for one without (RFC 6749 appendix A)';

/** Whether octets are visible ASCII. */
function isVisible(octets: readonly number[]): boolean {
  return octets.every((octet) => octet > 32 && octet < 127);
}

/** Visible ASCII as forms write it (RFC 6749 §2.3.1 and appendix B). */
function encodeForm(octets: readonly number[], context: IssuerContext): string {
  const pieces: string[] = [];
  for (let index = 0; index < octets.length; index++) {
    const code = octets[index] ?? 0;
    const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
    const isPlain = isLetter || (code >= 48 && code <= 57) || code === 45 || code === 46 || code === 95;
    if (isPlain) pieces.push(context.reader.text.fromCodePoint(code));
    else pieces.push('%', HEX.charAt(Math.floor(code / 16)), HEX.charAt(code % 16));
  }
  return pieces.join('');
}

function readClientId(context: IssuerContext, object: Place<JsonObject>): string {
  const reader = context.reader;
  const place = member(object, 'client_id');
  if (place === undefined) {
    complain(
      reader,
      object.pointer,
      'has no `client_id`; issuers answer only clients that they know (RFC 7662 section 2.1)',
    );
    return '';
  }
  const id = readString(reader, place) ?? '';
  if (!isVisible(octetsOf(id))) complain(reader, place.pointer, 'has characters ' + UNSEEN);
  return encodeForm(octetsOf(id), context);
}

/** The member that names the secrets; undefined where none or both do, which is noted. */
function findSecrets(context: IssuerContext, object: Place<JsonObject>): string | undefined {
  const named = SECRETS.filter((name) => member(object, name) !== undefined);
  if (named.length === 1) return named[0];
  const none =
    'has no `client_secret_file` and no `client_secret_env`; name the file or the variable that holds the secret';
  const both = 'names client_secret_env and client_secret_file; name one of them, which can be a list';
  complain(context.reader, object.pointer, named.length === 0 ? none : both);
  return undefined;
}

/** The client's secrets as forms write them, in their order; one that occurs twice is a notice. */
function readClientSecrets(context: IssuerContext, object: Place<JsonObject>): readonly string[] {
  const compilation = context.compilation;
  const reader = context.reader;
  const encoding = readEncoding(reader, object, ENCODING);
  const name = findSecrets(context, object);
  if (name === undefined) return [];
  const texts = readSecretTexts(compilation, reader, object, name);
  const words = vocabularyFor(reader, object);
  const secrets: string[] = [];
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index];
    const bytes = text === undefined ? undefined : decodeSecret(compilation, words, text, encoding);
    if (bytes === undefined) continue;
    const secret = encodeForm(bytes.octets, context);
    if (!isVisible(bytes.octets)) {
      compilation.problems.push({ setting: bytes.setting, message: bytes.subject + 'has characters ' + UNSEEN });
    } else if (secrets.indexOf(secret) >= 0) {
      compilation.notices.push({ setting: bytes.setting, message: bytes.subject + 'is the same secret once more' });
    } else secrets.push(secret);
  }
  if (texts.length > MAX_SECRETS)
    complain(
      reader,
      object.pointer + '/' + name,
      'names more than ' + MAX_SECRETS.toString() + ' secrets; remove the oldest',
    );
  return secrets;
}

/** The credentials of a client that signs, one for each key, the newest first. */
function readSigned(context: IssuerContext, object: Place<JsonObject>, issuer: string): readonly ClientCredentials[] {
  const named = SECRETS.concat([ENCODING]).map((name) => member(object, name));
  for (let index = 0; index < named.length; index++) {
    const place = named[index];
    if (place !== undefined) complain(context.reader, place.pointer, 'has no effect with `private_key_jwt`; remove it');
  }
  const id = readClientId(context, object);
  const form = '&client_id=' + id + '&client_assertion_type=' + ASSERTION_TYPE + '&client_assertion=';
  const audience = readAudience(context, object, issuer);
  return readClientKeys(context, object).map((key) => ({ form, key, audience }));
}

/** The credentials of a client by its secrets, one for each, the newest first. */
function readSecret(context: IssuerContext, object: Place<JsonObject>, isPost: boolean): readonly ClientCredentials[] {
  const id = readClientId(context, object);
  return readClientSecrets(context, object).map((secret) =>
    isPost
      ? { authorization: undefined, form: '&client_id=' + id + '&client_secret=' + secret }
      : // RFC 7617 §2.
        { authorization: 'Basic ' + encodeBase64(octetsOf(id + ':' + secret)), form: '' },
  );
}

/** The credentials of a client that proves itself by a secret. */
export function readClientCredentials(context: IssuerContext, object: Place<JsonObject>): readonly ClientCredentials[] {
  const method = readChoice(context.reader, object, METHOD, METHODS, 'client_secret_basic');
  return readSecret(context, object, method === 'client_secret_post');
}

/**
 * The same for a client that may prove itself by a signature too.
 * @param issuer whose token endpoint it is
 */
export function readSigningCredentials(
  context: IssuerContext,
  object: Place<JsonObject>,
  issuer: string,
): readonly ClientCredentials[] {
  const method = readChoice(context.reader, object, METHOD, SIGNING_METHODS, 'client_secret_basic');
  if (method === SIGNED) return readSigned(context, object, issuer);
  refuseClientKey(context, object);
  return readSecret(context, object, method === 'client_secret_post');
}
