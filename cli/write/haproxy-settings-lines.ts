// The lines of `global` that a translated configuration gets: settings, and the file that is loaded.
import { splitLine } from '../../haproxy/ports/configuration-line';
import type { HaproxyText } from '../desk/haproxy-text';
import type { Note } from './migration';
import { quoteWord } from './words';

/** The file of haproxytech's library, which has the name of ours. */
export const LIBRARY = /(?:^|\/)jwtverify\.lua$/;
export const SKEW = 'OAUTH_CLOCK_SKEW';

/** A line of `global` that sets a variable. */
export const writeSetting = (name: string, value: string): string => `setenv ${name} ${quoteWord(name, value)}`;

/** HAProxy 3.1 and later warn about Lua without it. */
const BOOLEANS = ['.if version_atleast(3.1)', '  tune.lua.bool-sample-conversion normal', '.endif'];

/** The numbers of the lines with such words. */
export const numbersOf = (text: HaproxyText, isWanted: (words: readonly string[]) => boolean): readonly number[] =>
  text.lines.flatMap((line, index) => (isWanted(splitLine(line).words) ? [index + 1] : []));

/** The lines that load jwtverify. Other Lua of the operator's may rely on the conversion as it is. */
export function writeLoad(text: HaproxyText, module: string): readonly string[] {
  const has = (pattern: RegExp): boolean => numbersOf(text, ([keyword = '']) => pattern.test(keyword)).length > 0;
  const others = numbersOf(
    text,
    (words) => /^lua-load/.test(words[0] ?? '') && !words.some((word) => LIBRARY.test(word)),
  );
  const isSet = has(/^tune\.lua\.bool-sample-conversion$/) || others.length > 0;
  return [...(isSet ? [] : BOOLEANS), `lua-load-per-thread ${module}`];
}

/**
 * How strict times are compared. Neither of the others has a tolerance; jwtverify reads `iat` too, and the proxy's clock may be
 * a tick behind that of an issuer whose token is used at once.
 */
export function noteSkew(notes: Note[]): string {
  notes.push({
    kind: 'translated',
    option: SKEW,
    words:
      'is 1, a tick of the clock, since expiry had no tolerance; with 60, its default, tokens of an issuer whose clock is ahead pass at once',
  });
  return writeSetting(SKEW, '1');
}
