// The shared secrets of the environment: a value, or files of which the first is the newest.
import { splitWords } from '../codec/words';
import type { SecretKey } from '../model/key';
import { ENVIRONMENT, report, type Compilation } from './compilation';
import {
  MAX_SECRETS,
  readSecretFile,
  readSecrets,
  SECRET_ENCODINGS,
  type SecretEncoding,
  type SecretText,
} from './secrets';
import { hintAt } from './policy-file/suggest';
import { HMAC_SECRET, HMAC_SECRET_ENCODING, HMAC_SECRET_FILE } from './table';

function isSet(compilation: Compilation, setting: string): boolean {
  return compilation.source.environment(setting) !== undefined;
}

/** The setting that names a shared secret; undefined where none does. */
export function secretSetting(compilation: Compilation): string | undefined {
  if (isSet(compilation, HMAC_SECRET.name)) return HMAC_SECRET.name;
  return isSet(compilation, HMAC_SECRET_FILE.name) ? HMAC_SECRET_FILE.name : undefined;
}

/** Notes settings of secrets that cannot all be meant. */
function checkSecretSettings(compilation: Compilation): void {
  if (isSet(compilation, HMAC_SECRET.name) && isSet(compilation, HMAC_SECRET_FILE.name)) {
    const message = 'contradicts ' + HMAC_SECRET.name + ': name a file for each secret';
    report(compilation, HMAC_SECRET_FILE.name, message);
  }
  if (secretSetting(compilation) === undefined && isSet(compilation, HMAC_SECRET_ENCODING.name)) {
    const message = 'has no effect without ' + HMAC_SECRET.name + ' or ' + HMAC_SECRET_FILE.name;
    report(compilation, HMAC_SECRET_ENCODING.name, message);
  }
}

function readEncoding(compilation: Compilation): SecretEncoding {
  const value = compilation.source.environment(HMAC_SECRET_ENCODING.name);
  const encoding = value === undefined ? 'text' : SECRET_ENCODINGS.find((known) => known === value);
  if (value !== undefined && encoding === undefined) {
    const hint = hintAt(value, SECRET_ENCODINGS);
    report(compilation, HMAC_SECRET_ENCODING.name, 'is not one of ' + SECRET_ENCODINGS.join(', ') + hint);
  }
  return encoding ?? 'text';
}

/** The secrets of the environment and of the files that it names; undefined where it has none. */
export function readSharedSecrets(compilation: Compilation): readonly SecretKey[] | undefined {
  checkSecretSettings(compilation);
  if (secretSetting(compilation) === undefined) return undefined;
  const encoding = readEncoding(compilation);
  const texts: SecretText[] = [];
  const value = compilation.source.environment(HMAC_SECRET.name);
  if (value !== undefined) texts.push({ setting: HMAC_SECRET.name, subject: '', value });
  const setting = HMAC_SECRET_FILE.name;
  const list = compilation.source.environment(setting);
  const paths = splitWords(list ?? '');
  if (list !== undefined && paths.length === 0) report(compilation, setting, 'is empty; give a path, or unset it');
  if (paths.length > MAX_SECRETS) {
    report(compilation, setting, 'names more than ' + MAX_SECRETS.toString() + ' files; remove the oldest');
  }
  for (let index = 0; index < paths.length && index < MAX_SECRETS; index++) {
    const text = readSecretFile(compilation, setting, paths[index] ?? '');
    if (text !== undefined) texts.push(text);
  }
  const keys: SecretKey[] = [];
  readSecrets(compilation, ENVIRONMENT, texts, encoding, keys);
  return keys;
}
