// The field of P-256 (SP 800-186 §3.2.1.3): p = 2^256 - 2^224 + 2^192 + 2^96 - 1, eleven limbs of 24 bits.
// Montgomery reduction (R = 2^264) needs no multiplication here: p is -1 modulo 2^24, so the limb is the multiple.
// Written by scripts/field-arithmetic.mjs. Do not edit.
import { createField, type Field } from './field';
import type { Limbs } from './limbs';

// Powers, which are doubles in Lua too: whole literals would be integers there.
/** Adding and taking away 1.5 * 2^76 rounds a double of less than 2^75 to a multiple of 2^24. */
const ROUND = 1.5 * 2 ** 76;
/** The factor that moves the part above a limb to the next limb. */
const UNIT = 2 ** -24;
const UP_8 = 2 ** 8;
const UP_16 = 2 ** 16;

/** Montgomery reduction and carries: adding `q` times p makes a limb zero. Limbs come out in [-2^23, 2^23]. */
// prettier-ignore
function reduce(
  out: Limbs,
  t0: number, t1: number, t2: number, t3: number, t4: number, t5: number, t6: number, t7: number, t8: number,
  t9: number, t10: number, t11: number, t12: number, t13: number, t14: number, t15: number, t16: number, t17: number,
  t18: number, t19: number, t20: number,
): void {
  const round = ROUND;
  const unit = UNIT;
  const up8 = UP_8;
  const up16 = UP_16;
  let h = 0;
  let t21 = 0;
  let q = 0;
  h = t0 + round - round; q = t0 - h; t1 += h * unit; t4 += q; t8 += q; t9 -= q * up8; t10 += q * up16;
  h = t1 + round - round; q = t1 - h; t2 += h * unit; t5 += q; t9 += q; t10 -= q * up8; t11 += q * up16;
  h = t2 + round - round; q = t2 - h; t3 += h * unit; t6 += q; t10 += q; t11 -= q * up8; t12 += q * up16;
  h = t3 + round - round; q = t3 - h; t4 += h * unit; t7 += q; t11 += q; t12 -= q * up8; t13 += q * up16;
  h = t4 + round - round; q = t4 - h; t5 += h * unit; t8 += q; t12 += q; t13 -= q * up8; t14 += q * up16;
  h = t5 + round - round; q = t5 - h; t6 += h * unit; t9 += q; t13 += q; t14 -= q * up8; t15 += q * up16;
  h = t6 + round - round; q = t6 - h; t7 += h * unit; t10 += q; t14 += q; t15 -= q * up8; t16 += q * up16;
  h = t7 + round - round; q = t7 - h; t8 += h * unit; t11 += q; t15 += q; t16 -= q * up8; t17 += q * up16;
  h = t8 + round - round; q = t8 - h; t9 += h * unit; t12 += q; t16 += q; t17 -= q * up8; t18 += q * up16;
  h = t9 + round - round; q = t9 - h; t10 += h * unit; t13 += q; t17 += q; t18 -= q * up8; t19 += q * up16;
  h = t10 + round - round; q = t10 - h; t11 += h * unit; t14 += q; t18 += q; t19 -= q * up8; t20 += q * up16;
  h = t11 + round - round; out[1] = t11 - h; t12 += h * unit;
  h = t12 + round - round; out[2] = t12 - h; t13 += h * unit;
  h = t13 + round - round; out[3] = t13 - h; t14 += h * unit;
  h = t14 + round - round; out[4] = t14 - h; t15 += h * unit;
  h = t15 + round - round; out[5] = t15 - h; t16 += h * unit;
  h = t16 + round - round; out[6] = t16 - h; t17 += h * unit;
  h = t17 + round - round; out[7] = t17 - h; t18 += h * unit;
  h = t18 + round - round; out[8] = t18 - h; t19 += h * unit;
  h = t19 + round - round; out[9] = t19 - h; t20 += h * unit;
  h = t20 + round - round; out[10] = t20 - h; t21 += h * unit;
  out[11] = t21;
}

/** Column by column. INVARIANT: the products in a column, and what is carried to it, stay below 2^53 in sum. */
// prettier-ignore
function multiply(out: Limbs, a: Limbs, b: Limbs): void {
  const a0 = a[1] as number, a1 = a[2] as number, a2 = a[3] as number, a3 = a[4] as number, a4 = a[5] as number,
    a5 = a[6] as number, a6 = a[7] as number, a7 = a[8] as number, a8 = a[9] as number, a9 = a[10] as number,
    a10 = a[11] as number;
  const b0 = b[1] as number, b1 = b[2] as number, b2 = b[3] as number, b3 = b[4] as number, b4 = b[5] as number,
    b5 = b[6] as number, b6 = b[7] as number, b7 = b[8] as number, b8 = b[9] as number, b9 = b[10] as number,
    b10 = b[11] as number;
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
  const t11 = a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + a9 * b2 + a10 * b1;
  const t12 = a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + a9 * b3 + a10 * b2;
  const t13 = a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + a9 * b4 + a10 * b3;
  const t14 = a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6 + a9 * b5 + a10 * b4;
  const t15 = a5 * b10 + a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6 + a10 * b5;
  const t16 = a6 * b10 + a7 * b9 + a8 * b8 + a9 * b7 + a10 * b6;
  const t17 = a7 * b10 + a8 * b9 + a9 * b8 + a10 * b7;
  const t18 = a8 * b10 + a9 * b9 + a10 * b8;
  const t19 = a9 * b10 + a10 * b9;
  const t20 = a10 * b10;
  reduce(out, t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, t20);
}

/** The same, with each product of two different limbs computed once: `d` are the doubled limbs. */
// prettier-ignore
function square(out: Limbs, a: Limbs): void {
  const a0 = a[1] as number, a1 = a[2] as number, a2 = a[3] as number, a3 = a[4] as number, a4 = a[5] as number,
    a5 = a[6] as number, a6 = a[7] as number, a7 = a[8] as number, a8 = a[9] as number, a9 = a[10] as number,
    a10 = a[11] as number;
  const d0 = a0 + a0, d1 = a1 + a1, d2 = a2 + a2, d3 = a3 + a3, d4 = a4 + a4, d5 = a5 + a5, d6 = a6 + a6, d7 = a7 + a7,
    d8 = a8 + a8, d9 = a9 + a9;
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
  const t11 = d1 * a10 + d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6;
  const t12 = d2 * a10 + d3 * a9 + d4 * a8 + d5 * a7 + a6 * a6;
  const t13 = d3 * a10 + d4 * a9 + d5 * a8 + d6 * a7;
  const t14 = d4 * a10 + d5 * a9 + d6 * a8 + a7 * a7;
  const t15 = d5 * a10 + d6 * a9 + d7 * a8;
  const t16 = d6 * a10 + d7 * a9 + a8 * a8;
  const t17 = d7 * a10 + d8 * a9;
  const t18 = d8 * a10 + a9 * a9;
  const t19 = d9 * a10;
  const t20 = a10 * a10;
  reduce(out, t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, t20);
}

/** Arithmetic modulo the prime of P-256. */
export const fieldP256: Field = createField({
  prime: 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff',
  bits: 256,
  size: 11,
  isMontgomery: true,
  multiply,
  square,
});
