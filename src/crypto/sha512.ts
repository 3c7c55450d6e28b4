// SHA-512 and SHA-384 (FIPS 180-4 §6.4, §6.5) for a host that has none: simple rather than fast. A 64-bit word is two of 32
// bits, the high one first; arrays of words hold them one after the other.
import {
  INITIAL_384_HIGH,
  INITIAL_384_LOW,
  INITIAL_512_HIGH,
  INITIAL_512_LOW,
  ROUND_HIGH,
  ROUND_LOW,
} from './sha-constants';
import { octetsOfWords, padMessage, shiftIn, WORD, wordAt } from './sha-words';

/** How far a function of §4.1.3 rotates; where it rotates by 32 or more, the halves are exchanged first. */
interface Distances {
  readonly first: number;
  readonly second: number;
  readonly third: number;
}

const BIG_ZERO: Distances = { first: 28, second: 34, third: 39 };
const BIG_ONE: Distances = { first: 14, second: 18, third: 41 };
const SMALL_ZERO: Distances = { first: 1, second: 8, third: 7 };
const SMALL_ONE: Distances = { first: 19, second: 61, third: 6 };

/** One half of a word rotated right: that whose bits are in `half` before. */
function rotate(half: number, other: number, bits: number): number {
  return bits < 32 ? shiftIn(other, half, bits) : shiftIn(half, other, bits - 32);
}

/** §4.1.3, (4.10) and (4.11), one half. */
function bigSigma(half: number, other: number, by: Distances): number {
  return (rotate(half, other, by.first) ^ rotate(half, other, by.second) ^ rotate(half, other, by.third)) >>> 0;
}

/** §4.1.3, (4.12) and (4.13), one half. @param entering what comes in from the left: the high half for the low, or 0 */
function smallSigma(half: number, other: number, entering: number, by: Distances): number {
  return (rotate(half, other, by.first) ^ rotate(half, other, by.second) ^ shiftIn(entering, half, by.third)) >>> 0;
}

/** The message schedule, §6.4.2 step 1. */
function schedule(octets: readonly number[], start: number): number[] {
  const w: number[] = [];
  for (let t = 0; t < 32; t++) w.push(wordAt(octets, start + 4 * t));
  for (let t = 32; t < 160; t += 2) {
    const lateHigh = w[t - 4] as number;
    const lateLow = w[t - 3] as number;
    const earlyHigh = w[t - 30] as number;
    const earlyLow = w[t - 29] as number;
    const low =
      smallSigma(lateLow, lateHigh, lateHigh, SMALL_ONE) +
      (w[t - 13] as number) +
      smallSigma(earlyLow, earlyHigh, earlyHigh, SMALL_ZERO) +
      (w[t - 31] as number);
    const high =
      smallSigma(lateHigh, lateLow, 0, SMALL_ONE) +
      (w[t - 14] as number) +
      smallSigma(earlyHigh, earlyLow, 0, SMALL_ZERO) +
      (w[t - 32] as number);
    w.push((high + Math.floor(low / WORD)) % WORD, low % WORD);
  }
  return w;
}

function choose(e: number, f: number, g: number): number {
  return (g ^ (e & (f ^ g))) >>> 0;
}

function majority(a: number, b: number, c: number): number {
  return ((a & b) ^ (c & (a ^ b))) >>> 0;
}

/** One round, §6.4.2 step 3: `v` holds a to h, the words `roundHigh` and `roundLow` are K + W without carries. */
function step(v: readonly number[], roundHigh: number, roundLow: number): number[] {
  const aHigh = v[0] as number;
  const aLow = v[1] as number;
  const eHigh = v[8] as number;
  const eLow = v[9] as number;
  const firstLow =
    (v[15] as number) + bigSigma(eLow, eHigh, BIG_ONE) + choose(eLow, v[11] as number, v[13] as number) + roundLow;
  const firstHigh =
    (v[14] as number) + bigSigma(eHigh, eLow, BIG_ONE) + choose(eHigh, v[10] as number, v[12] as number) + roundHigh;
  const low = firstLow + bigSigma(aLow, aHigh, BIG_ZERO) + majority(aLow, v[3] as number, v[5] as number);
  const high = firstHigh + bigSigma(aHigh, aLow, BIG_ZERO) + majority(aHigh, v[2] as number, v[4] as number);
  const newLow = (v[7] as number) + firstLow;
  const newHigh = (v[6] as number) + firstHigh;
  const next = [(high + Math.floor(low / WORD)) % WORD, low % WORD].concat(v.slice(0, 6));
  return next.concat([(newHigh + Math.floor(newLow / WORD)) % WORD, newLow % WORD], v.slice(8, 14));
}

function compress(state: readonly number[], w: readonly number[]): number[] {
  let v = state;
  for (let t = 0; t < 80; t++) {
    v = step(v, (ROUND_HIGH[t] as number) + (w[2 * t] as number), (ROUND_LOW[t] as number) + (w[2 * t + 1] as number));
  }
  const sum: number[] = [];
  for (let index = 0; index < 16; index += 2) {
    const low = (state[index + 1] as number) + (v[index + 1] as number);
    sum.push(((state[index] as number) + (v[index] as number) + Math.floor(low / WORD)) % WORD, low % WORD);
  }
  return sum;
}

function digest(octets: readonly number[], high: readonly number[], low: readonly number[]): number[] {
  const padded = padMessage(octets, 128, 16);
  const initial: number[] = [];
  for (let index = 0; index < 8; index++) initial.push(high[index] as number, low[index] as number);
  let state: readonly number[] = initial;
  for (let start = 0; start < padded.length; start += 128) state = compress(state, schedule(padded, start));
  return octetsOfWords(state);
}

/** The SHA-512 digest of octets. */
export function sha512(octets: readonly number[]): number[] {
  return digest(octets, INITIAL_512_HIGH, INITIAL_512_LOW);
}

/** The SHA-384 digest of octets (§6.5: other initial values, 48 octets of it). */
export function sha384(octets: readonly number[]): number[] {
  return digest(octets, INITIAL_384_HIGH, INITIAL_384_LOW).slice(0, 48);
}
