// Reports keys, algorithms and engine that do not fit together.
import type { AlgorithmName } from '../model/algorithm';
import { bindKeys, isSymmetric, missing, wantedByKeys } from '../keys/bind-keys';
import type { KeySet, KeySources } from '../model/settings';
import { report, type Compilation, type Vocabulary } from './compilation';
import type { KeyConfiguration } from './read-keys';

/** Reports each algorithm that the operator names although no key can fit it. */
function checkNamed(
  compilation: Compilation,
  words: Vocabulary,
  keys: KeyConfiguration,
  named: readonly AlgorithmName[],
): void {
  // A file that gives no key has been noted already.
  if (keys.configured?.length === 0) return;
  const unserved = missing(named, wantedByKeys(keys.configured ?? []));
  for (let index = 0; index < unserved.length; index++) {
    const name = unserved[index] ?? '';
    if (isSymmetric(name)) report(compilation, words.algorithms, '`' + name + '` needs ' + words.secret);
    else if (keys.remotes.length === 0) {
      report(compilation, words.algorithms, '`' + name + '` fits none of the public keys');
    }
  }
}

/** Reports `algorithms` that leave the secrets, or all public keys, of an issuer with both without effect. */
function checkBoth(
  compilation: Compilation,
  words: Vocabulary,
  keys: KeyConfiguration,
  named: readonly AlgorithmName[],
): void {
  const configured = keys.configured ?? [];
  const hasPublic = keys.remotes.length > 0 || configured.some((key) => key.kind === 'public');
  if (!hasPublic || !configured.some((key) => key.kind === 'secret')) return;
  const effect = ' would have no effect: name an algorithm of theirs, or remove them';
  if (!named.some((name) => isSymmetric(name)))
    report(compilation, words.algorithms, 'names none of HMAC, so the secrets' + effect);
  if (named.every((name) => isSymmetric(name)))
    report(compilation, words.algorithms, 'names HMAC alone, so the public keys' + effect);
}

/** Reports what the engine cannot check: a problem when nothing else is left or the operator named it. */
function checkEngine(
  compilation: Compilation,
  words: Vocabulary,
  unavailable: readonly AlgorithmName[],
  fatal: boolean,
): void {
  if (unavailable.length === 0) return;
  const message = 'this proxy cannot check ' + unavailable.join(', ');
  const list = fatal ? compilation.problems : compilation.notices;
  list.push({ setting: words.algorithms, message });
}

/** Binds the keys that the configuration holds, and reports algorithms that do not fit the keys or the engine. */
export function bindSources(
  compilation: Compilation,
  words: Vocabulary,
  keys: KeyConfiguration,
  named: readonly AlgorithmName[] | undefined,
): KeySources {
  const engine = compilation.engine;
  let configured: KeySet | undefined;
  if (keys.configured !== undefined) configured = bindKeys(keys.configured, named, engine, 0);
  if (named !== undefined) {
    checkNamed(compilation, words, keys, named);
    checkBoth(compilation, words, keys, named);
  }
  const hasRemotes = keys.remotes.length > 0;
  if (hasRemotes && named !== undefined) checkEngine(compilation, words, missing(named, engine), true);
  else if (configured !== undefined) {
    const fatal = named !== undefined || (configured.algorithms.length === 0 && !hasRemotes);
    checkEngine(compilation, words, configured.unavailable, fatal);
  }
  return { configured, remotes: keys.remotes };
}
