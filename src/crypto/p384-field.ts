// The field of P-384 (SP 800-186 §3.2.1.4): p = 2^384 - 2^128 - 2^96 + 2^32 - 1, 17 limbs of 24 bits.
// Montgomery reduction (R = 2^408) needs no multiplication here: p is -1 modulo 2^24, so the limb is the multiple.
// Written by scripts/field-arithmetic.mjs. Do not edit.
import { createField, type Field } from './field';
import type { Limbs } from './limbs';

// Powers, which are doubles in Lua too: whole literals would be integers there.
/** Adding and taking away 1.5 * 2^76 rounds a double of less than 2^75 to a multiple of 2^24. */
const ROUND = 1.5 * 2 ** 76;
/** The factor that moves the part above a limb to the next limb. */
const UNIT = 2 ** -24;
const UP_8 = 2 ** 8;

/** Montgomery reduction and carries: adding `q` times p makes a limb zero. Limbs come out in [-2^23, 2^23]. */
// prettier-ignore
function reduce(
  out: Limbs,
  t0: number, t1: number, t2: number, t3: number, t4: number, t5: number, t6: number, t7: number, t8: number,
  t9: number, t10: number, t11: number, t12: number, t13: number, t14: number, t15: number, t16: number, t17: number,
  t18: number, t19: number, t20: number, t21: number, t22: number, t23: number, t24: number, t25: number, t26: number,
  t27: number, t28: number, t29: number, t30: number, t31: number, t32: number,
): void {
  const round = ROUND;
  const unit = UNIT;
  const up8 = UP_8;
  let h = 0;
  let t33 = 0;
  let q = 0;
  h = t0 + round - round; q = t0 - h; t1 += h * unit + q * up8; t4 -= q; t5 -= q * up8; t16 += q;
  h = t1 + round - round; q = t1 - h; t2 += h * unit + q * up8; t5 -= q; t6 -= q * up8; t17 += q;
  h = t2 + round - round; q = t2 - h; t3 += h * unit + q * up8; t6 -= q; t7 -= q * up8; t18 += q;
  h = t3 + round - round; q = t3 - h; t4 += h * unit + q * up8; t7 -= q; t8 -= q * up8; t19 += q;
  h = t4 + round - round; q = t4 - h; t5 += h * unit + q * up8; t8 -= q; t9 -= q * up8; t20 += q;
  h = t5 + round - round; q = t5 - h; t6 += h * unit + q * up8; t9 -= q; t10 -= q * up8; t21 += q;
  h = t6 + round - round; q = t6 - h; t7 += h * unit + q * up8; t10 -= q; t11 -= q * up8; t22 += q;
  h = t7 + round - round; q = t7 - h; t8 += h * unit + q * up8; t11 -= q; t12 -= q * up8; t23 += q;
  h = t8 + round - round; q = t8 - h; t9 += h * unit + q * up8; t12 -= q; t13 -= q * up8; t24 += q;
  h = t9 + round - round; q = t9 - h; t10 += h * unit + q * up8; t13 -= q; t14 -= q * up8; t25 += q;
  h = t10 + round - round; q = t10 - h; t11 += h * unit + q * up8; t14 -= q; t15 -= q * up8; t26 += q;
  h = t11 + round - round; q = t11 - h; t12 += h * unit + q * up8; t15 -= q; t16 -= q * up8; t27 += q;
  h = t12 + round - round; q = t12 - h; t13 += h * unit + q * up8; t16 -= q; t17 -= q * up8; t28 += q;
  h = t13 + round - round; q = t13 - h; t14 += h * unit + q * up8; t17 -= q; t18 -= q * up8; t29 += q;
  h = t14 + round - round; q = t14 - h; t15 += h * unit + q * up8; t18 -= q; t19 -= q * up8; t30 += q;
  h = t15 + round - round; q = t15 - h; t16 += h * unit + q * up8; t19 -= q; t20 -= q * up8; t31 += q;
  h = t16 + round - round; q = t16 - h; t17 += h * unit + q * up8; t20 -= q; t21 -= q * up8; t32 += q;
  h = t17 + round - round; out[1] = t17 - h; t18 += h * unit;
  h = t18 + round - round; out[2] = t18 - h; t19 += h * unit;
  h = t19 + round - round; out[3] = t19 - h; t20 += h * unit;
  h = t20 + round - round; out[4] = t20 - h; t21 += h * unit;
  h = t21 + round - round; out[5] = t21 - h; t22 += h * unit;
  h = t22 + round - round; out[6] = t22 - h; t23 += h * unit;
  h = t23 + round - round; out[7] = t23 - h; t24 += h * unit;
  h = t24 + round - round; out[8] = t24 - h; t25 += h * unit;
  h = t25 + round - round; out[9] = t25 - h; t26 += h * unit;
  h = t26 + round - round; out[10] = t26 - h; t27 += h * unit;
  h = t27 + round - round; out[11] = t27 - h; t28 += h * unit;
  h = t28 + round - round; out[12] = t28 - h; t29 += h * unit;
  h = t29 + round - round; out[13] = t29 - h; t30 += h * unit;
  h = t30 + round - round; out[14] = t30 - h; t31 += h * unit;
  h = t31 + round - round; out[15] = t31 - h; t32 += h * unit;
  h = t32 + round - round; out[16] = t32 - h; t33 += h * unit;
  out[17] = t33;
}

/** Column by column. INVARIANT: the products in a column, and what is carried to it, stay below 2^53 in sum. */
// prettier-ignore
function multiply(out: Limbs, a: Limbs, b: Limbs): void {
  const a0 = a[1] as number, a1 = a[2] as number, a2 = a[3] as number, a3 = a[4] as number, a4 = a[5] as number,
    a5 = a[6] as number, a6 = a[7] as number, a7 = a[8] as number, a8 = a[9] as number, a9 = a[10] as number,
    a10 = a[11] as number, a11 = a[12] as number, a12 = a[13] as number, a13 = a[14] as number, a14 = a[15] as number,
    a15 = a[16] as number, a16 = a[17] as number;
  const b0 = b[1] as number, b1 = b[2] as number, b2 = b[3] as number, b3 = b[4] as number, b4 = b[5] as number,
    b5 = b[6] as number, b6 = b[7] as number, b7 = b[8] as number, b8 = b[9] as number, b9 = b[10] as number,
    b10 = b[11] as number, b11 = b[12] as number, b12 = b[13] as number, b13 = b[14] as number, b14 = b[15] as number,
    b15 = b[16] as number, b16 = b[17] as number;
  const t0 = a0 * b0;
  const t1 = a0 * b1 + a1 * b0;
  const t2 = a0 * b2 + a1 * b1 + a2 * b0;
  const t3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0;
  const t4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;
  const t5 = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0;
  const t6 = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0;
  const t7 = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0;
  const t8 = a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0;
  const t9 = a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + a9 * b0;
  const t10 = a0 * b10 + a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 + a9 * b1
    + a10 * b0;
  const t11 = a0 * b11 + a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + a9 * b2
    + a10 * b1 + a11 * b0;
  const t12 = a0 * b12 + a1 * b11 + a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + a9 * b3
    + a10 * b2 + a11 * b1 + a12 * b0;
  const t13 = a0 * b13 + a1 * b12 + a2 * b11 + a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + a9 * b4
    + a10 * b3 + a11 * b2 + a12 * b1 + a13 * b0;
  const t14 = a0 * b14 + a1 * b13 + a2 * b12 + a3 * b11 + a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6 + a9 * b5
    + a10 * b4 + a11 * b3 + a12 * b2 + a13 * b1 + a14 * b0;
  const t15 = a0 * b15 + a1 * b14 + a2 * b13 + a3 * b12 + a4 * b11 + a5 * b10 + a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6
    + a10 * b5 + a11 * b4 + a12 * b3 + a13 * b2 + a14 * b1 + a15 * b0;
  const t16 = a0 * b16 + a1 * b15 + a2 * b14 + a3 * b13 + a4 * b12 + a5 * b11 + a6 * b10 + a7 * b9 + a8 * b8 + a9 * b7
    + a10 * b6 + a11 * b5 + a12 * b4 + a13 * b3 + a14 * b2 + a15 * b1 + a16 * b0;
  const t17 = a1 * b16 + a2 * b15 + a3 * b14 + a4 * b13 + a5 * b12 + a6 * b11 + a7 * b10 + a8 * b9 + a9 * b8 + a10 * b7
    + a11 * b6 + a12 * b5 + a13 * b4 + a14 * b3 + a15 * b2 + a16 * b1;
  const t18 = a2 * b16 + a3 * b15 + a4 * b14 + a5 * b13 + a6 * b12 + a7 * b11 + a8 * b10 + a9 * b9 + a10 * b8 + a11 * b7
    + a12 * b6 + a13 * b5 + a14 * b4 + a15 * b3 + a16 * b2;
  const t19 = a3 * b16 + a4 * b15 + a5 * b14 + a6 * b13 + a7 * b12 + a8 * b11 + a9 * b10 + a10 * b9 + a11 * b8
    + a12 * b7 + a13 * b6 + a14 * b5 + a15 * b4 + a16 * b3;
  const t20 = a4 * b16 + a5 * b15 + a6 * b14 + a7 * b13 + a8 * b12 + a9 * b11 + a10 * b10 + a11 * b9 + a12 * b8
    + a13 * b7 + a14 * b6 + a15 * b5 + a16 * b4;
  const t21 = a5 * b16 + a6 * b15 + a7 * b14 + a8 * b13 + a9 * b12 + a10 * b11 + a11 * b10 + a12 * b9 + a13 * b8
    + a14 * b7 + a15 * b6 + a16 * b5;
  const t22 = a6 * b16 + a7 * b15 + a8 * b14 + a9 * b13 + a10 * b12 + a11 * b11 + a12 * b10 + a13 * b9 + a14 * b8
    + a15 * b7 + a16 * b6;
  const t23 = a7 * b16 + a8 * b15 + a9 * b14 + a10 * b13 + a11 * b12 + a12 * b11 + a13 * b10 + a14 * b9 + a15 * b8
    + a16 * b7;
  const t24 = a8 * b16 + a9 * b15 + a10 * b14 + a11 * b13 + a12 * b12 + a13 * b11 + a14 * b10 + a15 * b9 + a16 * b8;
  const t25 = a9 * b16 + a10 * b15 + a11 * b14 + a12 * b13 + a13 * b12 + a14 * b11 + a15 * b10 + a16 * b9;
  const t26 = a10 * b16 + a11 * b15 + a12 * b14 + a13 * b13 + a14 * b12 + a15 * b11 + a16 * b10;
  const t27 = a11 * b16 + a12 * b15 + a13 * b14 + a14 * b13 + a15 * b12 + a16 * b11;
  const t28 = a12 * b16 + a13 * b15 + a14 * b14 + a15 * b13 + a16 * b12;
  const t29 = a13 * b16 + a14 * b15 + a15 * b14 + a16 * b13;
  const t30 = a14 * b16 + a15 * b15 + a16 * b14;
  const t31 = a15 * b16 + a16 * b15;
  const t32 = a16 * b16;
  reduce(out, t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, t20, t21, t22,
    t23, t24, t25, t26, t27, t28, t29, t30, t31, t32);
}

/** The same, with each product of two different limbs computed once: `d` are the doubled limbs. */
// prettier-ignore
function square(out: Limbs, a: Limbs): void {
  const a0 = a[1] as number, a1 = a[2] as number, a2 = a[3] as number, a3 = a[4] as number, a4 = a[5] as number,
    a5 = a[6] as number, a6 = a[7] as number, a7 = a[8] as number, a8 = a[9] as number, a9 = a[10] as number,
    a10 = a[11] as number, a11 = a[12] as number, a12 = a[13] as number, a13 = a[14] as number, a14 = a[15] as number,
    a15 = a[16] as number, a16 = a[17] as number;
  const d0 = a0 + a0, d1 = a1 + a1, d2 = a2 + a2, d3 = a3 + a3, d4 = a4 + a4, d5 = a5 + a5, d6 = a6 + a6, d7 = a7 + a7,
    d8 = a8 + a8, d9 = a9 + a9, d10 = a10 + a10, d11 = a11 + a11, d12 = a12 + a12, d13 = a13 + a13, d14 = a14 + a14,
    d15 = a15 + a15;
  const t0 = a0 * a0;
  const t1 = d0 * a1;
  const t2 = d0 * a2 + a1 * a1;
  const t3 = d0 * a3 + d1 * a2;
  const t4 = d0 * a4 + d1 * a3 + a2 * a2;
  const t5 = d0 * a5 + d1 * a4 + d2 * a3;
  const t6 = d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3;
  const t7 = d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4;
  const t8 = d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4;
  const t9 = d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5;
  const t10 = d0 * a10 + d1 * a9 + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5;
  const t11 = d0 * a11 + d1 * a10 + d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6;
  const t12 = d0 * a12 + d1 * a11 + d2 * a10 + d3 * a9 + d4 * a8 + d5 * a7 + a6 * a6;
  const t13 = d0 * a13 + d1 * a12 + d2 * a11 + d3 * a10 + d4 * a9 + d5 * a8 + d6 * a7;
  const t14 = d0 * a14 + d1 * a13 + d2 * a12 + d3 * a11 + d4 * a10 + d5 * a9 + d6 * a8 + a7 * a7;
  const t15 = d0 * a15 + d1 * a14 + d2 * a13 + d3 * a12 + d4 * a11 + d5 * a10 + d6 * a9 + d7 * a8;
  const t16 = d0 * a16 + d1 * a15 + d2 * a14 + d3 * a13 + d4 * a12 + d5 * a11 + d6 * a10 + d7 * a9 + a8 * a8;
  const t17 = d1 * a16 + d2 * a15 + d3 * a14 + d4 * a13 + d5 * a12 + d6 * a11 + d7 * a10 + d8 * a9;
  const t18 = d2 * a16 + d3 * a15 + d4 * a14 + d5 * a13 + d6 * a12 + d7 * a11 + d8 * a10 + a9 * a9;
  const t19 = d3 * a16 + d4 * a15 + d5 * a14 + d6 * a13 + d7 * a12 + d8 * a11 + d9 * a10;
  const t20 = d4 * a16 + d5 * a15 + d6 * a14 + d7 * a13 + d8 * a12 + d9 * a11 + a10 * a10;
  const t21 = d5 * a16 + d6 * a15 + d7 * a14 + d8 * a13 + d9 * a12 + d10 * a11;
  const t22 = d6 * a16 + d7 * a15 + d8 * a14 + d9 * a13 + d10 * a12 + a11 * a11;
  const t23 = d7 * a16 + d8 * a15 + d9 * a14 + d10 * a13 + d11 * a12;
  const t24 = d8 * a16 + d9 * a15 + d10 * a14 + d11 * a13 + a12 * a12;
  const t25 = d9 * a16 + d10 * a15 + d11 * a14 + d12 * a13;
  const t26 = d10 * a16 + d11 * a15 + d12 * a14 + a13 * a13;
  const t27 = d11 * a16 + d12 * a15 + d13 * a14;
  const t28 = d12 * a16 + d13 * a15 + a14 * a14;
  const t29 = d13 * a16 + d14 * a15;
  const t30 = d14 * a16 + a15 * a15;
  const t31 = d15 * a16;
  const t32 = a16 * a16;
  reduce(out, t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, t20, t21, t22,
    t23, t24, t25, t26, t27, t28, t29, t30, t31, t32);
}

/** Arithmetic modulo the prime of P-384. */
export const fieldP384: Field = createField({
  prime: 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff',
  bits: 384,
  size: 17,
  isMontgomery: true,
  multiply,
  square,
});
