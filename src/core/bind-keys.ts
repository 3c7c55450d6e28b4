// Binds each key to the algorithms that it, the operator and the engine allow (RFC 8725 §3.1).
import { findAlgorithm, type AlgorithmName } from './algorithm';
import type { Compilation } from './compile-settings';
import type { VerificationKey } from './key';
import { ALGORITHM_NAMES } from './read-keys';
import type { KeySet } from './settings';

function addOnce(names: AlgorithmName[], name: AlgorithmName): void {
  if (names.indexOf(name) < 0) names.push(name);
}

/** The names that stand in both lists. */
function common(names: readonly AlgorithmName[], others: readonly AlgorithmName[]): AlgorithmName[] {
  const shared: AlgorithmName[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name !== undefined && others.indexOf(name) >= 0) shared.push(name);
  }
  return shared;
}

function narrow(key: VerificationKey, algorithms: readonly AlgorithmName[]): VerificationKey {
  if (key.kind === 'secret') {
    return { kind: 'secret', kid: undefined, type: 'oct', algorithms, secret: key.secret };
  }
  return {
    kind: 'public',
    kid: key.kid,
    type: key.type,
    algorithms,
    spki: key.spki,
    modulusLength: key.modulusLength,
  };
}

/** Every algorithm that some key is for, whatever the operator and the engine allow. */
function wantedByKeys(keys: readonly VerificationKey[]): readonly AlgorithmName[] {
  const wanted: AlgorithmName[] = [];
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const names = key === undefined ? [] : key.algorithms;
    for (let place = 0; place < names.length; place++) {
      const name = names[place];
      if (name !== undefined) addOnce(wanted, name);
    }
  }
  return wanted;
}

/** The names of `names` that are not among `others`. */
function missing(names: readonly AlgorithmName[], others: readonly AlgorithmName[]): readonly AlgorithmName[] {
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

/** Notes each algorithm that the operator names and no configured key can serve: a contradiction, not a wish. */
function checkNamed(compilation: Compilation, keys: readonly VerificationKey[], named: readonly AlgorithmName[]): void {
  const unserved = missing(named, wantedByKeys(keys));
  for (let index = 0; index < unserved.length; index++) {
    const name = unserved[index] ?? '';
    const needs = isSymmetric(name) ? 'needs OAUTH_HMAC_SECRET' : 'fits none of the public keys';
    compilation.problems.push({ setting: ALGORITHM_NAMES, message: '`' + name + '` ' + needs });
  }
}

/** Says what the engine cannot check: a problem when nothing else is left or the operator asked for it by name. */
export function checkEngine(compilation: Compilation, unavailable: readonly AlgorithmName[], fatal: boolean): void {
  if (unavailable.length === 0) return;
  const message = 'this proxy has nothing to check ' + unavailable.join(', ') + ' with';
  const list = fatal ? compilation.problems : compilation.notices;
  list.push({ setting: ALGORITHM_NAMES, message });
}

/** Binds the keys that the configuration holds, and notes what does not fit together. */
export function bindConfiguredKeys(
  compilation: Compilation,
  keys: readonly VerificationKey[],
  named: readonly AlgorithmName[] | undefined,
  engine: readonly AlgorithmName[],
): KeySet {
  const keySet = bindKeys(keys, named, engine, 0);
  if (keys.length > 0 && named !== undefined) checkNamed(compilation, keys, named);
  checkEngine(compilation, keySet.unavailable, keySet.algorithms.length === 0 || named !== undefined);
  return keySet;
}

/** Whether an algorithm takes a shared secret (RFC 7518 §3.2). */
export function isSymmetric(name: string): boolean {
  const algorithm = findAlgorithm(name);
  return algorithm !== undefined && algorithm.keyType === 'oct';
}

/** Notes what the operator allows and keys that are fetched can never serve. */
export function checkRemoteAlgorithms(
  compilation: Compilation,
  named: readonly AlgorithmName[] | undefined,
  engine: readonly AlgorithmName[],
): void {
  if (named === undefined) return;
  for (let index = 0; index < named.length; index++) {
    const name = named[index] ?? '';
    if (!isSymmetric(name)) continue;
    compilation.problems.push({ setting: ALGORITHM_NAMES, message: '`' + name + '` needs OAUTH_HMAC_SECRET' });
  }
  checkEngine(compilation, missing(named, engine), true);
}
