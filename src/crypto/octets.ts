// Octet strings (RFC 8017 §4) as arrays of numbers from 0 to 255, and the byte strings for hashing.

/** The octets of a byte string: one character from U+0000 to U+00FF for each. */
export function octetsOf(bytes: string): number[] {
  const octets: number[] = [];
  for (let index = 0; index < bytes.length; index++) octets.push(bytes.charCodeAt(index));
  return octets;
}

/** The byte string of octets. */
export function bytesOf(octets: readonly number[]): string {
  const characters: string[] = [];
  for (let index = 0; index < octets.length; index++) characters.push(String.fromCharCode(octets[index] as number));
  return characters.join('');
}

/** The octets of hexadecimal digits in lower case, two for each. For constants. */
export function octetsOfHex(hex: string): number[] {
  const octets: number[] = [];
  for (let index = 0; index < hex.length; index += 2) {
    octets.push('0123456789abcdef'.indexOf(hex.charAt(index)) * 16 + '0123456789abcdef'.indexOf(hex.charAt(index + 1)));
  }
  return octets;
}

/** Hexadecimal digits in lower case, two for each octet. */
export function hexOf(octets: readonly number[]): string {
  const digits = '0123456789abcdef';
  const characters: string[] = [];
  for (let index = 0; index < octets.length; index++) {
    const octet = octets[index] as number;
    characters.push(digits.charAt(octet >>> 4) + digits.charAt(octet & 15));
  }
  return characters.join('');
}

/** Compares unsigned numbers of one length, most significant octet first: below zero when `a` is the smaller, 0 when equal. */
export function compareOctets(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < a.length; index++) {
    const difference = (a[index] as number) - (b[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether two octet strings are the same. */
export function equalOctets(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && compareOctets(a, b) === 0;
}

/** Octets in the opposite order. */
export function reverseOctets(octets: readonly number[]): number[] {
  const reversed: number[] = [];
  for (let index = octets.length - 1; index >= 0; index--) reversed.push(octets[index] as number);
  return reversed;
}

/** Whether every octet is zero. */
export function areZero(octets: readonly number[]): boolean {
  for (let index = 0; index < octets.length; index++) {
    if (octets[index] !== 0) return false;
  }
  return true;
}

/** The number of bits in the number that octets spell, without leading zeros. */
export function countBits(octets: readonly number[]): number {
  let start = 0;
  while (start < octets.length && octets[start] === 0) start += 1;
  if (start === octets.length) return 0;
  let bits = (octets.length - start - 1) * 8;
  for (let top = octets[start] as number; top > 0; top >>>= 1) bits += 1;
  return bits;
}

/** A bit of the number that octets spell, most significant octet first; bit 0 is the least, those above the number are 0. */
export function bitOf(octets: readonly number[], bit: number): number {
  const index = octets.length - 1 - (bit >>> 3);
  return index < 0 ? 0 : ((octets[index] as number) >>> (bit & 7)) & 1;
}
