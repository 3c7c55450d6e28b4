// AES-256-GCM (NIST SP 800-38D §7) with a nonce of 96 bits, a tag of 128 bits and no additional data, over byte strings.
import { encryptBlock, expandKey, type AesKey } from './aes';
import type { AesTables } from './aes-tables';
import { makeHashKey, multiply, type HashKey } from './ghash';
import type { Pause } from './pause';

export const KEY_LENGTH = 32;
export const NONCE_LENGTH = 12;
export const TAG_LENGTH = 16;

/** A key that is ready, for any number of messages. */
export interface GcmKey {
  readonly aes: AesKey;
  readonly hash: HashKey;
}

/** Blocks between two pauses: some tenths of a millisecond. */
const STRETCH = 32;

/** Makes a key ready. @param key 32 octets @param tables `makeAesTables()`, which all keys share */
export function makeGcmKey(key: readonly number[], tables: AesTables): GcmKey {
  const aes = expandKey(key, tables);
  const block: number[] = [];
  encryptBlock(aes, [0, 0, 0, 0], block);
  return { aes, hash: makeHashKey(block) };
}

/** The word at a place of a byte string; zeros follow its end. */
function readWord(bytes: string, at: number): number {
  const length = bytes.length;
  if (at + 3 < length) {
    const high = bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1);
    return high * 65536 + bytes.charCodeAt(at + 2) * 256 + bytes.charCodeAt(at + 3);
  }
  let word = 0;
  for (let index = at; index < at + 4; index++) word = word * 256 + (index < length ? bytes.charCodeAt(index) : 0);
  return word;
}

/** The bytes of four words. */
function writeWords(a: number, b: number, c: number, d: number): string {
  return String.fromCharCode(
    (a >>> 24) & 255,
    (a >>> 16) & 255,
    (a >>> 8) & 255,
    a & 255,
    (b >>> 24) & 255,
    (b >>> 16) & 255,
    (b >>> 8) & 255,
    b & 255,
    (c >>> 24) & 255,
    (c >>> 16) & 255,
    (c >>> 8) & 255,
    c & 255,
    (d >>> 24) & 255,
    (d >>> 16) & 255,
    (d >>> 8) & 255,
    d & 255,
  );
}

/** GHASH so far, with four more words. */
function absorb(hash: HashKey, sum: number[], a: number, b: number, c: number, d: number): void {
  sum[0] = (sum[0] as number) ^ a;
  sum[1] = (sum[1] as number) ^ b;
  sum[2] = (sum[2] as number) ^ c;
  sum[3] = (sum[3] as number) ^ d;
  multiply(hash, sum);
}

/** GHASH of a ciphertext without additional data, §6.4 and §7.1 step 5. */
function hashBytes(hash: HashKey, bytes: string, pause: Pause): number[] {
  const sum = [0, 0, 0, 0];
  for (let at = 0; at < bytes.length; at += 16) {
    absorb(hash, sum, readWord(bytes, at), readWord(bytes, at + 4), readWord(bytes, at + 8), readWord(bytes, at + 12));
    if ((at / 16) % STRETCH === STRETCH - 1) pause();
  }
  const bits = bytes.length * 8;
  absorb(hash, sum, 0, 0, Math.floor(bits / 4294967296), bits % 4294967296);
  return sum;
}

/** GCTR from the second counter block on, §6.5: encrypts and decrypts. */
function countThrough(aes: AesKey, nonce: string, bytes: string, pause: Pause): string {
  const counter = [readWord(nonce, 0), readWord(nonce, 4), readWord(nonce, 8), 1];
  const stream: number[] = [];
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    counter[3] = (counter[3] as number) + 1;
    encryptBlock(aes, counter, stream);
    const piece = writeWords(
      (stream[0] as number) ^ readWord(bytes, at),
      (stream[1] as number) ^ readWord(bytes, at + 4),
      (stream[2] as number) ^ readWord(bytes, at + 8),
      (stream[3] as number) ^ readWord(bytes, at + 12),
    );
    pieces.push(at + 16 <= bytes.length ? piece : piece.substring(0, bytes.length - at));
    if ((at / 16) % STRETCH === STRETCH - 1) pause();
  }
  return pieces.join('');
}

/** The tag of a ciphertext, §7.1 step 6. */
function makeTag(key: GcmKey, nonce: string, ciphertext: string, pause: Pause): string {
  const sum = hashBytes(key.hash, ciphertext, pause);
  const mask: number[] = [];
  encryptBlock(key.aes, [readWord(nonce, 0), readWord(nonce, 4), readWord(nonce, 8), 1], mask);
  return writeWords(
    (mask[0] as number) ^ (sum[0] as number),
    (mask[1] as number) ^ (sum[1] as number),
    (mask[2] as number) ^ (sum[2] as number),
    (mask[3] as number) ^ (sum[3] as number),
  );
}

/** Whether two tags are the same, in a time that does not depend on where they differ. */
function equalTags(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < TAG_LENGTH; index++) {
    difference = difference | (one.charCodeAt(index) ^ other.charCodeAt(index));
  }
  return difference === 0;
}

/**
 * Seals a byte string, §7.1.
 * @param nonce 12 bytes. INVARIANT: never the same twice with one key
 * @returns the ciphertext and the tag after it
 */
export function sealBytes(key: GcmKey, nonce: string, plaintext: string, pause: Pause): string {
  const ciphertext = countThrough(key.aes, nonce, plaintext, pause);
  return ciphertext + makeTag(key, nonce, ciphertext, pause);
}

/**
 * Opens what `sealBytes` sealed, §7.2.
 * @returns undefined unless the tag is right; nothing is decrypted before it is
 */
export function openBytes(key: GcmKey, nonce: string, sealed: string, pause: Pause): string | undefined {
  const end = sealed.length - TAG_LENGTH;
  if (nonce.length !== NONCE_LENGTH || end < 0) return undefined;
  const ciphertext = sealed.substring(0, end);
  if (!equalTags(makeTag(key, nonce, ciphertext, pause), sealed.substring(end))) return undefined;
  return countThrough(key.aes, nonce, ciphertext, pause);
}
