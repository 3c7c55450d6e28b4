// The client's private key (OpenID Connect Core 1.0 §9, `private_key_jwt`): what it signs, and by which algorithm.
import { encodeBase64Url } from '../../codec/base64';
import type { Json, JsonObject } from '../../codec/json';
import { formatJson } from '../../codec/json-format';
import { sha256 } from '../../crypto/sha256';
import { readPrivateKey, type PrivateKey } from '../../keys/private-key';
import { findAlgorithm, type AlgorithmName, type KeyType } from '../../model/algorithm';
import type { SigningKey } from '../../model/signing-key';
import { nameFile } from '../repeated-values';
import type { IssuerContext } from './issuer-keys';
import { complain, member, readChoice, readString, type Place } from './reader';

const FILE = 'client_key_file';
const ID = 'client_key_id';
/** The name of RFC 7591 §2 and OpenID Connect Registration 1.0 §2. */
const ALGORITHM = 'token_endpoint_auth_signing_alg';
/** The members that this file reads. */
export const CLIENT_KEY_MEMBERS: readonly string[] = [FILE, ID, ALGORITHM];

/** The algorithms that a client may sign with, the usual one of each type of key first. */
const SIGNING = ['RS256', 'PS256', 'RS384', 'RS512', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const;

/** The longest key identifier. */
const MAX_ID = 256;

function readFile(context: IssuerContext, place: Place<Json>): PrivateKey | undefined {
  const path = readString(context.reader, place);
  if (path === undefined) return undefined;
  const file = context.compilation.source.readFile(path);
  const answer = file.ok ? readPrivateKey(file.text) : undefined;
  if (!file.ok) complain(context.reader, place.pointer, 'cannot read ' + nameFile(path) + ': ' + file.problem);
  if (answer === undefined) return undefined;
  if (answer.ok) return answer.value;
  complain(context.reader, place.pointer, nameFile(path) + ' ' + answer.problem);
  return undefined;
}

function readAlgorithm(context: IssuerContext, object: Place<JsonObject>, type: KeyType): AlgorithmName {
  const able = SIGNING.filter((name) => findAlgorithm(name)?.keyType === type);
  const usual = able[0] ?? 'RS256';
  const chosen = readChoice(context.reader, object, ALGORITHM, SIGNING, usual);
  const place = member(object, ALGORITHM) ?? member(object, FILE) ?? object;
  const signs = context.compilation.source.signs ?? [];
  if (able.indexOf(chosen) < 0) {
    complain(context.reader, place.pointer, 'is not for a key of type ' + type + '; write one of ' + able.join(', '));
  } else if (signs.indexOf(chosen) < 0) {
    const mend = signs.length === 0 ? '' : '; it can with ' + signs.join(', ');
    complain(context.reader, place.pointer, 'asks for ' + chosen + ', with which this proxy cannot sign' + mend);
  }
  return chosen;
}

function readId(context: IssuerContext, object: Place<JsonObject>): string | undefined {
  const place = member(object, ID);
  const id = place === undefined ? undefined : readString(context.reader, place);
  if (place === undefined || id === undefined) return undefined;
  if (id === '' || id.length > MAX_ID || !context.reader.text.isVisibleAscii(id)) {
    complain(context.reader, place.pointer, 'is not 1 to 256 visible characters of ASCII');
  }
  return id;
}

/** The header of what the key signs (RFC 7515 §4.1). */
function writeHeader(algorithm: AlgorithmName, id: string | undefined, certificate: PrivateKey['certificate']): string {
  const names: string[] = ['alg', 'typ'];
  const values: Json[] = [algorithm, 'JWT'];
  if (id !== undefined) {
    names.push('kid');
    values.push(id);
  }
  if (certificate !== undefined) {
    // RFC 7515 §4.1.8: some providers know a client's key by its certificate alone.
    names.push('x5t#S256');
    values.push(encodeBase64Url(sha256(certificate)));
  }
  return formatJson({ kind: 'object', names, values });
}

/** The key of a client that signs; undefined where there is none, which is noted. */
export function readClientKey(context: IssuerContext, object: Place<JsonObject>): SigningKey | undefined {
  const place = member(object, FILE);
  if (place === undefined) {
    complain(context.reader, object.pointer, 'has no `client_key_file`; name the PEM file of the private key');
    return undefined;
  }
  const key = readFile(context, place);
  const id = readId(context, object);
  if (key === undefined) return undefined;
  const algorithm = readAlgorithm(context, object, key.type);
  return { type: key.type, algorithm, header: writeHeader(algorithm, id, key.certificate), pkcs8: key.pkcs8 };
}

/** Notes each member of a key where the client proves itself by a secret. */
export function refuseClientKey(context: IssuerContext, object: Place<JsonObject>): void {
  for (let index = 0; index < CLIENT_KEY_MEMBERS.length; index++) {
    const place = member(object, CLIENT_KEY_MEMBERS[index] ?? '');
    if (place === undefined) continue;
    complain(
      context.reader,
      place.pointer,
      'has no effect without `"token_endpoint_auth_method": "private_key_jwt"`; write that, or remove it',
    );
  }
}
