// Whether keys, algorithms and engine fit together, told to the operator.
import type { AlgorithmName } from '../core/algorithm';
import { bindKeys, isSymmetric, missing, wantedByKeys } from '../core/bind-keys';
import type { VerificationKey } from '../core/key';
import type { KeySet } from '../core/settings';
import { report, type Compilation, type Vocabulary } from './compilation';

/** Notes each algorithm that the operator names and no configured key can serve: a contradiction, not a wish. */
function checkNamed(
  compilation: Compilation,
  words: Vocabulary,
  keys: readonly VerificationKey[],
  named: readonly AlgorithmName[],
): void {
  const unserved = missing(named, wantedByKeys(keys));
  for (let index = 0; index < unserved.length; index++) {
    const name = unserved[index] ?? '';
    const needs = isSymmetric(name) ? 'needs ' + words.secret : 'fits none of the public keys';
    report(compilation, words.algorithms, '`' + name + '` ' + needs);
  }
}

/** Says what the engine cannot check: a problem when nothing else is left or the operator asked for it by name. */
function checkEngine(
  compilation: Compilation,
  words: Vocabulary,
  unavailable: readonly AlgorithmName[],
  fatal: boolean,
): void {
  if (unavailable.length === 0) return;
  const message = 'this proxy has nothing to check ' + unavailable.join(', ') + ' with';
  const list = fatal ? compilation.problems : compilation.notices;
  list.push({ setting: words.algorithms, message });
}

/** Binds the keys that the configuration holds, and notes what does not fit together. */
export function bindConfiguredKeys(
  compilation: Compilation,
  words: Vocabulary,
  keys: readonly VerificationKey[],
  named: readonly AlgorithmName[] | undefined,
): KeySet {
  const keySet = bindKeys(keys, named, compilation.engine, 0);
  if (keys.length > 0 && named !== undefined) checkNamed(compilation, words, keys, named);
  checkEngine(compilation, words, keySet.unavailable, keySet.algorithms.length === 0 || named !== undefined);
  return keySet;
}

/** Notes what the operator allows and keys that are fetched can never serve. */
export function checkRemoteAlgorithms(
  compilation: Compilation,
  words: Vocabulary,
  named: readonly AlgorithmName[] | undefined,
): void {
  if (named === undefined) return;
  for (let index = 0; index < named.length; index++) {
    const name = named[index] ?? '';
    if (!isSymmetric(name)) continue;
    report(compilation, words.algorithms, '`' + name + '` needs ' + words.secret);
  }
  checkEngine(compilation, words, missing(named, compilation.engine), true);
}
