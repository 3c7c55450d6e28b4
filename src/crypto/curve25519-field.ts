// The field of Curve25519 (RFC 7748 §4.1): p = 2^255 - 19, eleven limbs of 24 bits. 2^264 is 9728 modulo p:
// the upper half of a product is folded onto the lower half.
// Written by scripts/field-arithmetic.mjs. Do not edit.
import { createField, type Field } from './field';
import type { Limbs } from './limbs';

// Powers, which are doubles in Lua too: whole literals would be integers there.
/** Adding and taking away 1.5 * 2^76 rounds a double of less than 2^75 to a multiple of 2^24. */
const ROUND = 1.5 * 2 ** 76;
/** The factor that moves the part above a limb to the next limb. */
const UNIT = 2 ** -24;
/** The same as `ROUND` for a multiple of 2^15. */
const ROUND_TOP = 1.5 * 2 ** 67;
/** The factor that moves the part above the 255th bit to the bottom. */
const FOLD_TOP = 19 * 2 ** -15;
/** 2^264 modulo p. */
const FOLD = 19 * 2 ** 9;

/** Column by column. INVARIANT: the products in a column, and what is carried to it, stay below 2^53 in sum. */
// prettier-ignore
function multiply(out: Limbs, a: Limbs, b: Limbs): void {
  const a0 = a[1] as number, a1 = a[2] as number, a2 = a[3] as number, a3 = a[4] as number, a4 = a[5] as number,
    a5 = a[6] as number, a6 = a[7] as number, a7 = a[8] as number, a8 = a[9] as number, a9 = a[10] as number,
    a10 = a[11] as number;
  const b0 = b[1] as number, b1 = b[2] as number, b2 = b[3] as number, b3 = b[4] as number, b4 = b[5] as number,
    b5 = b[6] as number, b6 = b[7] as number, b7 = b[8] as number, b8 = b[9] as number, b9 = b[10] as number,
    b10 = b[11] as number;
  let t0 = a0 * b0;
  let t1 = a0 * b1 + a1 * b0;
  let t2 = a0 * b2 + a1 * b1 + a2 * b0;
  let t3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0;
  let t4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;
  let t5 = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0;
  let t6 = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0;
  let t7 = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0;
  let t8 = a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0;
  let t9 = a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + a9 * b0;
  let t10 = a0 * b10 + a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 + a9 * b1
    + a10 * b0;
  let t11 = a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + a9 * b2 + a10 * b1;
  let t12 = a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + a9 * b3 + a10 * b2;
  let t13 = a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + a9 * b4 + a10 * b3;
  let t14 = a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6 + a9 * b5 + a10 * b4;
  let t15 = a5 * b10 + a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6 + a10 * b5;
  let t16 = a6 * b10 + a7 * b9 + a8 * b8 + a9 * b7 + a10 * b6;
  let t17 = a7 * b10 + a8 * b9 + a9 * b8 + a10 * b7;
  let t18 = a8 * b10 + a9 * b9 + a10 * b8;
  let t19 = a9 * b10 + a10 * b9;
  let t20 = a10 * b10;
  // Folds a product's upper half onto the lower and carries. Limbs in [-2^23, 2^23], the second 2^17 beyond.
  const round = ROUND;
  const unit = UNIT;
  const fold = FOLD;
  let h = 0;
  let t21 = 0;
  h = t11 + round - round; t11 -= h; t12 += h * unit;
  h = t12 + round - round; t12 -= h; t13 += h * unit;
  h = t13 + round - round; t13 -= h; t14 += h * unit;
  h = t14 + round - round; t14 -= h; t15 += h * unit;
  h = t15 + round - round; t15 -= h; t16 += h * unit;
  h = t16 + round - round; t16 -= h; t17 += h * unit;
  h = t17 + round - round; t17 -= h; t18 += h * unit;
  h = t18 + round - round; t18 -= h; t19 += h * unit;
  h = t19 + round - round; t19 -= h; t20 += h * unit;
  h = t20 + round - round; t20 -= h; t21 += h * unit;
  t0 += t11 * fold;
  t1 += t12 * fold;
  t2 += t13 * fold;
  t3 += t14 * fold;
  t4 += t15 * fold;
  t5 += t16 * fold;
  t6 += t17 * fold;
  t7 += t18 * fold;
  t8 += t19 * fold;
  t9 += t20 * fold;
  t10 += t21 * fold;
  h = t0 + round - round; t0 -= h; t1 += h * unit;
  h = t1 + round - round; t1 -= h; t2 += h * unit;
  h = t2 + round - round; t2 -= h; t3 += h * unit;
  h = t3 + round - round; t3 -= h; t4 += h * unit;
  h = t4 + round - round; t4 -= h; t5 += h * unit;
  h = t5 + round - round; t5 -= h; t6 += h * unit;
  h = t6 + round - round; t6 -= h; t7 += h * unit;
  h = t7 + round - round; t7 -= h; t8 += h * unit;
  h = t8 + round - round; t8 -= h; t9 += h * unit;
  h = t9 + round - round; t9 -= h; t10 += h * unit;
  // 2^255 = 19: the part above bit 14 of the top limb goes to the bottom.
  h = t10 + ROUND_TOP - ROUND_TOP; t10 -= h; t0 += h * FOLD_TOP;
  h = t0 + round - round; t0 -= h; t1 += h * unit;
  out[1] = t0;
  out[2] = t1;
  out[3] = t2;
  out[4] = t3;
  out[5] = t4;
  out[6] = t5;
  out[7] = t6;
  out[8] = t7;
  out[9] = t8;
  out[10] = t9;
  out[11] = t10;
}

/** The same, with each product of two different limbs computed once: `d` are the doubled limbs. */
// prettier-ignore
function square(out: Limbs, a: Limbs): void {
  const a0 = a[1] as number, a1 = a[2] as number, a2 = a[3] as number, a3 = a[4] as number, a4 = a[5] as number,
    a5 = a[6] as number, a6 = a[7] as number, a7 = a[8] as number, a8 = a[9] as number, a9 = a[10] as number,
    a10 = a[11] as number;
  const d0 = a0 + a0, d1 = a1 + a1, d2 = a2 + a2, d3 = a3 + a3, d4 = a4 + a4, d5 = a5 + a5, d6 = a6 + a6, d7 = a7 + a7,
    d8 = a8 + a8, d9 = a9 + a9;
  let t0 = a0 * a0;
  let t1 = d0 * a1;
  let t2 = d0 * a2 + a1 * a1;
  let t3 = d0 * a3 + d1 * a2;
  let t4 = d0 * a4 + d1 * a3 + a2 * a2;
  let t5 = d0 * a5 + d1 * a4 + d2 * a3;
  let t6 = d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3;
  let t7 = d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4;
  let t8 = d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4;
  let t9 = d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5;
  let t10 = d0 * a10 + d1 * a9 + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5;
  let t11 = d1 * a10 + d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6;
  let t12 = d2 * a10 + d3 * a9 + d4 * a8 + d5 * a7 + a6 * a6;
  let t13 = d3 * a10 + d4 * a9 + d5 * a8 + d6 * a7;
  let t14 = d4 * a10 + d5 * a9 + d6 * a8 + a7 * a7;
  let t15 = d5 * a10 + d6 * a9 + d7 * a8;
  let t16 = d6 * a10 + d7 * a9 + a8 * a8;
  let t17 = d7 * a10 + d8 * a9;
  let t18 = d8 * a10 + a9 * a9;
  let t19 = d9 * a10;
  let t20 = a10 * a10;
  // Folds a product's upper half onto the lower and carries. Limbs in [-2^23, 2^23], the second 2^17 beyond.
  const round = ROUND;
  const unit = UNIT;
  const fold = FOLD;
  let h = 0;
  let t21 = 0;
  h = t11 + round - round; t11 -= h; t12 += h * unit;
  h = t12 + round - round; t12 -= h; t13 += h * unit;
  h = t13 + round - round; t13 -= h; t14 += h * unit;
  h = t14 + round - round; t14 -= h; t15 += h * unit;
  h = t15 + round - round; t15 -= h; t16 += h * unit;
  h = t16 + round - round; t16 -= h; t17 += h * unit;
  h = t17 + round - round; t17 -= h; t18 += h * unit;
  h = t18 + round - round; t18 -= h; t19 += h * unit;
  h = t19 + round - round; t19 -= h; t20 += h * unit;
  h = t20 + round - round; t20 -= h; t21 += h * unit;
  t0 += t11 * fold;
  t1 += t12 * fold;
  t2 += t13 * fold;
  t3 += t14 * fold;
  t4 += t15 * fold;
  t5 += t16 * fold;
  t6 += t17 * fold;
  t7 += t18 * fold;
  t8 += t19 * fold;
  t9 += t20 * fold;
  t10 += t21 * fold;
  h = t0 + round - round; t0 -= h; t1 += h * unit;
  h = t1 + round - round; t1 -= h; t2 += h * unit;
  h = t2 + round - round; t2 -= h; t3 += h * unit;
  h = t3 + round - round; t3 -= h; t4 += h * unit;
  h = t4 + round - round; t4 -= h; t5 += h * unit;
  h = t5 + round - round; t5 -= h; t6 += h * unit;
  h = t6 + round - round; t6 -= h; t7 += h * unit;
  h = t7 + round - round; t7 -= h; t8 += h * unit;
  h = t8 + round - round; t8 -= h; t9 += h * unit;
  h = t9 + round - round; t9 -= h; t10 += h * unit;
  // 2^255 = 19: the part above bit 14 of the top limb goes to the bottom.
  h = t10 + ROUND_TOP - ROUND_TOP; t10 -= h; t0 += h * FOLD_TOP;
  h = t0 + round - round; t0 -= h; t1 += h * unit;
  out[1] = t0;
  out[2] = t1;
  out[3] = t2;
  out[4] = t3;
  out[5] = t4;
  out[6] = t5;
  out[7] = t6;
  out[8] = t7;
  out[9] = t8;
  out[10] = t9;
  out[11] = t10;
}

/** Arithmetic modulo 2^255 - 19. */
export const field25519: Field = createField({
  prime: '7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed',
  bits: 255,
  size: 11,
  isMontgomery: false,
  multiply,
  square,
});
