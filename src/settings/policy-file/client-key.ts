// The client's private keys (OpenID Connect Core 1.0 §9, `private_key_jwt`): what they sign, and by which algorithm.
import { encodeBase64Url } from '../../codec/base64';
import type { JsonObject } from '../../codec/json';
import { sha256 } from '../../crypto/sha256';
import type { PrivateKey } from '../../keys/private-key';
import type { AlgorithmName } from '../../model/algorithm';
import type { SigningKey } from '../../model/signing-key';
import type { IssuerContext } from './issuer-keys';
import { MAX_SECRETS } from '../secrets';
import { complain, member, readChoice, readStringOrStrings, remark, type Place } from './reader';
import { checkKeyId, readPrivateFile, readSigningAlgorithm, writeHeader } from './signing-key';

const FILE = 'client_key_file';
const ID = 'client_key_id';
/** The name of RFC 7591 §2 and OpenID Connect Registration 1.0 §2. */
const ALGORITHM = 'token_endpoint_auth_signing_alg';
const AUDIENCE = 'client_assertion_audience';
/** RFC 7523 §3 leaves it open; drafts that revise it, and FAPI 2.0, want the issuer. */
const AUDIENCES = ['token_endpoint', 'issuer'] as const;
/** The members that this file reads. */
export const CLIENT_KEY_MEMBERS: readonly string[] = [FILE, ID, ALGORITHM, AUDIENCE];

/** The identifiers of the keys, one for each; empty where they have none. */
function readIds(context: IssuerContext, object: Place<JsonObject>, count: number): readonly string[] {
  const place = member(object, ID);
  const ids = place === undefined ? [] : readStringOrStrings(context.reader, place);
  if (place === undefined || ids.length === 0) return [];
  checkKeyId(context.reader, place.pointer, ids);
  if (count > 0 && ids.length !== count) {
    const counts = ids.length.toString() + ' for ' + count.toString() + ' keys';
    complain(context.reader, place.pointer, 'names ' + counts + '; name one for each file, in their order');
  }
  return ids;
}

/** The header of what the key signs (RFC 7515 §4.1). */
function headerOf(
  context: IssuerContext,
  algorithm: AlgorithmName,
  id: string | undefined,
  certificate: PrivateKey['certificate'],
): string {
  const names: string[] = ['alg', 'typ'];
  const values: string[] = [algorithm, 'JWT'];
  if (id !== undefined) {
    names.push('kid');
    values.push(id);
  }
  if (certificate !== undefined) {
    // RFC 7515 §4.1.8: some providers know a client's key by its certificate alone.
    names.push('x5t#S256');
    values.push(encodeBase64Url(sha256(certificate)));
  }
  return writeHeader(context.reader, names, values);
}

/** The keys of a client that signs, the newest first; none where one is missing or faulty, which is noted. */
export function readClientKeys(context: IssuerContext, object: Place<JsonObject>): readonly SigningKey[] {
  const place = member(object, FILE);
  if (place === undefined) {
    complain(context.reader, object.pointer, 'has no `client_key_file`; name the PEM file of the private key');
    return [];
  }
  const paths = readStringOrStrings(context.reader, place);
  const ids = readIds(context, object, paths.length);
  const keys: SigningKey[] = [];
  for (let index = 0; index < paths.length && index < MAX_SECRETS; index++) {
    const pointer = typeof place.value === 'string' ? place.pointer : place.pointer + '/' + index.toString();
    const key = readPrivateFile(context, paths[index] ?? '', pointer);
    if (key === undefined) continue;
    if (keys.some((other) => other.pkcs8 === key.pkcs8)) {
      remark(context.reader, pointer, 'is the same key once more');
      continue;
    }
    const algorithm = readSigningAlgorithm(context, object, ALGORITHM, key.type, pointer);
    const header = headerOf(context, algorithm, ids[index], key.certificate);
    keys.push({ type: key.type, algorithm, header, pkcs8: key.pkcs8 });
  }
  if (paths.length > MAX_SECRETS) {
    complain(context.reader, place.pointer, 'names more than ' + MAX_SECRETS.toString() + ' keys; remove the oldest');
  }
  return keys;
}

/** Whom the assertions are for. @returns undefined: the token endpoint. */
export function readAudience(context: IssuerContext, object: Place<JsonObject>, issuer: string): string | undefined {
  const chosen = readChoice(context.reader, object, AUDIENCE, AUDIENCES, 'token_endpoint');
  return chosen === 'issuer' ? issuer : undefined;
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
