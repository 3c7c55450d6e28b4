// What every adapter of the text port must do (RFC 4648 §5, RFC 3629).
import { isCase, type Case } from './case';

const encode = (...bytes: readonly number[]): string => Buffer.from(bytes).toString('base64url');
const show = (text: string): string => JSON.stringify(text).slice(0, 40);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const IN_ALPHABET = ['', 'a', 'A-_9', ALPHABET, 'abcde', 'x'.repeat(10000)];
const OUTSIDE = [
  '=',
  'ab==',
  'a+b',
  'a/b',
  'a b',
  ' ab',
  'ab ',
  'a\nb',
  'ab\n',
  '\nab',
  'a\u0000b',
  'a.b',
  'é',
  '😀',
  'Ａ',
  'ab%',
  '~',
];

const TEXTS = [
  '',
  'a',
  'ab',
  'abc',
  '{"alg":"RS256"}',
  'Žofie',
  '\u0000',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\ufeff',
  '\u{10000}',
  '😀',
  '\u{10ffff}',
  '\u2028',
  '\ufffd',
  'x'.repeat(9000),
];

const NOT_UTF8: Readonly<Record<string, readonly number[]>> = {
  'a lone continuation byte': [0x80],
  'a sequence cut off': [0xe2, 0x82],
  'a sequence cut off by a letter': [0xe2, 0x82, 0x41],
  'an overlong slash': [0xc0, 0xaf],
  'an overlong NUL': [0xc0, 0x80],
  'three bytes overlong': [0xe0, 0x9f, 0xbf],
  'four bytes overlong': [0xf0, 0x8f, 0xbf, 0xbf],
  'a high surrogate': [0xed, 0xa0, 0x80],
  'a low surrogate': [0xed, 0xbf, 0xbf],
  'a pair of surrogates': [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
  'more than U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
  'five bytes': [0xf8, 0x88, 0x80, 0x80, 0x80],
  'six bytes': [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
  'byte FE': [0xfe],
  'byte FF': [0x61, 0xff, 0x62],
  'text and a bad end': [0x61, 0x62, 0x63, 0xc3],
};

const NOT_BASE64URL = [
  '=',
  'YQ==',
  'YWI=',
  'YQ=',
  'Y',
  'YWJjZ',
  'YR',
  'YWJ_YR',
  'YWK',
  'Y W',
  'YQ\n',
  '\nYQ',
  'YW+j',
  'YW/j',
  'é',
  'YQ\u0000',
  'YQ.YQ',
  '----=',
];

const CONTROLS = [0, 1, 8, 9, 10, 11, 12, 13, 27, 31, 127].map((code) => String.fromCharCode(code));
const NO_CONTROLS = [
  '',
  ' ',
  'abc',
  '~',
  '\u0080',
  '\u009f',
  '\u00a0',
  'Ā',
  '\u2028',
  '😀',
  '\u0300',
  '\u0d0a',
  '\u7f00',
];

const CODE_POINTS = [
  0, 9, 10, 65, 0x7f, 0x80, 0xff, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x1f600, 0x10ffff,
];

export const TEXT_CASES: readonly Case[] = [
  ...IN_ALPHABET.map((text) => isCase(`the alphabet: ${show(text)}`, { ask: 'isBase64UrlAlphabet', text }, true)),
  ...OUTSIDE.map((text) => isCase(`outside the alphabet: ${show(text)}`, { ask: 'isBase64UrlAlphabet', text }, false)),
  ...TEXTS.map((text) =>
    isCase(`decodes ${show(text)}`, { ask: 'decodeBase64Url', text: Buffer.from(text).toString('base64url') }, text),
  ),
  ...NOT_BASE64URL.map((text) => isCase(`does not decode ${show(text)}`, { ask: 'decodeBase64Url', text }, null)),
  ...Object.entries(NOT_UTF8).map(([title, bytes]) =>
    isCase(`does not decode ${title}`, { ask: 'decodeBase64Url', text: encode(...bytes) }, null),
  ),
  ...CONTROLS.map((text) => isCase(`a control character: ${show(text)}`, { ask: 'hasControl', text }, true)),
  ...CONTROLS.map((text) => isCase(`one inside: ${show(text)}`, { ask: 'hasControl', text: `é${text}😀` }, true)),
  ...NO_CONTROLS.map((text) => isCase(`no control character: ${show(text)}`, { ask: 'hasControl', text }, false)),
  ...CODE_POINTS.map((codePoint) =>
    isCase(`U+${codePoint.toString(16)}`, { ask: 'fromCodePoint', codePoint }, String.fromCodePoint(codePoint)),
  ),
];
