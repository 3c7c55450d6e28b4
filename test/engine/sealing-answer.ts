// What the engines are asked about sealing and signing: the same code in JavaScript and in Lua. Bytes travel as hexadecimal.
import { makeGcmKey, openBytes, sealBytes } from '../../src/crypto/aes-gcm';
import { makeAesTables } from '../../src/crypto/aes-tables';
import { deriveKey } from '../../src/crypto/hmac';
import { bytesOf, hexOf as hexOfOctets, octetsOf, octetsOfHex } from '../../src/crypto/octets';
import { plainHash } from '../../src/crypto/plain-hash';
import { createPlainSealing } from '../../src/crypto/plain-sealing';
import { signPlainly } from '../../src/crypto/plain-signing';
import { createRsaPrivateKey } from '../../src/crypto/rsa-private';
import { readRsaNumbers } from '../../src/keys/private-key';
import { joinCookies, splitIntoCookies } from '../../src/login/chunks';
import { deriveSealingKey } from '../../src/login/sealing-keys';
import { markSealed, readSealed } from '../../src/login/sealed-text';
import { findAlgorithm } from '../../src/model/algorithm';
import type { Text } from '../../src/codec/text';

export interface SealingQuestion {
  /** `cookie`: the cookies of a text, sealed by a secret and opened again. `RS256`, `PS256`: a signature. */
  readonly ask: 'seal' | 'open' | 'derive' | 'cookie' | 'RS256' | 'PS256';
  /** To sign: an RSAPrivateKey (RFC 8017 §A.1.2). */
  readonly key: string;
  /** To sign: what comes in the place of random bytes, again and again. */
  readonly nonce: string;
  /** Hexadecimal too, but the text of a cookie. */
  readonly text: string;
}

const hexOf = (bytes: string): string => hexOfOctets(octetsOf(bytes));
const bytesOfHex = (hex: string): string => bytesOf(octetsOfHex(hex));
const tables = makeAesTables();
const noPause = (): void => undefined;

/** The longest answer that is printed whole: some engines cut the lines that they print. */
const LONGEST = 1000;

/** A long answer by its digest. */
export function shortenAnswer(answer: string): string {
  return answer.length <= LONGEST ? answer : hexOf(plainHash.digest('SHA-256', answer));
}

function answerCookie(question: SealingQuestion, text: Text): string {
  const sealing = createPlainSealing(text, () => bytesOfHex(question.nonce), noPause);
  const key = deriveSealingKey(question.key, 'session', '__Host-a', plainHash, text);
  const value = markSealed(key, sealing.seal(key.key, question.text));
  const cookies = splitIntoCookies('__Host-a', value);
  if (cookies === undefined) return 'too long';
  const lines = cookies.map((cookie) => cookie.name + '=' + cookie.value);
  const joined = joinCookies([lines.join('; ')], '__Host-a');
  const openable = joined.kind === 'value' ? readSealed(joined.value, [key], text) : undefined;
  const opened = openable === undefined ? undefined : sealing.open(openable.key, openable.sealed);
  return (opened === question.text ? 'opened ' : 'lost ') + lines.join('; ');
}

function answerSigned(question: SealingQuestion, name: string): string {
  const numbers = readRsaNumbers(octetsOfHex(question.key));
  const algorithm = findAlgorithm(name);
  if (numbers === undefined || algorithm === undefined) return 'no key';
  const unit = bytesOfHex(question.nonce);
  const random = (count: number): string => {
    let bytes = '';
    while (bytes.length < count) bytes += unit;
    return bytes.substring(0, count);
  };
  const key = createRsaPrivateKey(numbers, noPause);
  const signing = { hash: plainHash, random, pause: noPause };
  return signPlainly(key, algorithm, bytesOfHex(question.text), signing) ?? 'no signature';
}

function answerWhole(question: SealingQuestion, host: Text): string {
  if (question.ask === 'cookie') return answerCookie(question, host);
  if (question.ask === 'RS256' || question.ask === 'PS256') return answerSigned(question, question.ask);
  const nonce = bytesOfHex(question.nonce);
  const text = bytesOfHex(question.text);
  if (question.ask === 'derive') return hexOf(deriveKey(bytesOfHex(question.key), nonce, text, 37, plainHash));
  const key = makeGcmKey(octetsOfHex(question.key), tables);
  if (question.ask === 'seal') return hexOf(sealBytes(key, nonce, text, noPause));
  const opened = openBytes(key, nonce, text, noPause);
  return opened === undefined ? 'refused' : 'opened ' + hexOf(opened);
}

/** What an engine prints for a question. @param host the engine's own text port */
export function answerSealing(question: SealingQuestion, host: Text): string {
  return shortenAnswer(answerWhole(question, host));
}
