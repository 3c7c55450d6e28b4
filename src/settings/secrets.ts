// Shared secrets out of variables and files: decoded, and never one that could be guessed or that everybody knows.
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from '../codec/base64';
import { utf8Octets } from '../codec/character';
import type { Text } from '../codec/text';
import { readCertificate } from '../keys/certificate';
import { readPkcs1, readSpki } from '../keys/spki';
import { algorithmsFor } from '../keys/jwk';
import type { SecretKey } from '../model/key';
import { MAX_CANDIDATES } from '../token/select-key';
import { report, type Compilation, type Vocabulary } from './compilation';
import { findQuotes, hasLineEnd } from './never-meant';
import { nameSecretFile } from './repeated-values';

export type SecretEncoding = 'text' | 'base64' | 'base64url' | 'hex';
export const SECRET_ENCODINGS: readonly SecretEncoding[] = ['text', 'base64', 'base64url', 'hex'];

/** RFC 7518 §3.2: at least the size of the shortest hash, 256 bits. */
const MIN_SECRET_LENGTH = 32;
/** Longer secrets are a mistake: beyond the block of the hash they are hashed anyway (RFC 2104 §2). */
const MAX_SECRET_LENGTH = 8192;

/** A variable's value or a file's content that holds a secret. */
export interface SecretText {
  /** Where the operator named it. */
  readonly setting: string;
  /** Begins each message: the file, with a blank; empty where the setting itself holds the secret. */
  readonly subject: string;
  readonly value: string;
}

/** Bytes of a secret, with the place that named it. */
export interface SecretBytes extends Omit<SecretText, 'value'> {
  readonly octets: readonly number[];
}

function withoutLineEnd(content: string): string {
  const end = content.length;
  if (content.charAt(end - 1) !== '\n') return content;
  return content.substring(0, content.charAt(end - 2) === '\r' ? end - 2 : end - 1);
}

/**
 * The secret in a file, without the one line end that editors and `echo` write; reports a file that cannot be read.
 * @param setting where the operator named it
 */
export function readSecretFile(compilation: Compilation, setting: string, path: string): SecretText | undefined {
  const answer = compilation.source.readFile(path);
  const place = nameSecretFile(path);
  if (!answer.ok) {
    report(compilation, setting, 'cannot read ' + place + ': ' + answer.problem);
    return undefined;
  }
  const value = withoutLineEnd(answer.text);
  if (value.indexOf('\n') < 0 || value.indexOf('-----BEGIN ') >= 0) return { setting, subject: place + ' ', value };
  report(compilation, setting, place + ' has more than one line; name a file for each secret');
  return undefined;
}

function decodeHex(value: string): readonly number[] | undefined {
  const digits = '0123456789abcdef';
  const small = value.toLowerCase();
  const octets: number[] = [];
  for (let index = 0; index < small.length; index += 2) {
    const high = digits.indexOf(small.charAt(index));
    const low = index + 1 < small.length ? digits.indexOf(small.charAt(index + 1)) : -1;
    if (high < 0 || low < 0) return undefined;
    octets.push(high * 16 + low);
  }
  return octets;
}

/** Base64 with its padding or without (RFC 4648 §3.2). */
function padded(value: string): string {
  const rest = value.length % 4;
  return value + (rest === 2 ? '==' : rest === 3 ? '=' : '');
}

function unpadded(value: string): string {
  if (value.length % 4 !== 0) return value;
  let end = value.length;
  while (end > value.length - 2 && value.charAt(end - 1) === '=') end -= 1;
  return value.substring(0, end);
}

/** The bytes of text; undefined for bytes that are no text, which engines would read in different ways. */
function readText(value: string, text: Text): readonly number[] | undefined {
  const octets = utf8Octets(value, text);
  const decoded = text.decodeBase64Url(encodeBase64Url(octets));
  // A reader of text leaves U+FFFD where bytes were no text.
  return decoded === undefined || decoded.indexOf(text.fromCodePoint(0xfffd)) >= 0 ? undefined : octets;
}

function decode(value: string, encoding: SecretEncoding, text: Text): readonly number[] | undefined {
  if (encoding === 'hex') return decodeHex(value);
  if (encoding === 'base64') return decodeBase64(padded(value));
  if (encoding === 'base64url') return decodeBase64Url(unpadded(value));
  return readText(value, text);
}

function describeEmpty(subject: string): string {
  if (subject !== '') return 'is empty; write the secret into it';
  return 'is empty; set it, or unset it where tokens are signed with a private key';
}

/** Whether a text begins with U+FEFF, which editors of Windows write. */
function hasByteOrderMark(value: string, text: Text): boolean {
  const mark = text.fromCodePoint(0xfeff);
  return value.substring(0, mark.length) === mark;
}

/** The problem of a secret as it was written; undefined when there is none. */
function findFaultyText(value: string, words: Vocabulary, text: Text): string | undefined {
  if (value.length > MAX_SECRET_LENGTH) return 'is longer than ' + MAX_SECRET_LENGTH.toString() + ' characters';
  if (value.indexOf('-----BEGIN ') >= 0) return 'holds a PEM block; name a file with it in ' + words.publicKeyFile;
  if (value.trim().charAt(0) === '{' && value.indexOf('"kty"') >= 0)
    return 'holds a JSON Web Key; of a secret key (`oct`) give the `k` alone, in base64url';
  if (isFramelessKey(value)) return 'is a public key, which everybody knows; name its file in ' + words.publicKeyFile;
  if (hasByteOrderMark(value, text))
    return 'begins with a byte order mark, which would be part of the value; remove it';
  if (hasLineEnd(value)) return 'ends with a line end, which would be part of the value; remove it';
  return findQuotes(value);
}

/** Whether bytes are a public key, which everybody knows (RFC 8725 §2.1). */
function isPublicKey(octets: readonly number[]): boolean {
  return readSpki(octets).ok || readPkcs1(octets).ok || readCertificate(octets).ok;
}

/** Whether a text is a public key in base64, without its PEM frame. */
function isFramelessKey(value: string): boolean {
  const words = value.trim();
  const octets = decodeBase64(padded(words)) ?? decodeBase64Url(unpadded(words));
  return octets !== undefined && isPublicKey(octets);
}

/** Decodes a secret; reports and returns undefined for one that is not in its encoding, or is never meant. */
export function decodeSecret(
  compilation: Compilation,
  words: Vocabulary,
  secret: SecretText,
  encoding: SecretEncoding,
): SecretBytes | undefined {
  const octets = decode(secret.value, encoding, compilation.text);
  let message =
    secret.value === '' ? describeEmpty(secret.subject) : findFaultyText(secret.value, words, compilation.text);
  if (message === undefined && octets === undefined)
    message = encoding === 'text' ? 'is not UTF-8; write it in base64 and say so' : 'is not ' + encoding;
  if (message !== undefined) report(compilation, secret.setting, secret.subject + message);
  if (message !== undefined || octets === undefined) return undefined;
  return { setting: secret.setting, subject: secret.subject, octets };
}

/** The problem of a secret that signs tokens; undefined when there is none. */
function findWeakSecret(octets: readonly number[], words: Vocabulary): string | undefined {
  if (octets.length < MIN_SECRET_LENGTH)
    return 'is shorter than ' + MIN_SECRET_LENGTH.toString() + ' bytes and could be guessed (RFC 7518 section 3.2)';
  if (isPublicKey(octets)) return 'is a public key, which everybody knows; name its file in ' + words.publicKeyFile;
  return undefined;
}

/** More could not all be tried with one token. */
export const MAX_SECRETS = MAX_CANDIDATES;

/**
 * Shared secrets as keys, in their order; a secret that occurs twice is one key, and a notice.
 * @param keys those of the same issuer so far, to which they are added
 */
export function readSecrets(
  compilation: Compilation,
  words: Vocabulary,
  texts: readonly SecretText[],
  encoding: SecretEncoding,
  keys: SecretKey[],
): void {
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index];
    const bytes = text === undefined ? undefined : decodeSecret(compilation, words, text, encoding);
    if (bytes === undefined) continue;
    const weakness = findWeakSecret(bytes.octets, words);
    const secret = encodeBase64(bytes.octets);
    const isTwin = keys.some((key) => key.secret === secret);
    if (weakness !== undefined) report(compilation, bytes.setting, bytes.subject + weakness);
    else if (isTwin) {
      compilation.notices.push({ setting: bytes.setting, message: bytes.subject + 'is the same secret once more' });
    } else keys.push({ kind: 'secret', kid: undefined, type: 'oct', algorithms: algorithmsFor('oct'), secret });
  }
}
