// The common parts of SHA-256 and SHA-512: padding and 32-bit words. Words are unsigned numbers below 2^32.

/** 2^32: sums are reduced modulo it with `%`, which is the same in every language for numbers that are not negative. */
export const WORD = 4294967296;

/** The padded message (FIPS 180-4 §5.1): a 1 bit, zeros, and the length in bits in the last eight octets. */
export function padMessage(octets: readonly number[], blockLength: number, lengthOctets: number): number[] {
  const padded = octets.concat([0x80]);
  while ((padded.length + lengthOctets) % blockLength !== 0) padded.push(0);
  for (let index = lengthOctets - 1; index >= 0; index--) {
    padded.push(index > 6 ? 0 : Math.floor((octets.length * 8) / 256 ** index) % 256);
  }
  return padded;
}

/** The word at an offset, most significant octet first. */
export function wordAt(octets: readonly number[], at: number): number {
  const high = (octets[at] as number) * 256 + (octets[at + 1] as number);
  return high * 65536 + (octets[at + 2] as number) * 256 + (octets[at + 3] as number);
}

/** The octets of words. */
export function octetsOfWords(words: readonly number[]): number[] {
  const octets: number[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as number;
    octets.push((word >>> 24) & 255, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
  }
  return octets;
}

/** Powers of two up to 2^31. Made by doubling: `**` gives Lua doubles, whose remainder is slow. */
const POWERS: readonly number[] = ((): number[] => {
  const powers = [1];
  while (powers.length < 32) powers.push((powers[powers.length - 1] as number) * 2);
  return powers;
})();

/**
 * The low word of a double word shifted right by 1 to 31 bits, which is a word rotated right (FIPS 180-4 §3.2) when both
 * are the same.
 * @param above the word whose bits come in from the left
 */
export function shiftIn(above: number, word: number, bits: number): number {
  return (word >>> bits) + (above % (POWERS[bits] as number)) * (POWERS[32 - bits] as number);
}
