// The tables of AES (FIPS 197 §5.1): SubBytes, ShiftRows and MixColumns of one octet in one word, for each of four places.

/**
 * Words by octet. INVARIANT: filled from 0 on, and never read by a method of arrays: by this type Lua has the entry 0 at 0,
 * which spares the addition that an array would cost at each of 240 look-ups a block.
 */
export type Words = Readonly<Record<number, number>>;

export interface AesTables {
  /** The S-box, §5.1.1. */
  readonly box: Words;
  /** For the octets of a column from the first row to the last; a word has the first row in its highest octet. */
  readonly first: Words;
  readonly second: Words;
  readonly third: Words;
  readonly fourth: Words;
}

const OCTET = 0x100;
const TWO = 0x10000;
const THREE = 0x1000000;

/** The product with x in GF(2^8), §4.2.1. */
export function doubleOctet(octet: number): number {
  return octet < 0x80 ? octet * 2 : (octet * 2) ^ 0x11b;
}

/** The affine transformation of §5.1.1: the octet and its four rotations to the left, and 0x63. */
function transform(octet: number): number {
  let sum = octet ^ 0x63;
  let rotated = octet;
  for (let count = 0; count < 4; count++) {
    rotated = rotated < 0x80 ? rotated * 2 : rotated * 2 - 0xff;
    sum ^= rotated;
  }
  return sum;
}

/** §5.1.1. The powers of 3 are all octets but 0; a power's inverse is the power of the opposite exponent. */
function makeBox(): Record<number, number> {
  const powers: number[] = [];
  let power = 1;
  for (let exponent = 0; exponent < 255; exponent++) {
    powers.push(power);
    power ^= doubleOctet(power);
  }
  const box: Record<number, number> = {};
  box[0] = 0x63;
  for (let exponent = 0; exponent < 255; exponent++) {
    box[powers[exponent] as number] = transform(powers[(255 - exponent) % 255] as number);
  }
  return box;
}

/** Computes the tables: less than a millisecond, once for all keys. */
export function makeAesTables(): AesTables {
  const box = makeBox();
  const ordered: Record<number, number> = [];
  const first: Record<number, number> = [];
  const second: Record<number, number> = [];
  const third: Record<number, number> = [];
  const fourth: Record<number, number> = [];
  for (let octet = 0; octet < 256; octet++) {
    const one = box[octet] as number;
    const two = doubleOctet(one);
    const three = one ^ two;
    // §5.1.3: a column's octet counts twice in its own row, once in the two below, thrice in the one above.
    ordered[octet] = one;
    first[octet] = two * THREE + one * TWO + one * OCTET + three;
    second[octet] = three * THREE + two * TWO + one * OCTET + one;
    third[octet] = one * THREE + three * TWO + two * OCTET + one;
    fourth[octet] = one * THREE + one * TWO + three * OCTET + two;
  }
  return { box: ordered, first, second, third, fourth };
}
