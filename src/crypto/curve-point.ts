// Whether a point is on its curve (SP 800-186 §3.2.1): y² = x³ - 3x + b modulo the curve's prime. Slow and short: keys are
// read with it on nginx too, whose module has none of the fast fields.
import { octetsOfHex } from './octets';

/** Limbs of 16 bits, the least significant first. Those of a sum may have any size and sign until they are carried. */
type Limbs = number[];

const RADIX = 65536;

/** A power of two with a sign: 2^(16 * limb), or its negative. */
interface Term {
  readonly limb: number;
  readonly sign: number;
}

/** A curve's prime is 2^bits minus the sum of `fold`. */
export interface CurveEquation {
  readonly fold: readonly Term[];
  /** 2^bits divided by the weight of the highest limb. */
  readonly top: number;
  readonly b: string;
}

export const P256: CurveEquation = {
  fold: [
    { limb: 14, sign: 1 },
    { limb: 12, sign: -1 },
    { limb: 6, sign: -1 },
    { limb: 0, sign: 1 },
  ],
  top: RADIX,
  b: '5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b',
};

export const P384: CurveEquation = {
  fold: [
    { limb: 8, sign: 1 },
    { limb: 6, sign: 1 },
    { limb: 2, sign: -1 },
    { limb: 0, sign: 1 },
  ],
  top: RADIX,
  b: 'b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef',
};

export const P521: CurveEquation = {
  fold: [{ limb: 0, sign: 1 }],
  top: 512,
  b:
    '0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109' +
    'e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00',
};

/** An even number of octets, most significant first, as limbs. */
function limbsOf(octets: readonly number[]): Limbs {
  const limbs: Limbs = [];
  for (let index = octets.length - 2; index >= 0; index -= 2) {
    limbs.push((octets[index] as number) * 256 + (octets[index + 1] as number));
  }
  return limbs;
}

/** Adds a multiple of 2^bits as what it is modulo the prime. */
function addFolded(limbs: Limbs, place: number, count: number, curve: CurveEquation): void {
  for (let index = 0; index < curve.fold.length; index++) {
    const term = curve.fold[index] as Term;
    limbs[place + term.limb] = (limbs[place + term.limb] as number) + count * term.sign;
  }
}

/** Brings every limb but the highest into 16 bits. */
function carry(limbs: Limbs): void {
  for (let index = 0; index < limbs.length - 1; index++) {
    const over = Math.floor((limbs[index] as number) / RADIX);
    limbs[index] = (limbs[index] as number) - over * RADIX;
    limbs[index + 1] = (limbs[index + 1] as number) + over;
  }
}

/** A sum modulo the prime, up to one prime too much. */
function reduce(sum: Limbs, curve: CurveEquation, size: number): Limbs {
  const shift = RADIX / curve.top;
  for (let index = sum.length - 1; index >= size; index--) {
    addFolded(sum, index - size, (sum[index] as number) * shift, curve);
  }
  const limbs = sum.slice(0, size);
  let over = 0;
  do {
    addFolded(limbs, 0, over, curve);
    carry(limbs);
    over = Math.floor((limbs[size - 1] as number) / curve.top);
    limbs[size - 1] = (limbs[size - 1] as number) - over * curve.top;
  } while (over !== 0);
  return limbs;
}

function multiply(one: Limbs, other: Limbs): Limbs {
  const product: Limbs = [];
  for (let index = 0; index < one.length + other.length; index++) product.push(0);
  for (let index = 0; index < one.length; index++) {
    const factor = one[index] as number;
    for (let place = 0; place < other.length; place++) {
      product[index + place] = (product[index + place] as number) + factor * (other[place] as number);
    }
  }
  return product;
}

function primeOf(curve: CurveEquation, size: number): Limbs {
  const prime: Limbs = [];
  for (let index = 0; index < size; index++) prime.push(index === size - 1 ? curve.top : 0);
  addFolded(prime, 0, -1, curve);
  carry(prime);
  return prime;
}

/** 1, 0 or -1, for limbs that have been carried. */
function compare(one: Limbs, other: Limbs): number {
  for (let index = one.length - 1; index >= 0; index--) {
    const difference = (one[index] as number) - (other[index] as number);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return 0;
}

/** Whether a point's coordinates, as octets of the curve's full length, are those of a point of the curve. */
export function isOnCurve(curve: CurveEquation, xOctets: readonly number[], yOctets: readonly number[]): boolean {
  const x = limbsOf(xOctets);
  const y = limbsOf(yOctets);
  const b = limbsOf(octetsOfHex(curve.b));
  const size = b.length;
  const prime = primeOf(curve, size);
  // SEC 1 §3.2.2.1: coordinates are below the prime.
  if (compare(x, prime) >= 0 || compare(y, prime) >= 0) return false;
  const difference = multiply(y, y);
  const cube = multiply(reduce(multiply(x, x), curve, size), x);
  for (let index = 0; index < difference.length; index++) {
    difference[index] = (difference[index] as number) - (cube[index] as number);
  }
  for (let index = 0; index < size; index++) {
    difference[index] = (difference[index] as number) + 3 * (x[index] as number) - (b[index] as number);
  }
  const rest = reduce(difference, curve, size);
  const zero = multiply(rest, [0]).slice(0, size);
  return compare(rest, zero) === 0 || compare(rest, prime) === 0;
}
