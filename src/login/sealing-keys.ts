// The keys that seal cookies, derived from the operator's secrets (HKDF, RFC 5869), and the secrets themselves.
import { encodeBase64, encodeBase64Url } from '../codec/base64';
import { utf8Octets } from '../codec/character';
import type { Text } from '../codec/text';
import { deriveKey } from '../crypto/hmac';
import { bytesOf, octetsOf } from '../crypto/octets';
import type { SealingKey, SealingPurpose } from '../model/login';
import type { Hash } from '../ports/hash';

/** The first byte of whatever is sealed. */
const VERSION = 1;
const KEY_LENGTH = 32;
/** With the version it makes six bytes, which are eight whole characters of base64url. */
const IDENTIFIER_LENGTH = 5;
const LEAST_CHARACTERS = 32;
const LEAST_DIGITS = 64;

function isHexadecimal(secret: string): boolean {
  const lower = secret.toLowerCase();
  for (let index = 0; index < lower.length; index++) {
    if ('0123456789abcdef'.indexOf(lower.charAt(index)) < 0) return false;
  }
  return true;
}

/**
 * Whether a secret has 32 bytes or more, however they are written.
 * @returns the problem, in words that follow the setting's name; undefined when there is none
 */
export function checkCookieSecret(secret: string, text: Text): string | undefined {
  const length = utf8Octets(secret, text).length;
  if (length < LEAST_CHARACTERS) return 'is shorter than 32 bytes; `openssl rand -base64 32` makes one';
  // 32 digits are 16 bytes, which `openssl rand -hex 16` makes.
  if (length < LEAST_DIGITS && isHexadecimal(secret)) {
    return 'is hexadecimal and shorter than 32 bytes; `openssl rand -hex 32` makes one';
  }
  return undefined;
}

/**
 * Derives the key for a purpose and a cookie. A secret counts as it is written: the same 32 bytes in base64 and in
 * hexadecimal are two secrets.
 */
export function deriveSealingKey(
  secret: string,
  purpose: SealingPurpose,
  cookie: string,
  hash: Hash,
  text: Text,
): SealingKey {
  const info = 'jwtverify ' + VERSION.toString() + ' ' + purpose + ' ' + cookie;
  const derived = deriveKey(bytesOf(utf8Octets(secret, text)), '', info, KEY_LENGTH + IDENTIFIER_LENGTH, hash);
  const octets = octetsOf(derived);
  return {
    mark: encodeBase64Url([VERSION].concat(octets.slice(KEY_LENGTH))),
    key: encodeBase64(octets.slice(0, KEY_LENGTH)),
  };
}

/** The keys of several secrets, in their order: the first one seals, all of them open. */
export function deriveSealingKeys(
  secrets: readonly string[],
  purpose: SealingPurpose,
  cookie: string,
  hash: Hash,
  text: Text,
): readonly SealingKey[] {
  return secrets.map((secret) => deriveSealingKey(secret, purpose, cookie, hash, text));
}
