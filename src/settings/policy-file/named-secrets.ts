// Secrets that a policy names: variables of the environment or files, one or a list, in one encoding.
import type { JsonObject } from '../../codec/json';
import { member, readChoice, readStringOrStrings, complain, type Place, type Reader } from './reader';
import { readSecretFile, SECRET_ENCODINGS, type SecretEncoding, type SecretText } from '../secrets';
import { describeUnset } from '../repeated-values';
import type { Compilation } from '../compilation';

/** How an entry's secrets are written. */
export function readEncoding(reader: Reader, object: Place<JsonObject>, name: string): SecretEncoding {
  return readChoice(reader, object, name, SECRET_ENCODINGS, 'text');
}

/**
 * What the variables or files of a member hold, in their order.
 * @param name the member, which ends in `_env` for variables and in `_file` for files
 */
export function readSecretTexts(
  compilation: Compilation,
  reader: Reader,
  object: Place<JsonObject>,
  name: string,
): readonly SecretText[] {
  const place = member(object, name);
  if (place === undefined) return [];
  const isList = typeof place.value !== 'string';
  const isFile = name.indexOf('_file') >= 0;
  const names = readStringOrStrings(reader, place);
  const texts: SecretText[] = [];
  for (let index = 0; index < names.length; index++) {
    const wanted = names[index] ?? '';
    const pointer = place.pointer + (isList ? '/' + index.toString() : '');
    const setting = reader.file + '#' + pointer;
    const value = isFile ? undefined : compilation.source.environment(wanted);
    const text = isFile ? readSecretFile(compilation, setting, wanted) : undefined;
    if (text !== undefined) texts.push(text);
    else if (value !== undefined) texts.push({ setting, subject: 'the variable `' + wanted + '` ', value });
    else if (!isFile) complain(reader, pointer, describeUnset(wanted));
  }
  return texts;
}
