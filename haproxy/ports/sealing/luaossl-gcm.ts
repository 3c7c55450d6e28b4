// AES-256-GCM by luaossl (OpenSSL in C). A wrong tag leaves nothing in OpenSSL's queue of errors (measured: 2.6, 3.0, 3.2).
import { decodeBase64 } from '../../../src/codec/base64';
import { loadModule } from '../lua-libraries';
import type { Gcm } from './gcm';

const CIPHER = 'aes-256-gcm';
const TAG_LENGTH = 16;

/** @returns undefined where luaossl is not installed, or its OpenSSL has no such cipher */
export function createLuaosslGcm(): Gcm | undefined {
  const module = loadModule('openssl.cipher') as LuaosslCipherModule | undefined;
  if (module === undefined) return undefined;
  const ciphers = module;
  const [isThere] = pcall(ciphers.new, CIPHER);
  if (!isThere) return undefined;
  /** INVARIANT: no more keys than the settings derive. */
  const keys = new LuaTable<string, string>();

  function findKey(base64: string): string {
    const known = keys.get(base64) as string | undefined;
    if (known !== undefined) return known;
    const key = string.char(...(decodeBase64(base64) ?? []));
    keys.set(base64, key);
    return key;
  }

  return {
    name: 'luaossl',
    encrypt: (key, nonce, plain) => {
      const cipher = ciphers.new(CIPHER).encrypt(findKey(key), nonce);
      const ciphertext = cipher.final(plain);
      return ciphertext === undefined ? undefined : ciphertext + cipher.getTag(TAG_LENGTH);
    },
    decrypt: (key, nonce, ciphertext, tag) => {
      const cipher = ciphers.new(CIPHER).decrypt(findKey(key), nonce);
      cipher.setTag(tag);
      return cipher.final(ciphertext);
    },
  };
}
