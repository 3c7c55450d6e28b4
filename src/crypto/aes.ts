// AES-256 (FIPS 197), encryption alone: counter mode needs no more. 32-bit words; a word has its first octet highest.
import { doubleOctet, type AesTables } from './aes-tables';
import { wordAt } from './sha-words';

const KEY_WORDS = 8;
const ROUNDS = 14;

/** The round keys, and the tables that encrypt with them. */
export interface AesKey {
  /** Four words for each round and the whitening before them. */
  readonly words: readonly number[];
  readonly tables: AesTables;
}

/** SubWord, §5.2. */
function substitute(word: number, tables: AesTables): number {
  const box = tables.box;
  const high = (box[(word >>> 24) & 255] as number) * 256 + (box[(word >>> 16) & 255] as number);
  return high * 65536 + (box[(word >>> 8) & 255] as number) * 256 + (box[word & 255] as number);
}

/** RotWord, §5.2. */
function rotate(word: number): number {
  return (word % 16777216) * 256 + (word >>> 24);
}

/** Makes a key of 32 octets ready (KeyExpansion, §5.2). */
export function expandKey(key: readonly number[], tables: AesTables): AesKey {
  const words: number[] = [];
  for (let at = 0; at < KEY_WORDS * 4; at += 4) words.push(wordAt(key, at));
  let constant = 1;
  for (let index = KEY_WORDS; index < 4 * (ROUNDS + 1); index++) {
    let word = words[index - 1] as number;
    if (index % KEY_WORDS === 0) {
      word = (substitute(rotate(word), tables) ^ (constant * 16777216)) >>> 0;
      constant = doubleOctet(constant);
    } else if (index % KEY_WORDS === 4) word = substitute(word, tables);
    words.push(((words[index - KEY_WORDS] as number) ^ word) >>> 0);
  }
  return { words, tables };
}

/**
 * Encrypts one block of four words (Cipher, §5.1).
 * @param into gets the four words; in JavaScript some may be negative, as `^` makes them
 */
export function encryptBlock(key: AesKey, block: readonly number[], into: number[]): void {
  const words = key.words;
  const t0 = key.tables.first;
  const t1 = key.tables.second;
  const t2 = key.tables.third;
  const t3 = key.tables.fourth;
  let a = (block[0] as number) ^ (words[0] as number);
  let b = (block[1] as number) ^ (words[1] as number);
  let c = (block[2] as number) ^ (words[2] as number);
  let d = (block[3] as number) ^ (words[3] as number);
  for (let at = 4; at < 4 * ROUNDS; at += 4) {
    const e =
      (t0[a >>> 24] as number) ^
      (t1[(b >>> 16) & 255] as number) ^
      (t2[(c >>> 8) & 255] as number) ^
      (t3[d & 255] as number) ^
      (words[at] as number);
    const f =
      (t0[b >>> 24] as number) ^
      (t1[(c >>> 16) & 255] as number) ^
      (t2[(d >>> 8) & 255] as number) ^
      (t3[a & 255] as number) ^
      (words[at + 1] as number);
    const g =
      (t0[c >>> 24] as number) ^
      (t1[(d >>> 16) & 255] as number) ^
      (t2[(a >>> 8) & 255] as number) ^
      (t3[b & 255] as number) ^
      (words[at + 2] as number);
    d =
      (t0[d >>> 24] as number) ^
      (t1[(a >>> 16) & 255] as number) ^
      (t2[(b >>> 8) & 255] as number) ^
      (t3[c & 255] as number) ^
      (words[at + 3] as number);
    a = e;
    b = f;
    c = g;
  }
  lastRound(key, [a, b, c, d], into);
}

/** §5.1: the last round has no MixColumns. */
function lastRound(key: AesKey, state: readonly number[], into: number[]): void {
  const box = key.tables.box;
  for (let column = 0; column < 4; column++) {
    const high = (box[(state[column] as number) >>> 24] as number) * 256;
    const upper = high + (box[((state[(column + 1) % 4] as number) >>> 16) & 255] as number);
    const middle = upper * 256 + (box[((state[(column + 2) % 4] as number) >>> 8) & 255] as number);
    const word = middle * 256 + (box[(state[(column + 3) % 4] as number) & 255] as number);
    into[column] = word ^ (key.words[4 * ROUNDS + column] as number);
  }
}
