// Keys out of a file's content: PEM blocks (RFC 7468) or a JSON Web Key Set (RFC 7517 §5).
import { asArray, asObject, findMember } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import { readPem, type PemBlock } from '../codec/pem';
import type { PublicKey } from '../model/key';
import type { Text } from '../codec/text';
import { readCertificate } from './certificate';
import { algorithmsFor, isForOtherUse, publicKey, readJwk } from './jwk';
import { readPkcs1, readSpki, type MaterialAnswer } from './spki';

/** The usable keys of a file, and a phrase for each unusable part. */
export interface KeyFile {
  readonly keys: readonly PublicKey[];
  readonly unusable: readonly string[];
  /** Whether it is a well-formed set without a key for signatures. */
  readonly hasNone?: boolean;
}

/** The most keys that one file or set may hold. */
export const MAX_KEYS = 100;
/** The longest key file, in bytes. */
export const MAX_KEY_FILE_LENGTH = 1048576;

/** The labels of RFC 7468 (and of PKCS#1) that hold a public key. */
const READERS: readonly { label: string; read: (this: void, bytes: readonly number[]) => MaterialAnswer }[] = [
  { label: 'PUBLIC KEY', read: readSpki },
  { label: 'RSA PUBLIC KEY', read: readPkcs1 },
  { label: 'CERTIFICATE', read: readCertificate },
];

function readBlock(block: PemBlock): MaterialAnswer {
  if (block.label.indexOf('PRIVATE KEY') >= 0) {
    return { ok: false, problem: 'it is a private key; give the public key or the certificate only' };
  }
  for (let index = 0; index < READERS.length; index++) {
    const reader = READERS[index];
    if (reader?.label !== block.label) continue;
    if (block.bytes === undefined) return { ok: false, problem: 'its body is not base64, or its end line is missing' };
    return reader.read(block.bytes);
  }
  return { ok: false, problem: 'it is not PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE' };
}

/** Reads every public key and certificate of a PEM file. */
export function readPemFile(content: string): KeyFile {
  const blocks = readPem(content);
  if (blocks.length === 0) return { keys: [], unusable: ['no PEM block (`-----BEGIN PUBLIC KEY-----`) in it'] };
  if (blocks.length > MAX_KEYS)
    return { keys: [], unusable: ['more than ' + MAX_KEYS.toString() + ' PEM blocks in it'] };
  const keys: PublicKey[] = [];
  const unusable: string[] = [];
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index];
    if (block === undefined) continue;
    const answer = readBlock(block);
    if (answer.ok) {
      keys.push(publicKey(undefined, answer.value, algorithmsFor(answer.value.type)));
    } else {
      unusable.push('PEM block ' + (index + 1).toString() + ' cannot be used: ' + answer.problem);
    }
  }
  return { keys, unusable };
}

/**
 * Reads a JSON Web Key Set and skips each key that cannot be used (RFC 7517 §5).
 */
export function readJwkSet(content: string, text: Text): KeyFile {
  const set = asObject(parseJson(content, text));
  const list = set === undefined ? undefined : asArray(findMember(set, 'keys'));
  if (list === undefined) return { keys: [], unusable: ['not a JSON Web Key Set (`{"keys": [...]}`)'] };
  if (list.items.length === 0) return { keys: [], unusable: ['its `keys` is empty'], hasNone: true };
  if (list.items.length > MAX_KEYS) return { keys: [], unusable: ['more than ' + MAX_KEYS.toString() + ' keys in it'] };
  const keys: PublicKey[] = [];
  const unusable: string[] = [];
  let others = 0;
  for (let index = 0; index < list.items.length; index++) {
    const jwk = asObject(list.items[index]);
    const answer = jwk === undefined ? undefined : readJwk(jwk);
    if (answer?.ok === true) {
      keys.push(answer.value);
    } else {
      if (jwk !== undefined && isForOtherUse(jwk)) others += 1;
      const problem = answer?.problem ?? 'it is not an object';
      unusable.push('key ' + (index + 1).toString() + ' cannot be used: ' + problem);
    }
  }
  return { keys, unusable, hasNone: others === list.items.length };
}
