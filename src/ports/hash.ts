// The hash port: SHA-2, from the host where it has it, else from `src/crypto`.
import type { HashName } from '../model/algorithm';

/**
 * Hashing of byte strings: one character from U+0000 to U+00FF for each byte, which in Lua is the byte itself.
 * @noSelf
 */
export interface Hash {
  /** The digest of `bytes` (FIPS 180-4), a byte string too: 32, 48 or 64 bytes. */
  digest(name: HashName, bytes: string): string;
}
