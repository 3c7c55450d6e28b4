// The text port of the JavaScript engines.
import { describe, expect, test } from 'vitest';
import { text } from '../../../../nginx/ports/text';

const encode = (...bytes: readonly number[]): string => Buffer.from(bytes).toString('base64url');

describe('decodeBase64Url', () => {
  test.each([
    ['nothing', '', ''],
    ['ASCII', encode(0x61), 'a'],
    ['a byte order mark, which stays', encode(0xef, 0xbb, 0xbf, 0x61), '\ufeffa'],
    ['U+FFFD itself', encode(0xef, 0xbf, 0xbd), '\ufffd'],
    ['the last code point', encode(0xf4, 0x8f, 0xbf, 0xbf), '\u{10ffff}'],
    ['the neighbours of the surrogates', encode(0xed, 0x9f, 0xbf, 0xee, 0x80, 0x80), '\ud7ff\ue000'],
  ])('decodes %s', (_, segment, expected) => {
    expect(text.decodeBase64Url(segment)).toBe(expected);
  });

  test.each([
    ['padding', 'YQ=='],
    ['stray final bits', 'YR'],
    ['an impossible length', 'YWJjZ'],
    ['the other alphabet', 'Y+/_'],
    ['a space', 'YW E'],
    ['a line feed at the end', 'YWJj\n'],
    ['a character outside ASCII', 'YWé'],
    ['a surrogate', encode(0xed, 0xa0, 0x80)],
    ['a pair of surrogates', encode(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
    ['an overlong form', encode(0xc0, 0x80)],
    ['a code point that does not exist', encode(0xf4, 0x90, 0x80, 0x80)],
    ['half a character', encode(0x61, 0xe2, 0x82)],
    ['Latin-1', encode(0x61, 0xe9, 0x62)],
  ])('refuses %s', (_, segment) => {
    expect(text.decodeBase64Url(segment)).toBeUndefined();
  });
});

test('isBase64UrlAlphabet accepts nothing but its alphabet, and no final line feed', () => {
  for (const value of ['', 'AZaz09-_']) expect(text.isBase64UrlAlphabet(value)).toBe(true);
  for (const value of ['a=', 'a+', 'a/', 'a b', 'a\n', 'é', 'a\0']) expect(text.isBase64UrlAlphabet(value)).toBe(false);
});

test('hasControl finds U+0000 to U+001F and U+007F', () => {
  for (const value of ['\0', 'a\nb', '\x1f', '\x7f']) expect(text.hasControl(value)).toBe(true);
  for (const value of ['', ' ~', '\x80é€😀']) expect(text.hasControl(value)).toBe(false);
});
