// Private keys that a policy names: their PEM files, what they sign with, and what they are called.
import { encodeBase64Url } from '../../codec/base64';
import { utf8Octets } from '../../codec/character';
import type { JsonObject } from '../../codec/json';
import { formatJson } from '../../codec/json-format';
import { readPrivateKey, type PrivateKey } from '../../keys/private-key';
import { findAlgorithm, type AlgorithmName, type KeyType } from '../../model/algorithm';
import { nameFile } from '../repeated-values';
import type { IssuerContext } from './issuer-keys';
import { complain, member, readChoice, remark, type Place, type Reader } from './reader';

/** The algorithms of signatures with private keys, the usual one of each type of key first. */
const SIGNING = ['RS256', 'PS256', 'RS384', 'RS512', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

/** The longest key identifier. */
const MAX_ID = 256;

/** Reads the file; reports one without a usable key. @param pointer the place that names it */
export function readPrivateFile(context: IssuerContext, path: string, pointer: string): PrivateKey | undefined {
  const file = context.compilation.source.readFile(path);
  const answer = file.ok ? readPrivateKey(file.text) : undefined;
  if (!file.ok) complain(context.reader, pointer, 'cannot read ' + nameFile(path) + ': ' + file.problem);
  if (answer === undefined) return undefined;
  if (file.ok && file.isOpen === true) {
    const message = ' can be read by every user of this machine; let nobody but the proxy read it (`chmod o-r`)';
    remark(context.reader, pointer, nameFile(path) + message);
  }
  if (answer.ok) return answer.value;
  complain(context.reader, pointer, nameFile(path) + ' ' + answer.problem);
  return undefined;
}

/**
 * The algorithm of a key; reports one that does not fit it, and one with which this host cannot sign.
 * @param name of the member that chooses
 * @param file the place of the key
 */
export function readSigningAlgorithm(
  context: IssuerContext,
  object: Place<JsonObject>,
  name: string,
  type: KeyType,
  file: string,
): AlgorithmName {
  const able = SIGNING.filter((candidate) => findAlgorithm(candidate)?.keyType === type);
  const usual = able[0] ?? 'RS256';
  const chosen = readChoice(context.reader, object, name, SIGNING, usual);
  const pointer = member(object, name)?.pointer ?? file;
  const signs = context.compilation.source.signs ?? [];
  if (able.indexOf(chosen) < 0) {
    complain(context.reader, pointer, 'is not for a key of type ' + type + '; write one of ' + able.join(', '));
  } else if (signs.indexOf(chosen) < 0) {
    const mend = signs.length === 0 ? '' : '; it can with ' + signs.join(', ');
    complain(context.reader, pointer, 'asks for ' + chosen + ', with which this proxy cannot sign' + mend);
  }
  return chosen;
}

/** The header of what a key signs (RFC 7515 §4.1), in base64url. */
export function writeHeader(reader: Reader, names: readonly string[], values: readonly string[]): string {
  return encodeBase64Url(utf8Octets(formatJson({ kind: 'object', names, values }), reader.text));
}

/** Reports identifiers that no header can have. */
export function checkKeyId(reader: Reader, pointer: string, ids: readonly string[]): void {
  const isGood = (id: string): boolean => id !== '' && id.length <= MAX_ID && reader.text.isVisibleAscii(id);
  if (!ids.every((id) => isGood(id))) complain(reader, pointer, 'is not 1 to 256 visible characters of ASCII');
}
