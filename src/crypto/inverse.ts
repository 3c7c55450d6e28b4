// The inverse modulo an odd prime by division steps (Bernstein and Yang, "Fast constant-time gcd computation and modular
// inversion", 2019, §8 to §11), 22 at a time on the low limbs. Nothing secret goes in: it stops as soon as it can.
import {
  addMultiple,
  carryLimbs,
  isNegative,
  isZero,
  limbsOfOctets,
  octetsOfLimbs,
  zeroLimbs,
  type Limbs,
} from './limbs';

/** Bits of a limb, and steps between two rounds of arithmetic on all limbs. */
const BITS = 22;
const BASE = 2 ** BITS;
/** Adding and taking away 1.5 * 2^74 rounds a double of less than 2^73 to a multiple of 2^22. */
const ROUND = 1.5 * 2 ** 74;
/** The factor that moves the part above a limb to the next limb. */
const UNIT = 2 ** -22;

/** The effect of 22 steps on f and g: 2^22 f' = u f + v g, 2^22 g' = q f + r g. */
interface Transition {
  readonly delta: number;
  readonly u: number;
  readonly v: number;
  readonly q: number;
  readonly r: number;
}

interface Modulus {
  readonly limbs: Limbs;
  /** -1 / p modulo 2^22. */
  readonly negatedInverse: number;
  readonly size: number;
}

/** Performs 22 division steps on the lowest limbs of f and g, which determine all the parities. */
function takeSteps(startDelta: number, lowF: number, lowG: number): Transition {
  let delta = startDelta;
  let f = lowF;
  let g = lowG;
  let u = 1;
  let v = 0;
  let q = 0;
  let r = 1;
  for (let step = 0; step < BITS; step++) {
    if ((g & 1) === 1) {
      if (delta > 0) {
        delta = -delta;
        const oldF = f;
        const oldU = u;
        const oldV = v;
        f = g;
        u = q;
        v = r;
        g = -oldF;
        q = -oldU;
        r = -oldV;
      }
      g += f;
      q += u;
      r += v;
    }
    delta += 1;
    g *= 0.5;
    u *= 2;
    v *= 2;
  }
  return { delta, u, v, q, r };
}

/**
 * (first * a + second * b + multiple * p) / 2^22, carried. INVARIANT: the lowest limb of the sum is a multiple of 2^22, so
 * nothing is lost when the others move down by one.
 */
function combine(a: Limbs, first: number, b: Limbs, second: number, multiple: number, modulus: Modulus): Limbs {
  const p = modulus.limbs;
  const size = modulus.size;
  const round = ROUND;
  const unit = UNIT;
  const out: Limbs = [];
  let carry = ((a[1] as number) * first + (b[1] as number) * second + (p[1] as number) * multiple) * unit;
  for (let index = 2; index < size; index++) {
    const sum = (a[index] as number) * first + (b[index] as number) * second + (p[index] as number) * multiple + carry;
    const above = sum + round - round;
    out[index - 1] = sum - above;
    carry = above * unit;
  }
  out[size - 1] = carry + (a[size] as number) * first + (b[size] as number) * second + (p[size] as number) * multiple;
  out[size] = 0;
  return out;
}

/** The same modulo p: adds the multiple of p, at most half of 2^22, that makes the lowest limb a multiple of 2^22. */
function combineModulo(d: Limbs, first: number, e: Limbs, second: number, modulus: Modulus): Limbs {
  const low = ((d[1] as number) * first + (e[1] as number) * second) % BASE;
  // The remainder's sign is not the same in every language.
  const remainder = (((low + BASE) % BASE) * modulus.negatedInverse) % BASE;
  return combine(d, first, e, second, remainder > BASE / 2 ? remainder - BASE : remainder, modulus);
}

/** -1 / low modulo 2^22 for an odd number, by Newton's iteration. */
function negateInverse(low: number): number {
  let inverse = 1;
  for (let round = 0; round < 5; round++) inverse = (inverse * (BASE + 2 - ((low * inverse) % BASE))) % BASE;
  return BASE - inverse;
}

/**
 * 1 / value modulo an odd prime; both most significant octet first and of one length.
 * INVARIANT: the value is not a multiple of the prime.
 */
export function invertOctets(value: readonly number[], prime: readonly number[]): number[] {
  // Room for 36 p: d and e grow by half of p at most in each of at most 70 rounds.
  const size = Math.ceil((prime.length * 8 + 6) / BITS) + 1;
  const p = limbsOfOctets(prime, size, BITS);
  const negatedInverse = negateInverse(p[1] as number);
  carryLimbs(p, p, size, BITS);
  const modulus: Modulus = { limbs: p, negatedInverse, size };
  let f = p;
  let g = limbsOfOctets(value, size, BITS);
  carryLimbs(g, g, size, BITS);
  let d = zeroLimbs(size);
  let e = zeroLimbs(size);
  e[1] = 1;
  let delta = 1;
  while (!isZero(g, size)) {
    const steps = takeSteps(delta, f[1] as number, g[1] as number);
    const nextF = combine(f, steps.u, g, steps.v, 0, modulus);
    const nextD = combineModulo(d, steps.u, e, steps.v, modulus);
    g = combine(f, steps.q, g, steps.r, 0, modulus);
    e = combineModulo(d, steps.q, e, steps.r, modulus);
    f = nextF;
    d = nextD;
    delta = steps.delta;
  }
  // f is 1 or -1 now, and d times the value is f modulo the prime.
  const inverse = zeroLimbs(size);
  addMultiple(inverse, isNegative(f, size) ? -1 : 1, d, size, BITS);
  while (!isNegative(inverse, size)) addMultiple(inverse, -1, p, size, BITS);
  while (isNegative(inverse, size)) addMultiple(inverse, 1, p, size, BITS);
  return octetsOfLimbs(inverse, size, BITS, prime.length);
}
