// Montgomery arithmetic (HAC 14.36) for an odd modulus of any length, in limbs of 23 bits, six limbs at a time: six of one
// factor stay in local variables while the other factor passes by.
import {
  addMultiple,
  carryLimbs,
  copyLimbs,
  isNegative,
  limbsOfOctets,
  octetsOfLimbs,
  zeroLimbs,
  type Limbs,
} from './limbs';
import { countBits } from './octets';
import type { Pause } from './pause';

// Balanced limbs of 23 bits are at most 2^22: 512 products, more than 8192 bits have limbs, stay below 2^53 in sum.
const BITS = 23;
const BASE = 2 ** BITS;
/** Limbs in a block. */
const BLOCK = 6;
/** Adding and taking away 1.5 * 2^75 rounds a double of less than 2^74 to a multiple of 2^23. */
const ROUND = 1.5 * 2 ** 75;
/** The factor that moves the part above a limb to the next limb. */
const UNIT = 2 ** -23;

/** A modulus N with what is computed once. R is 2^(23 * size). */
export interface Modulus {
  /** Limbs, a multiple of six; at least three bits more than N has. */
  readonly size: number;
  /** Octets of N. */
  readonly length: number;
  readonly limbs: Limbs;
  /** -1 / N modulo 2^(23 * 6). */
  readonly negatedInverse: Limbs;
  /** R squared modulo N: multiplying by it brings a number into Montgomery form. */
  readonly entry: Limbs;
}

/**
 * Adds a block of x, times `factor`, times blocks of y to t.
 * @param at where in t the product of the two first limbs goes
 * @param x its limbs `from` to `from` + 5
 * @param y its limbs `first` to `last`, whole blocks
 */
// prettier-ignore
function addRow(
  t: Limbs, at: number, x: Limbs, from: number, factor: number, y: Limbs, first: number, last: number,
): void {
  const x0 = (x[from] as number) * factor, x1 = (x[from + 1] as number) * factor, x2 = (x[from + 2] as number) * factor;
  const x3 = (x[from + 3] as number) * factor, x4 = (x[from + 4] as number) * factor, x5 = (x[from + 5] as number) * factor;
  // Sums to which the next block of y adds.
  let s0 = t[at] as number, s1 = t[at + 1] as number, s2 = t[at + 2] as number;
  let s3 = t[at + 3] as number, s4 = t[at + 4] as number;
  let k = at;
  for (let j = first; j <= last; j += BLOCK) {
    const y0 = y[j] as number, y1 = y[j + 1] as number, y2 = y[j + 2] as number;
    const y3 = y[j + 3] as number, y4 = y[j + 4] as number, y5 = y[j + 5] as number;
    t[k] = s0 + x0 * y0;
    t[k + 1] = s1 + x0 * y1 + x1 * y0;
    t[k + 2] = s2 + x0 * y2 + x1 * y1 + x2 * y0;
    t[k + 3] = s3 + x0 * y3 + x1 * y2 + x2 * y1 + x3 * y0;
    t[k + 4] = s4 + x0 * y4 + x1 * y3 + x2 * y2 + x3 * y1 + x4 * y0;
    t[k + 5] = (t[k + 5] as number) + x0 * y5 + x1 * y4 + x2 * y3 + x3 * y2 + x4 * y1 + x5 * y0;
    s0 = (t[k + 6] as number) + x1 * y5 + x2 * y4 + x3 * y3 + x4 * y2 + x5 * y1;
    s1 = (t[k + 7] as number) + x2 * y5 + x3 * y4 + x4 * y3 + x5 * y2;
    s2 = (t[k + 8] as number) + x3 * y5 + x4 * y4 + x5 * y3;
    s3 = (t[k + 9] as number) + x4 * y5 + x5 * y4;
    s4 = (t[k + 10] as number) + x5 * y5;
    k += BLOCK;
  }
  t[k] = s0;
  t[k + 1] = s1;
  t[k + 2] = s2;
  t[k + 3] = s3;
  t[k + 4] = s4;
}

/** Carries six limbs of t, the rest of the carry going to the seventh. */
function carryBlock(t: Limbs, at: number): void {
  const round = ROUND;
  const unit = UNIT;
  for (let k = at; k < at + BLOCK; k++) {
    const limb = t[k] as number;
    const above = limb + round - round;
    t[k] = limb - above;
    t[k + 1] = (t[k + 1] as number) + above * unit;
  }
}

/** The block that, times N, makes a carried block of t zero: block * (-1 / N) modulo 2^(23 * 6). */
// prettier-ignore
function findMultiple(q: Limbs, t: Limbs, at: number, n: Limbs): void {
  const t0 = t[at] as number, t1 = t[at + 1] as number, t2 = t[at + 2] as number;
  const t3 = t[at + 3] as number, t4 = t[at + 4] as number, t5 = t[at + 5] as number;
  const n0 = n[1] as number, n1 = n[2] as number, n2 = n[3] as number;
  const n3 = n[4] as number, n4 = n[5] as number, n5 = n[6] as number;
  q[1] = t0 * n0;
  q[2] = t0 * n1 + t1 * n0;
  q[3] = t0 * n2 + t1 * n1 + t2 * n0;
  q[4] = t0 * n3 + t1 * n2 + t2 * n1 + t3 * n0;
  q[5] = t0 * n4 + t1 * n3 + t2 * n2 + t3 * n1 + t4 * n0;
  q[6] = t0 * n5 + t1 * n4 + t2 * n3 + t3 * n2 + t4 * n1 + t5 * n0;
  q[7] = 0;
  carryBlock(q, 1);
}

/** Montgomery reduction: t / R modulo N, between -N and N. */
function reduce(out: Limbs, t: Limbs, modulus: Modulus, pause: Pause): void {
  const size = modulus.size;
  const limbs = modulus.limbs;
  const unit = UNIT;
  const q = zeroLimbs(BLOCK + 1);
  carryLimbs(t, t, 2 * size, BITS);
  for (let i = 1; i <= size; i += BLOCK) {
    carryBlock(t, i);
    findMultiple(q, t, i, modulus.negatedInverse);
    addRow(t, i, q, 1, 1, limbs, 1, size);
    // The block is a multiple of 2^(23 * 6) now; its quotient is carried on.
    let carry = 0;
    for (let k = i; k < i + BLOCK; k++) carry = ((t[k] as number) + carry) * unit;
    t[i + BLOCK] = (t[i + BLOCK] as number) + carry;
    pause();
  }
  for (let index = 1; index <= size; index++) out[index] = t[size + index] as number;
  carryLimbs(out, out, size, BITS);
}

/** a * b / R modulo N. Factors and product are carried and between -N and N. */
export function multiplyModulo(out: Limbs, a: Limbs, b: Limbs, modulus: Modulus, pause: Pause): void {
  const size = modulus.size;
  const t = zeroLimbs(2 * size);
  for (let i = 1; i <= size; i += BLOCK) {
    addRow(t, i, a, i, 1, b, 1, size);
    pause();
  }
  reduce(out, t, modulus, pause);
}

/** a * a / R modulo N; products of two different blocks are computed once. */
export function squareModulo(out: Limbs, a: Limbs, modulus: Modulus, pause: Pause): void {
  const size = modulus.size;
  const t = zeroLimbs(2 * size);
  for (let i = 1; i <= size; i += BLOCK) {
    addRow(t, 2 * i - 1, a, i, 1, a, i, i);
    if (i + BLOCK <= size) addRow(t, 2 * i - 1 + BLOCK, a, i, 2, a, i + BLOCK, size);
    pause();
  }
  reduce(out, t, modulus, pause);
}

/** a + factor * b: a factor of further products while it stays between -4N and 4N. */
export function addModulo(a: Limbs, factor: number, b: Limbs, modulus: Modulus): void {
  addMultiple(a, factor, b, modulus.size, BITS);
}

/** -1 / N modulo 2^(23 * 6), limb by limb: the factor of N whose product, added to 1, makes its limbs zero. */
function negateInverse(n: Limbs): Limbs {
  const low = n[1] as number;
  let lowInverse = 1;
  for (let round = 0; round < 5; round++) lowInverse = (lowInverse * (BASE + 2 - ((low * lowInverse) % BASE))) % BASE;
  const inverse = zeroLimbs(BLOCK);
  const rest = zeroLimbs(BLOCK);
  rest[1] = 1;
  for (let i = 1; i <= BLOCK; i++) {
    const limb = (((BASE - ((rest[i] as number) % BASE)) % BASE) * lowInverse) % BASE;
    inverse[i] = limb;
    for (let j = i; j <= BLOCK; j++) rest[j] = (rest[j] as number) + limb * (n[j - i + 1] as number);
    if (i < BLOCK) rest[i + 1] = (rest[i + 1] as number) + (rest[i] as number) / BASE;
  }
  carryLimbs(inverse, inverse, BLOCK, BITS);
  return inverse;
}

/** Doubles a number between -N and N, and stays there. */
function doubleModulo(a: Limbs, modulus: Modulus): void {
  const factor = isNegative(a, modulus.size) ? 1 : -1;
  for (let index = 1; index <= modulus.size; index++) {
    a[index] = (a[index] as number) * 2 + (modulus.limbs[index] as number) * factor;
  }
  carryLimbs(a, a, modulus.size, BITS);
}

/** R squared modulo N: 2^(23 * size) in Montgomery form, by squaring and doubling from R modulo N. */
function squareRadix(modulus: Modulus, bits: number, pause: Pause): void {
  const power = modulus.entry;
  const exponent = BITS * modulus.size;
  power[Math.floor((bits - 1) / BITS) + 1] = 2 ** ((bits - 1) % BITS);
  for (let bit = bits - 1; bit < exponent; bit++) {
    doubleModulo(power, modulus);
    pause();
  }
  for (let bit = 13; bit >= 0; bit--) {
    squareModulo(power, power, modulus, pause);
    if (((exponent >>> bit) & 1) === 1) doubleModulo(power, modulus);
  }
}

/**
 * Makes an odd modulus ready.
 * @param octets most significant first
 */
export function createModulus(octets: readonly number[], pause: Pause): Modulus {
  const bits = countBits(octets);
  // Three bits to spare keep products of numbers below N there: (N^2 + R N / 2) / R is less than N.
  const size = Math.ceil((bits + 3) / BITS / BLOCK) * BLOCK;
  const limbs = limbsOfOctets(octets, size, BITS);
  const negatedInverse = negateInverse(limbs);
  carryLimbs(limbs, limbs, size, BITS);
  const modulus: Modulus = { size, length: octets.length, limbs, negatedInverse, entry: zeroLimbs(size) };
  squareRadix(modulus, bits, pause);
  return modulus;
}

/** The limbs of an unsigned number below R. */
export function readNumber(octets: readonly number[], modulus: Modulus): Limbs {
  const limbs = limbsOfOctets(octets, modulus.size, BITS);
  carryLimbs(limbs, limbs, modulus.size, BITS);
  return limbs;
}

/** The Montgomery form of a number below R. */
export function formOf(number: Limbs, modulus: Modulus, pause: Pause): Limbs {
  const form = zeroLimbs(modulus.size);
  multiplyModulo(form, number, modulus.entry, modulus, pause);
  return form;
}

/** The octets, as many as N has, of the one value in [0, N) that a product is. */
export function writeNumber(product: Limbs, modulus: Modulus): number[] {
  const size = modulus.size;
  const plain = zeroLimbs(size);
  copyLimbs(plain, product, size);
  if (isNegative(plain, size)) addModulo(plain, 1, modulus.limbs, modulus);
  return octetsOfLimbs(plain, size, BITS, modulus.length);
}
