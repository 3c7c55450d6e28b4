// Lim and Lee's comb (Guide to Elliptic Curve Cryptography, algorithm 3.44): a multiple of a point whose table is at hand
// takes one doubling for six bits.
import { bitOf } from './octets';

/** Bits that one table index takes, from as many equal parts of the number. */
export const TEETH = 6;

/** How many indices a number of so many bits makes; also the distance between the bits of one index. */
export function countColumns(bits: number): number {
  return Math.ceil(bits / TEETH);
}

/** The table index for each column, the one to start with last; 0 stands for nothing to add. */
export function combColumns(number: readonly number[], columns: number): number[] {
  const indices: number[] = [];
  for (let column = 0; column < columns; column++) {
    let index = 0;
    for (let tooth = TEETH - 1; tooth >= 0; tooth--) index = index * 2 + bitOf(number, column + tooth * columns);
    indices.push(index);
  }
  return indices;
}
