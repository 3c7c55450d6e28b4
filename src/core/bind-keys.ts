// Binds each key to the algorithms that it, the operator and the engine allow (RFC 8725 §3.1).
import type { AlgorithmName } from './algorithm';
import type { Compilation } from './compile-settings';
import type { VerificationKey } from './key';
import { ALGORITHM_NAMES } from './read-keys';

export interface Binding {
  readonly keys: readonly VerificationKey[];
  readonly algorithms: readonly AlgorithmName[];
  readonly unavailable: readonly AlgorithmName[];
}

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

/** Notes each algorithm that the operator names and no key can serve: a contradiction, not a wish. */
function checkNamed(compilation: Compilation, named: readonly AlgorithmName[], wanted: readonly AlgorithmName[]): void {
  for (let index = 0; index < named.length; index++) {
    const name = named[index];
    if (name === undefined || wanted.indexOf(name) >= 0) continue;
    const needs = name.indexOf('HS') === 0 ? 'needs OAUTH_HMAC_SECRET' : 'fits none of the public keys';
    compilation.problems.push({ setting: ALGORITHM_NAMES, message: '`' + name + '` ' + needs });
  }
}

/** Says what the engine cannot check: a problem when nothing else is left or the operator asked for it by name. */
function checkEngine(compilation: Compilation, unavailable: readonly AlgorithmName[], fatal: boolean): void {
  if (unavailable.length === 0) return;
  const message = 'this proxy has nothing to check ' + unavailable.join(', ') + ' with';
  const list = fatal ? compilation.problems : compilation.notices;
  list.push({ setting: ALGORITHM_NAMES, message });
}

/**
 * Binds keys to algorithms.
 * @param named what the operator allows; undefined when the keys decide
 * @param engine what the host can check
 */
export function bindKeys(
  compilation: Compilation,
  keys: readonly VerificationKey[],
  named: readonly AlgorithmName[] | undefined,
  engine: readonly AlgorithmName[],
): Binding {
  const wanted = wantedByKeys(keys);
  const allowed = named === undefined ? wanted : common(wanted, named);
  const algorithms = common(allowed, engine);
  const unavailable: AlgorithmName[] = [];
  for (let index = 0; index < allowed.length; index++) {
    const name = allowed[index];
    if (name !== undefined && engine.indexOf(name) < 0) unavailable.push(name);
  }
  if (keys.length > 0 && named !== undefined) checkNamed(compilation, named, wanted);
  checkEngine(compilation, unavailable, algorithms.length === 0 || named !== undefined);
  const bound: VerificationKey[] = [];
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const usable = key === undefined ? [] : common(key.algorithms, algorithms);
    if (key !== undefined && usable.length > 0) bound.push(narrow(key, usable));
  }
  return { keys: bound, algorithms, unavailable };
}
