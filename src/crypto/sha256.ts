// SHA-256 (FIPS 180-4 §6.2) for a host that has none: simple rather than fast.
import { INITIAL_512_HIGH, ROUND_HIGH } from './sha-constants';
import { octetsOfWords, padMessage, shiftIn, WORD, wordAt } from './sha-words';

/** §4.1.2, (4.4) and (4.5). */
function bigSigma(x: number, first: number, second: number, third: number): number {
  return (shiftIn(x, x, first) ^ shiftIn(x, x, second) ^ shiftIn(x, x, third)) >>> 0;
}

/** §4.1.2, (4.6) and (4.7). */
function smallSigma(x: number, first: number, second: number, shift: number): number {
  return (shiftIn(x, x, first) ^ shiftIn(x, x, second) ^ (x >>> shift)) >>> 0;
}

/** The message schedule, §6.2.2 step 1. */
function schedule(octets: readonly number[], start: number): number[] {
  const w: number[] = [];
  for (let t = 0; t < 16; t++) w.push(wordAt(octets, start + 4 * t));
  for (let t = 16; t < 64; t++) {
    const late = smallSigma(w[t - 2] as number, 17, 19, 10);
    const early = smallSigma(w[t - 15] as number, 7, 18, 3);
    w.push((late + (w[t - 7] as number) + early + (w[t - 16] as number)) % WORD);
  }
  return w;
}

/** §6.2.2 steps 2 to 4. */
function compress(state: readonly number[], w: readonly number[]): number[] {
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let t = 0; t < 64; t++) {
    const choice = (g ^ (e & (f ^ g))) >>> 0;
    const majority = ((a & b) ^ (c & (a ^ b))) >>> 0;
    const first = h + bigSigma(e, 6, 11, 25) + choice + (ROUND_HIGH[t] as number) + (w[t] as number);
    const second = bigSigma(a, 2, 13, 22) + majority;
    h = g;
    g = f;
    f = e;
    e = (d + first) % WORD;
    d = c;
    c = b;
    b = a;
    a = (first + second) % WORD;
  }
  return [a, b, c, d, e, f, g, h].map((word, index) => (word + (state[index] as number)) % WORD);
}

/** The digest of octets. */
export function sha256(octets: readonly number[]): number[] {
  const padded = padMessage(octets, 64, 8);
  let state = INITIAL_512_HIGH;
  for (let start = 0; start < padded.length; start += 64) state = compress(state, schedule(padded, start));
  return octetsOfWords(state);
}
