// Selects the keys that may verify a token: by `kid`, then by each key's algorithms (RFC 7515 §4.1.4, RFC 8725 §3.1).
import { base64UrlLength } from '../codec/base64';
import type { Algorithm, AlgorithmName } from '../model/algorithm';
import type { Header } from './header';
import type { VerificationKey } from '../model/key';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { KeySet } from '../model/settings';

/** The most keys that one token is tried with. */
export const MAX_CANDIDATES = 4;

/** Whether some key has this `kid`. */
export function isNamed(keySet: KeySet, kid: string): boolean {
  return keySet.keys.some((key) => key.kid === kid);
}

/** The keys with this `kid`; those without any, of this algorithm, when none has it. */
function keysNamed(
  keys: readonly VerificationKey[],
  kid: string,
  algorithm: AlgorithmName,
): readonly VerificationKey[] {
  const named: VerificationKey[] = [];
  const nameless: VerificationKey[] = [];
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    if (key === undefined) continue;
    if (key.kid === kid) named.push(key);
    if (key.kid === undefined && key.algorithms.indexOf(algorithm) >= 0) nameless.push(key);
  }
  return named.length > 0 ? named : nameless;
}

/** The number of base64url characters in a signature of this algorithm and key (RFC 7518 §3.2 to §3.5). */
function signatureCharacters(algorithm: Algorithm, key: VerificationKey): number {
  return base64UrlLength(key.kind === 'public' && key.type === 'RSA' ? key.modulusLength : algorithm.signatureLength);
}

/** Whether the operator, the keys and the engine allow this algorithm. */
function checkAlgorithm(keySet: KeySet, algorithm: Algorithm): Outcome<Algorithm> {
  if (keySet.algorithms.indexOf(algorithm.name) >= 0) return succeed(algorithm);
  return fail(keySet.unavailable.indexOf(algorithm.name) >= 0 ? 'algorithm_unavailable' : 'algorithm_refused');
}

/**
 * Chooses the keys to try, never more than `MAX_CANDIDATES`.
 * @param signature the signature segment, whose length must fit
 * @returns `algorithm_refused`, `algorithm_unavailable`, `key_unknown`, `key_mismatch` or `signature_malformed`
 */
export function selectKeys(keySet: KeySet, header: Header, signature: string): Outcome<readonly VerificationKey[]> {
  const algorithm = checkAlgorithm(keySet, header.algorithm);
  if (!algorithm.ok) return algorithm;
  const named = header.kid === undefined ? keySet.keys : keysNamed(keySet.keys, header.kid, header.algorithm.name);
  if (named.length === 0) return fail('key_unknown');
  let fitting = 0;
  const candidates: VerificationKey[] = [];
  for (let index = 0; index < named.length; index++) {
    const key = named[index];
    if (key === undefined || key.algorithms.indexOf(header.algorithm.name) < 0) continue;
    fitting += 1;
    if (signature.length !== signatureCharacters(header.algorithm, key)) continue;
    if (candidates.length < MAX_CANDIDATES) candidates.push(key);
  }
  if (fitting === 0) return fail('key_mismatch');
  return candidates.length === 0 ? fail('signature_malformed') : succeed(candidates);
}
