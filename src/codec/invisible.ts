// Characters that nobody sees in a file or a mail as what they are: format characters, separators, blanks beyond U+0020, marks
// that join a letter, and what is not UTF-8.
import { codePointAt } from './character';
import { isText } from './percent-forms';
import type { Text } from './text';

/** First and last code point of each range beyond ASCII. */
type Ranges = readonly (readonly [number, number])[];

/**
 * Unicode 17: categories Cf, Zs, Zl, Zp and Cc, default ignorable code points (variation selectors among them), and letters and
 * notes that are blank.
 */
const INVISIBLE: Ranges = [
  [0x80, 0xa0],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x600, 0x605],
  [0x61c, 0x61c],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x890, 0x891],
  [0x8e2, 0x8e2],
  [0x115f, 0x1160],
  [0x1680, 0x1680],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x206f],
  [0x2800, 0x2800],
  [0x3000, 0x3000],
  [0x3164, 0x3164],
  [0xfdd0, 0xfdef],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x110bd, 0x110bd],
  [0x110cd, 0x110cd],
  [0x13430, 0x1343f],
  [0x1bca0, 0x1bca3],
  [0x1d159, 0x1d159],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];

/**
 * Marks that join the letter before them, and the parts of Hangul syllables: what one sees is often one letter of its own (UAX #15).
 * Scripts whose words have marks of their own, such as those of India, are not here.
 */
const COMBINING: Ranges = [
  [0x300, 0x36f],
  [0x653, 0x655],
  [0x1100, 0x11ff],
  [0x3099, 0x309a],
];

function isWithin(codePoint: number, ranges: Ranges): boolean {
  for (let index = 0; index < ranges.length; index++) {
    const range = ranges[index];
    if (range !== undefined && codePoint >= range[0] && codePoint <= range[1]) return true;
  }
  return false;
}

/** Whether a character joins the one before it. */
export function isCombining(codePoint: number): boolean {
  return isWithin(codePoint, COMBINING);
}

/** A character that one does not see as what it is. */
export interface Unseen {
  readonly codePoint: number;
  /** `broken`: bytes that are not UTF-8, or U+FFFD, which a reader puts in their place. */
  readonly kind: 'broken' | 'invisible' | 'combining';
}

function kindOf(codePoint: number): Unseen['kind'] | undefined {
  if (codePoint === 0xfffd) return 'broken';
  // The last two code points of each plane are no characters.
  if (codePoint % 0x10000 >= 0xfffe || isWithin(codePoint, INVISIBLE)) return 'invisible';
  return isCombining(codePoint) ? 'combining' : undefined;
}

/** The first character of a value that one does not see as what it is; undefined without one. */
export function findUnseen(value: string, text: Text): Unseen | undefined {
  // Most values have visible characters of ASCII alone, and blanks.
  if (text.isVisibleAscii(value.split(' ').join(''))) return undefined;
  if (!isText(value, text)) return { codePoint: 0xfffd, kind: 'broken' };
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) < 0x80) continue;
    const codePoint = codePointAt(value, index, text);
    const kind = codePoint === undefined ? undefined : kindOf(codePoint);
    if (codePoint !== undefined && kind !== undefined) return { codePoint, kind };
  }
  return undefined;
}

const DIGITS = '0123456789ABCDEF';

/** A code point as Unicode names it, such as `U+200B`. */
export function nameCodePoint(codePoint: number): string {
  let digits = '';
  let rest = codePoint;
  while (rest > 0 || digits.length < 4) {
    digits = DIGITS.charAt(rest % 16) + digits;
    rest = Math.floor(rest / 16);
  }
  return 'U+' + digits;
}
