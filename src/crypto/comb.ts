// Lim and Lee's comb (Guide to Elliptic Curve Cryptography, algorithm 3.44): with a point's table, a multiple of the point
// costs one doubling for six bits.

/** Bits of one table index, each from one of as many equal parts of the number. */
export const TEETH = 6;

/** The number of indices for a number of this many bits; also the distance between the bits of one index. */
export function countColumns(bits: number): number {
  return Math.ceil(bits / TEETH);
}

/**
 * The table index for each column, the one to start with last; 0 means nothing to add.
 * @param number most significant octet first, of no more bits than the columns have
 */
export function combColumns(number: readonly number[], columns: number): number[] {
  const indices: number[] = [];
  for (let column = 0; column < columns; column++) indices.push(0);
  let column = 0;
  let weight = 1;
  for (let at = number.length - 1; at >= 0; at--) {
    let octet = number[at] as number;
    for (let bit = 0; bit < 8; bit++) {
      // The same steps for each bit: the number may be a secret.
      indices[column] = (indices[column] as number) + (octet & 1) * weight;
      octet >>>= 1;
      column += 1;
      if (column === columns) {
        column = 0;
        weight *= 2;
      }
    }
  }
  return indices;
}
