// Keys that HAProxy itself verifies with: PEM files that a converter of its configuration names.
import { MAX_KEY_FILE_LENGTH, readPemFile } from '../keys/key-file';
import type { NativeKey } from '../model/settings';
import { splitWords } from '../codec/words';
import type { Compilation } from './compilation';
import { NATIVE_KEYS } from './table';
import { nameFile } from './repeated-values';

const BEGIN = '-----BEGIN ';
const LABEL = '-----BEGIN PUBLIC KEY-----';

/** HAProxy reads the first `PUBLIC KEY` of a file: only a file with nothing else makes sure which key that is. */
function isOnePublicKey(content: string): boolean {
  const start = content.indexOf(BEGIN);
  if (start < 0 || content.length > MAX_KEY_FILE_LENGTH) return false;
  return content.indexOf(LABEL) === start && content.indexOf(BEGIN, start + 1) < 0;
}

/** A file's key, or what is wrong with it. */
function readNativeKey(compilation: Compilation, path: string): NativeKey | string {
  const answer = compilation.source.readFile(path);
  if (!answer.ok) return 'cannot read ' + nameFile(path) + ': ' + answer.problem;
  const key = isOnePublicKey(answer.text) ? readPemFile(answer.text).keys[0] : undefined;
  if (key === undefined)
    return nameFile(path) + ' does not hold exactly one usable PEM block `PUBLIC KEY` and nothing else';
  return { path, spki: key.spki };
}

/**
 * The keys of these files.
 * @param setting where the operator named them, for problems
 */
export function readNativeFiles(
  compilation: Compilation,
  setting: string,
  paths: readonly string[],
): readonly NativeKey[] {
  const keys: NativeKey[] = [];
  for (let index = 0; index < paths.length; index++) {
    const key = readNativeKey(compilation, paths[index] ?? '');
    if (typeof key === 'string') compilation.problems.push({ setting, message: key });
    else keys.push(key);
  }
  return keys;
}

/** The keys of the files that the operator names; none without the setting. */
export function readNativeKeys(compilation: Compilation): readonly NativeKey[] {
  const value = compilation.source.environment(NATIVE_KEYS.name);
  const paths = splitWords(value ?? '');
  if (value !== undefined && paths.length === 0) {
    compilation.problems.push({
      setting: NATIVE_KEYS.name,
      message: 'is empty; give the paths of PEM files, or unset it',
    });
  }
  return readNativeFiles(compilation, NATIVE_KEYS.name, paths);
}
