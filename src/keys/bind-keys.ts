// Binds each key to the algorithms that it, the operator and the engine allow (RFC 8725 §3.1).
import { findAlgorithm, type AlgorithmName } from '../model/algorithm';
import type { VerificationKey } from '../model/key';
import type { KeySet } from '../model/settings';

function addOnce(names: AlgorithmName[], name: AlgorithmName): void {
  if (names.indexOf(name) < 0) names.push(name);
}

/** The names that both lists have. */
function common(names: readonly AlgorithmName[], others: readonly AlgorithmName[]): AlgorithmName[] {
  const shared: AlgorithmName[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name !== undefined && others.indexOf(name) >= 0) shared.push(name);
  }
  return shared;
}

function narrow(key: VerificationKey, algorithms: readonly AlgorithmName[]): VerificationKey {
  return Object.assign({}, key, { algorithms });
}

/** Every algorithm that fits some key, even without the operator's or the engine's consent. */
export function wantedByKeys(keys: readonly VerificationKey[]): readonly AlgorithmName[] {
  const wanted: AlgorithmName[] = [];
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const names = key?.algorithms ?? [];
    for (let place = 0; place < names.length; place++) {
      const name = names[place];
      if (name !== undefined) addOnce(wanted, name);
    }
  }
  return wanted;
}

/** The names of `names` that are not among `others`. */
export function missing(names: readonly AlgorithmName[], others: readonly AlgorithmName[]): readonly AlgorithmName[] {
  const left: AlgorithmName[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name !== undefined && others.indexOf(name) < 0) left.push(name);
  }
  return left;
}

/**
 * Binds keys to algorithms.
 * @param allowed what the operator allows; undefined when the keys decide
 * @param engine what the host can check
 * @param revision the revision of the keys
 */
export function bindKeys(
  keys: readonly VerificationKey[],
  allowed: readonly AlgorithmName[] | undefined,
  engine: readonly AlgorithmName[],
  revision: number,
): KeySet {
  const wanted = wantedByKeys(keys);
  const permitted = allowed === undefined ? wanted : common(wanted, allowed);
  const algorithms = common(permitted, engine);
  const bound: VerificationKey[] = [];
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const usable = key === undefined ? [] : common(key.algorithms, algorithms);
    if (key !== undefined && usable.length > 0) bound.push(narrow(key, usable));
  }
  return { ready: keys.length > 0, revision, keys: bound, algorithms, unavailable: missing(permitted, engine) };
}

/** Whether an algorithm uses a shared secret (RFC 7518 §3.2). */
export function isSymmetric(name: string): boolean {
  const algorithm = findAlgorithm(name);
  return algorithm?.keyType === 'oct';
}
