// GHASH (NIST SP 800-38D §6.4): the polynomial hash of GCM over GF(2^128), by tables of the hash key for each half octet.

/** The multiples of a hash key: one word of each in each list, at 16 times the half octet's place plus its value. */
export interface HashKey {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly third: readonly number[];
  readonly fourth: readonly number[];
}

type Element = readonly [number, number, number, number];

const PLACES = 32;
/** R of §6.3, its highest word: 11100001 and zeros. */
const REDUCTION = 0xe1000000;
const HALF = 2147483648;

/** A word shifted right by one bit, the bit above it coming in. */
function shift(word: number, above: number): number {
  return (word >>> 1) + (above & 1) * HALF;
}

/** The product with x, §6.3: bit 0 is the highest bit of the first word. */
function timesX(element: Element): Element {
  const first = element[0] >>> 1;
  const reduced = (element[3] & 1) === 0 ? first : (first ^ REDUCTION) >>> 0;
  return [reduced, shift(element[1], element[0]), shift(element[2], element[1]), shift(element[3], element[2])];
}

/** The word of a half octet's multiple: those of the powers whose bits it has. */
function combine(powers: readonly Element[], value: number, word: number): number {
  let sum = 0;
  for (let bit = 0; bit < 4; bit++) {
    if (((value >>> (3 - bit)) & 1) === 1) sum ^= (powers[bit] as Element)[word] as number;
  }
  return sum >>> 0;
}

/** Makes a hash key of four words ready, once for each key. */
export function makeHashKey(block: readonly number[]): HashKey {
  const lists: number[][] = [[], [], [], []];
  let power: Element = [
    (block[0] as number) >>> 0,
    (block[1] as number) >>> 0,
    (block[2] as number) >>> 0,
    (block[3] as number) >>> 0,
  ];
  for (let place = 0; place < PLACES; place++) {
    const powers: Element[] = [];
    for (let bit = 0; bit < 4; bit++) {
      powers.push(power);
      power = timesX(power);
    }
    for (let word = 0; word < 4; word++) {
      for (let value = 0; value < 16; value++) (lists[word] as number[]).push(combine(powers, value, word));
    }
  }
  return {
    first: lists[0] as number[],
    second: lists[1] as number[],
    third: lists[2] as number[],
    fourth: lists[3] as number[],
  };
}

/** Multiplies four words by the hash key in place. In JavaScript some may be negative. */
export function multiply(key: HashKey, words: number[]): void {
  const first = key.first;
  const second = key.second;
  const third = key.third;
  const fourth = key.fourth;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let base = 0;
  for (let index = 0; index < 4; index++) {
    const word = words[index] as number;
    for (let bits = 28; bits >= 0; bits -= 4) {
      const at = base + ((word >>> bits) & 15);
      a ^= first[at] as number;
      b ^= second[at] as number;
      c ^= third[at] as number;
      d ^= fourth[at] as number;
      base += 16;
    }
  }
  words[0] = a;
  words[1] = b;
  words[2] = c;
  words[3] = d;
}
