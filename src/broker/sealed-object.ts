// Texts under names, sealed: what the broker remembers of a person without keeping it.
import { asObject, type JsonObject } from '../codec/json';
import { formatJson } from '../codec/json-format';
import { parseJson } from '../codec/json-parse';
import type { Text } from '../codec/text';
import { markSealed, readSealed } from '../login/sealed-text';
import type { LoginStep } from '../login/step';
import type { SealingKey } from '../model/login';

/** Seals an object. @returns undefined where there is no key */
export function sealObject(
  keys: readonly SealingKey[],
  object: JsonObject,
  then: (sealed: string) => LoginStep,
): LoginStep | undefined {
  const key = keys[0];
  if (key === undefined) return undefined;
  return { kind: 'seal', key: key.key, plain: formatJson(object), next: (sealed) => then(markSealed(key, sealed)) };
}

/** Opens what `sealObject` sealed; continues with undefined for anything else, which anybody may have written. */
export function openObject(
  keys: readonly SealingKey[],
  sealed: string,
  text: Text,
  then: (object: JsonObject | undefined, now: number) => LoginStep,
): LoginStep {
  const openable = readSealed(sealed, keys, text);
  if (openable === undefined) return then(undefined, 0);
  const next = (opened: string | undefined, now: number): LoginStep =>
    then(opened === undefined ? undefined : asObject(parseJson(opened, text)), now);
  return { kind: 'open', openable, next };
}
