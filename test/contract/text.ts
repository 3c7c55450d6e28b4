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

const VISIBLE = ['', '!', '~', 'write:hamsters', '"\\', ALPHABET];
const UNRESERVED = ['', '-', '.', '_', '~', 'a.b', `${ALPHABET}.~`];
const RESERVED = [...'!"#$%&\'()*+,/:;<=>?@[\\]^`{|} \t\n\u0000\u007fé', '😀', 'a b', 'a\n', 'a\u0000b', '%41', 'a%'];
const NOT_VISIBLE = [' ', 'a b', 'a\n', '\u0000', 'a\u0000b', '\u007f', '\u0080', 'é', '😀', '\t'];

/** JSON that an adapter may read by means of its own, and JSON that looks like it: all must read what the core reads. */
const JSON_TEXTS = [
  '{}',
  '[]',
  '""',
  '0',
  '-7',
  'true',
  'false',
  'null',
  '{"iss":"https://a.example/","aud":["a","b"],"exp":1795000000,"ok":true,"no":false,"azp":null,"":""}',
  '{"a":{"b":{"c":[1,[2,[]],{}]}},"d":[{"e":"f"}]}',
  '{"sub":"caf\u00e9 \u{1f439}","x":"\u2028"}',
  '{"exp":0,"nbf":-0,"iat":123456789012345}',
  '{"exp":999999999999999,"nbf":-999999999999999}',
  '{"a":"x,y","b":"}","c":"]","d":":"}',
  '"\u007f"',
  '{"constructor":"a","__proto__":"b","toString":[1]}',
  `${'['.repeat(32)}${']'.repeat(32)}`,
  `{"a":${'['.repeat(31)}${']'.repeat(31)}}`,
  '{"exp":1234567890123456}',
  '{"exp":1.5,"nbf":1e3,"iat":2E-1}',
];

/** The same value, written otherwise. */
const REWRITTEN: Readonly<Record<string, string>> = {
  '{ "a" : 1 , "b" : [ ] }': '{"a":1,"b":[]}',
  '\n{"a":\t"b"}\r\n': '{"a":"b"}',
  '{"a":"\\u0061\\n\\\\\\/"}': '{"a":"a\\u000a\\\\/"}',
  '"\\ud83d\\udc39"': '"\u{1f439}"',
  '"\\uD83D\\uDC39\\uDBFF\\uDFFF"': '"\u{1f439}\u{10ffff}"',
  '"\\\\ud83d\\n"': '"\\\\ud83d\\u000a"',
  '"\\\\\\ud83d\\udc39\\\\\\\\udc39"': '"\\\\\u{1f439}\\\\\\\\udc39"',
  '"\\ufffd\\u0000\\ud7ff\\ue000\\udbff\\udc00"': '"\ufffd\\u0000\ud7ff\ue000\u{10fc00}"',
};

const NOT_JSON = [
  '',
  ' ',
  '{',
  '}',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{,"a":1}',
  '{"a":1}{}',
  '{"a":1}x',
  '{"a":01}',
  '{"a":-01}',
  '{"a":-}',
  '{"a":+1}',
  '{"a":1.}',
  '{"a":.5}',
  '{"a":1e}',
  '{"a":0x10}',
  '{"a":1,"a":1}',
  '{"a":"1","b":2,"a":"1"}',
  '{"a":{"b":1,"b":2}}',
  '{"a":tru}',
  '{"a":truex}',
  '{"a":nul}',
  '{"a":undefined}',
  '{"a":NaN}',
  "{'a':1}",
  '{a:1}',
  '{"a" "b"}',
  '{"a":"b"]',
  '["a"}',
  '["a",]',
  '[,]',
  '[1 2]',
  '"a',
  'a"',
  '"a\n"',
  '"a\u0000"',
  '{"a\t":1}',
  '"\\x"',
  '"\\ud800"',
  '"\\udc39"',
  '"\\uDC39\\uD83D"',
  '"\\ud83d\\ud83d\\udc39"',
  '"\\ud83d\\udc39\\udc39"',
  '"\\ud83dx\\udc39"',
  '"\\ud83d\\\\udc39"',
  '"\\\\\\ud83d"',
  '"\\ud83d\\udc39\\ud83d"',
  '"\\ud83d\\ufffd"',
  '"\\u12"',
  '"\\u12g4"',
  '"\\u 123"',
  '"\\uD83"',
  '"\\"',
  '"\\\n"',
  '"\\n\n"',
  '"\\n\u0001"',
  `${'['.repeat(33)}${']'.repeat(33)}`,
  `{"a":${'['.repeat(32)}${']'.repeat(32)}}`,
];

export const TEXT_CASES: readonly Case[] = [
  ...JSON_TEXTS.map((text) => isCase(`reads ${show(text)}`, { ask: 'parseJson', text }, text)),
  ...Object.entries(REWRITTEN).map(([text, written]) =>
    isCase(`reads ${show(text)}`, { ask: 'parseJson', text }, written),
  ),
  ...NOT_JSON.map((text) => isCase(`does not read ${show(text)}`, { ask: 'parseJson', text }, null)),
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
  ...VISIBLE.map((text) => isCase(`visible: ${show(text)}`, { ask: 'isVisibleAscii', text }, true)),
  ...NOT_VISIBLE.map((text) => isCase(`not all visible: ${show(text)}`, { ask: 'isVisibleAscii', text }, false)),
  ...UNRESERVED.map((text) => isCase(`unreserved: ${show(text)}`, { ask: 'isUnreserved', text }, true)),
  ...RESERVED.map((text) => isCase(`not all unreserved: ${show(text)}`, { ask: 'isUnreserved', text }, false)),
  ...CODE_POINTS.map((codePoint) =>
    isCase(`U+${codePoint.toString(16)}`, { ask: 'fromCodePoint', codePoint }, String.fromCodePoint(codePoint)),
  ),
];
