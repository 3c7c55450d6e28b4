// Big numbers as limbs, which are doubles: below 2^53 they are exact, and the same in Lua 5.3, Lua 5.4 and JavaScript.
// Limbs are balanced (also negative), so sums and differences can wait for their carry.

/**
 * A number's limbs, least significant first, from index 1 on. Not an array: typescript-to-lua adds one to an array's
 * index, and in the innermost loops that costs as much as the multiplication.
 */
export type Limbs = Record<number, number>;

/** Zero, in this many limbs. */
export function zeroLimbs(size: number): Limbs {
  const limbs: Limbs = [];
  for (let index = 1; index <= size; index++) limbs[index] = 0;
  return limbs;
}

/** Copies limbs into others. */
export function copyLimbs(out: Limbs, a: Limbs, size: number): void {
  for (let index = 1; index <= size; index++) out[index] = a[index] as number;
}

/** Carries: every limb but the topmost gets into [-2^(bits - 1), 2^(bits - 1)]. The value stays. */
export function carryLimbs(out: Limbs, a: Limbs, size: number, bits: number): void {
  const round = 1.5 * 2 ** (52 + bits);
  const unit = 2 ** -bits;
  let carry = 0;
  for (let index = 1; index < size; index++) {
    const sum = (a[index] as number) + carry;
    const above = sum + round - round;
    out[index] = sum - above;
    carry = above * unit;
  }
  out[size] = (a[size] as number) + carry;
}

/** a + factor * b, carried. */
export function addMultiple(a: Limbs, factor: number, b: Limbs, size: number, bits: number): void {
  for (let index = 1; index <= size; index++) a[index] = (a[index] as number) + (b[index] as number) * factor;
  carryLimbs(a, a, size, bits);
}

/** Whether the value of carried limbs is below zero: the topmost limb that is not zero has the sign. */
export function isNegative(a: Limbs, size: number): boolean {
  for (let index = size; index >= 1; index--) {
    const limb = a[index] as number;
    if (limb !== 0) return limb < 0;
  }
  return false;
}

/** Whether all limbs are zero, which carried limbs are when their value is. */
export function isZero(a: Limbs, size: number): boolean {
  for (let index = 1; index <= size; index++) {
    if (a[index] !== 0) return false;
  }
  return true;
}

/** The limbs of an unsigned number, OS2IP (RFC 8017 §4.2); its limbs are in [0, 2^bits). */
export function limbsOfOctets(octets: readonly number[], size: number, bits: number): Limbs {
  const limbs = zeroLimbs(size);
  const base = 2 ** bits;
  let held = 0;
  let weight = 1;
  let at = 1;
  for (let index = octets.length - 1; index >= 0; index--) {
    held += (octets[index] as number) * weight;
    weight *= 256;
    if (weight >= base) {
      const limb = held % base;
      limbs[at] = limb;
      held = (held - limb) / base;
      weight /= base;
      at += 1;
    }
  }
  if (at <= size) limbs[at] = held;
  return limbs;
}

/** The octets of a number of at most so many, I2OSP (RFC 8017 §4.1). INVARIANT: limbs are carried, the value is not negative. */
export function octetsOfLimbs(limbs: Limbs, size: number, bits: number, length: number): number[] {
  const octets: number[] = [];
  for (let index = 0; index < length; index++) octets.push(0);
  const base = 2 ** bits;
  let borrow = 0;
  let held = 0;
  let weight = 1;
  let at = length - 1;
  for (let index = 1; index <= size; index++) {
    let limb = (limbs[index] as number) - borrow;
    borrow = limb < 0 ? 1 : 0;
    if (limb < 0) limb += base;
    held += limb * weight;
    weight *= base;
    while (weight >= 256) {
      const octet = held % 256;
      if (at >= 0) octets[at] = octet;
      at -= 1;
      held = (held - octet) / 256;
      weight /= 256;
    }
  }
  if (at >= 0) octets[at] = held;
  return octets;
}
