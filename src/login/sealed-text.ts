// A sealed text: version, key identifier, nonce, ciphertext, tag, as one canonical base64url (docs/decisions/0050-login.md).
import { base64UrlLength, isCanonicalBase64Url } from '../codec/base64';
import type { Text } from '../codec/text';
import type { SealingKey } from '../model/login';

const MARK_LENGTH = 8;
/** Nonce and tag, and nothing between them. */
const LEAST_SEALED = base64UrlLength(12 + 16);

/** What a host opens: with this key, this text. */
export interface Openable {
  readonly key: string;
  readonly sealed: string;
}

/** The text that a host sealed with a key, with the key's mark before it. */
export function markSealed(key: SealingKey, sealed: string): string {
  return key.mark + sealed;
}

/**
 * Reads a sealed text, which anybody may have written.
 * @returns undefined unless one of the keys may have sealed it
 */
export function readSealed(value: string, keys: readonly SealingKey[], text: Text): Openable | undefined {
  if (value.length < MARK_LENGTH + LEAST_SEALED) return undefined;
  if (!text.isBase64UrlAlphabet(value) || !isCanonicalBase64Url(value)) return undefined;
  const mark = value.substring(0, MARK_LENGTH);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    if (key?.mark === mark) return { key: key.key, sealed: value.substring(MARK_LENGTH) };
  }
  return undefined;
}
