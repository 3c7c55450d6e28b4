// A prime field in limbs of 24 bits: the operations that points need, over a multiplication and a squaring for one prime.
import { invertOctets } from './inverse';
import {
  carryLimbs,
  copyLimbs,
  isNegative,
  isZero,
  limbsOfOctets,
  octetsOfLimbs,
  zeroLimbs,
  type Limbs,
} from './limbs';
import { compareOctets, octetsOfHex } from './octets';

export const FIELD_BITS = 24;

/** `out` may be one of the factors. */
export type Multiply = (out: Limbs, a: Limbs, b: Limbs) => void;
export type Square = (out: Limbs, a: Limbs) => void;

/**
 * A field. Products of `multiply` and `square` are carried and between -p and p. They may get, as factors, sums and
 * differences of such products that have not been carried, as long as the numbers of summands on both sides multiply to
 * at most 5 (11 with eleven limbs).
 */
export interface Field {
  /** Limbs of an element. */
  readonly size: number;
  /** Most significant octet first, as long as an element's octets. */
  readonly prime: readonly number[];
  readonly primeLimbs: Limbs;
  /** One, in the form that elements have here: Montgomery's, or plain. */
  readonly one: Limbs;
  /** The factor that brings a plain number into that form. */
  readonly entry: Limbs;
  /** Plain one: the factor that brings an element out of that form. */
  readonly exit: Limbs;
  readonly multiply: Multiply;
  readonly square: Square;
}

/** R modulo p for R = 2^(24 * size): R - 2^k * p, where 2^k * p has as many bits as R. */
function reduceRadix(primeLimbs: Limbs, size: number, primeBits: number): Limbs {
  const factor = 2 ** (FIELD_BITS * size - primeBits);
  const radix = zeroLimbs(size);
  for (let index = 1; index <= size; index++) radix[index] = -(primeLimbs[index] as number) * factor;
  radix[size] = (radix[size] as number) + 2 ** FIELD_BITS;
  carryLimbs(radix, radix, size, FIELD_BITS);
  return radix;
}

/** R squared modulo p: 2^(24 * size) in Montgomery form, by squaring and doubling from one. */
function squareRadix(one: Limbs, size: number, square: Square): Limbs {
  const power = zeroLimbs(size);
  copyLimbs(power, one, size);
  const exponent = FIELD_BITS * size;
  for (let bit = 9; bit >= 0; bit--) {
    square(power, power);
    if (((exponent >>> bit) & 1) === 1) addElements(power, power, power, size);
  }
  carryLimbs(power, power, size, FIELD_BITS);
  return power;
}

/** The parts of a field: a prime in hexadecimal, and the arithmetic that scripts/field-arithmetic.mjs writes for it. */
export interface FieldTerms {
  readonly prime: string;
  /** How many bits the prime has. */
  readonly bits: number;
  readonly size: number;
  /** Whether `multiply` divides by R = 2^(24 * size) (HAC 14.36). */
  readonly isMontgomery: boolean;
  readonly multiply: Multiply;
  readonly square: Square;
}

/** Makes a field. */
export function createField(terms: FieldTerms): Field {
  const size = terms.size;
  const prime = octetsOfHex(terms.prime);
  const primeLimbs = limbsOfOctets(prime, size, FIELD_BITS);
  const exit = zeroLimbs(size);
  exit[1] = 1;
  const one = terms.isMontgomery ? reduceRadix(primeLimbs, size, terms.bits) : exit;
  const entry = terms.isMontgomery ? squareRadix(one, size, terms.square) : exit;
  return { size, prime, primeLimbs, one, entry, exit, multiply: terms.multiply, square: terms.square };
}

/** a + b, not carried. */
export function addElements(out: Limbs, a: Limbs, b: Limbs, size: number): void {
  for (let index = 1; index <= size; index++) out[index] = (a[index] as number) + (b[index] as number);
}

/** a - b, not carried. */
export function subtractElements(out: Limbs, a: Limbs, b: Limbs, size: number): void {
  for (let index = 1; index <= size; index++) out[index] = (a[index] as number) - (b[index] as number);
}

/** a + factor * b, carried. */
export function combineElements(out: Limbs, a: Limbs, factor: number, b: Limbs, size: number): void {
  const round = 1.5 * 2 ** 76;
  const unit = 2 ** -24;
  let carry = 0;
  for (let index = 1; index < size; index++) {
    const sum = (a[index] as number) + (b[index] as number) * factor + carry;
    const above = sum + round - round;
    out[index] = sum - above;
    carry = above * unit;
  }
  out[size] = (a[size] as number) + (b[size] as number) * factor + carry;
}

/** Whether an element is zero modulo p, whatever its limbs. */
export function isZeroElement(field: Field, a: Limbs): boolean {
  const product = zeroLimbs(field.size);
  field.multiply(product, a, field.exit);
  return isZero(product, field.size);
}

/**
 * Reads a number of the prime's length, most significant octet first.
 * @returns undefined unless it is below the prime
 */
export function readElement(field: Field, octets: readonly number[]): Limbs | undefined {
  if (octets.length !== field.prime.length || compareOctets(octets, field.prime) >= 0) return undefined;
  const element = limbsOfOctets(octets, field.size, FIELD_BITS);
  field.multiply(element, element, field.entry);
  return element;
}

/** Writes an element, the one value in [0, p), most significant octet first. */
export function writeElement(field: Field, a: Limbs): number[] {
  const plain = zeroLimbs(field.size);
  field.multiply(plain, a, field.exit);
  if (isNegative(plain, field.size)) addElements(plain, plain, field.primeLimbs, field.size);
  carryLimbs(plain, plain, field.size, FIELD_BITS);
  return octetsOfLimbs(plain, field.size, FIELD_BITS, field.prime.length);
}

/** 1 / a. INVARIANT: a is not zero. */
export function invertElement(field: Field, out: Limbs, a: Limbs): void {
  const inverse = limbsOfOctets(invertOctets(writeElement(field, a), field.prime), field.size, FIELD_BITS);
  field.multiply(out, inverse, field.entry);
}

/**
 * Replaces each element by its inverse with one inversion (Montgomery's trick). INVARIANT: none is zero.
 * @param elements from index 0
 */
export function invertElements(field: Field, elements: readonly Limbs[]): void {
  const size = field.size;
  const products: Limbs[] = [];
  const running = zeroLimbs(size);
  copyLimbs(running, field.one, size);
  for (let index = 0; index < elements.length; index++) {
    const before = zeroLimbs(size);
    copyLimbs(before, running, size);
    products.push(before);
    field.multiply(running, running, elements[index] as Limbs);
  }
  invertElement(field, running, running);
  const inverse = zeroLimbs(size);
  for (let index = elements.length - 1; index >= 0; index--) {
    const element = elements[index] as Limbs;
    field.multiply(inverse, running, products[index] as Limbs);
    field.multiply(running, running, element);
    copyLimbs(element, inverse, size);
  }
}
