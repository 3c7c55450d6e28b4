// The payload's JSON: strict RFC 8259, strict UTF-8 (RFC 3629), an object, no member twice (RFC 7519 §4), bounded depth.
import { claims, claimsText, token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const USUAL = JSON.stringify(claims());
const BAD = refuse('payload_malformed');

const signed = (payload) => token({ payload });
const bad = (id, comment, payload) => vector(`payload-${id}`, comment, { token: signed(payload), expected: BAD });
const good = (id, comment, payload, more) =>
  vector(`payload-${id}`, comment, { token: signed(payload), expected: allow(more) });

/** The usual payload with one more member whose value is these bytes between quotes. */
const withBytes = (...bytes) =>
  Buffer.concat([Buffer.from(`${USUAL.slice(0, -1)},"text":"`), Buffer.from(bytes), Buffer.from('"}')]);
const withRaw = (raw) => claimsText('extra', raw);
const nested = (depth, open = '[', close = ']') => withRaw(open.repeat(depth) + close.repeat(depth));

const notObjects = Object.entries({
  array: '[]',
  'array-of-object': `[${USUAL}]`,
  string: '"claims"',
  number: '1750000000',
  null: 'null',
  true: 'true',
  empty: '',
  space: ' ',
  whitespace: ' \t\r\n ',
  text: 'hello',
}).map(([id, text]) => bad(id, `RFC 7519 §7.2: the payload must be an object, not: ${id}`, text));

const syntax = Object.entries({
  'trailing-text': `${USUAL}x`,
  'trailing-brace': `${USUAL}}`,
  'trailing-object': `${USUAL}{}`,
  'trailing-comma': `${USUAL.slice(0, -1)},}`,
  'trailing-nul': `${USUAL}\u0000`,
  'leading-text': `x${USUAL}`,
  'leading-comma': `{,${USUAL.slice(1)}`,
  'byte-order-mark': `\ufeff${USUAL}`,
  'not-closed': USUAL.slice(0, -1),
  'cut-in-string': USUAL.slice(0, 12),
  'single-quotes': USUAL.replaceAll('"', "'"),
  'unquoted-name': `{extra:1,${USUAL.slice(1)}`,
  'number-name': `{1:1,${USUAL.slice(1)}`,
  'no-colon': `{"extra" 1,${USUAL.slice(1)}`,
  'no-comma': `{"extra":1 ${USUAL.slice(1)}`,
  'double-comma': `{"extra":1,,${USUAL.slice(1)}`,
  'line-comment': `{"extra":1, // comment\n${USUAL.slice(1)}`,
  'block-comment': `/* comment */${USUAL}`,
  'vertical-tab': `\u000b${USUAL}`,
  'form-feed': `${USUAL}\u000c`,
  'no-break-space': `\u00a0${USUAL}`,
  'line-separator': `\u2028${USUAL}`,
}).map(([id, text]) => bad(id, `not JSON: ${id}`, text));

const values = Object.entries({
  'number-huge': '1e400',
  'number-huge-negative': '-1e400',
  'number-leading-zero': '01',
  'number-minus-leading-zero': '-01',
  'number-plus': '+1',
  'number-no-integer': '.5',
  'number-no-fraction': '1.',
  'number-no-exponent': '1e',
  'number-no-exponent-digits': '1e+',
  'number-minus-alone': '-',
  'number-two-points': '1.2.3',
  'number-hex': '0x10',
  'number-underscore': '1_000',
  'number-bigint': '1n',
  'number-nan': 'NaN',
  'number-infinity': 'Infinity',
  'number-minus-infinity': '-Infinity',
  undefined: 'undefined',
  'true-upper-case': 'True',
  'nil-of-lua': 'nil',
  'true-cut': 'tru',
  'null-longer': 'nullx',
  'array-trailing-comma': '[1,]',
  'array-hole': '[1,,2]',
  'array-not-closed': '[1',
  'object-not-closed': '{"a":1',
  'array-closed-by-brace': '[1}',
  'string-tab': '"a\tb"',
  'string-newline': '"a\nb"',
  'string-nul': '"a\u0000b"',
  'string-unit-separator': '"a\u001fb"',
  'string-tab-before-escape': '"a\tb\\n"',
  'string-tab-after-escape': '"\\na\tb"',
  'string-tab-between-escapes': '"\\na\tb\\n"',
  'escape-unknown': '"\\x41"',
  'escape-single-quote': '"\\\'"',
  'escape-upper-case': '"\\N"',
  'escape-u-short': '"\\u12"',
  'escape-u-no-hex': '"\\u12G4"',
  'escape-u-plus': '"\\u+123"',
  'escape-u-braces': '"\\u{41}"',
  'escape-u-upper-case': '"\\U0041"',
  'escape-lone-high': '"\\ud800"',
  'escape-lone-high-then-text': '"\\ud83dx"',
  'escape-lone-low': '"\\udc00"',
  'escape-two-high': '"\\ud83d\\ud83d"',
  'escape-low-then-high': '"\\ude00\\ud83d"',
  'escape-high-then-not-low': '"\\ud83d\\u0041"',
  'escape-two-low': '"\\udc00\\udc01"',
  'escape-high-then-private-use': '"\\ud83d\\ue000"',
  'escape-cut-by-quote': '"\\u004"',
  'escape-backslash-last': '"\\"',
  'escape-lone-in-name': '{"\\ud800":1}',
}).map(([id, raw]) => bad(id, `RFC 8259: a value that is none: ${id}`, withRaw(raw)));

const utf8 = Object.entries({
  'overlong-two': [0xc0, 0xaf],
  'overlong-two-c1': [0xc1, 0xbf],
  'overlong-three': [0xe0, 0x80, 0xaf],
  'overlong-four': [0xf0, 0x80, 0x80, 0xaf],
  'overlong-nul': [0xc0, 0x80],
  'surrogate-high': [0xed, 0xa0, 0x80],
  'surrogate-low': [0xed, 0xbf, 0xbf],
  'surrogate-pair': [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
  'over-10ffff': [0xf4, 0x90, 0x80, 0x80],
  'lead-f5': [0xf5, 0x80, 0x80, 0x80],
  'five-bytes': [0xf8, 0x88, 0x80, 0x80, 0x80],
  'lead-ff': [0xff],
  'lead-fe': [0xfe],
  'lone-continuation': [0x80],
  'cut-two': [0xc3],
  'cut-three': [0xe2, 0x82],
  'cut-four': [0xf0, 0x9f, 0x98],
  'latin-1': [0x66, 0xfc, 0x72],
}).map(([id, bytes]) => bad(`utf8-${id}`, `RFC 3629: not UTF-8: ${id}`, withBytes(...bytes)));

const twice = [
  bad('duplicate-exp', 'RFC 7519 §4: a claim twice', `{"exp":1,${USUAL.slice(1)}`),
  bad('duplicate-exp-last', 'a claim twice, the good one first', `${USUAL.slice(0, -1)},"exp":1}`),
  bad('duplicate-same-value', 'a claim twice with one value', `${USUAL.slice(0, -1)},"sub":"user-1"}`),
  bad('duplicate-by-escape', 'a claim twice, once by an escape', `{"\\u0065xp":1,${USUAL.slice(1)}`),
  bad('duplicate-nested', 'a member twice further in', withRaw('{"a":1,"a":2}')),
  bad('duplicate-empty-name', 'an empty name twice', withRaw('{"":1,"":2}')),
  bad('duplicate-proto', '__proto__ twice', withRaw('{"__proto__":1,"__proto__":2}')),
  good('same-name-apart', 'one name in two objects is no duplicate', withRaw('[{"a":1},{"a":2}]')),
  good('same-letters-other-case', 'names are compared exactly', `{"EXP":1,${USUAL.slice(1)}`),
];

const depth = [
  good('depth-31', 'the object and 31 arrays: 32 deep', nested(31)),
  bad('depth-32', 'the object and 32 arrays: 33 deep', nested(32)),
  good('depth-31-objects', '32 objects, one in another', nested(30, '{"a":', '}').replace(':}', ':{}}')),
  bad('depth-33-objects', '34 objects, one in another', nested(32, '{"a":', '}').replace(':}', ':{}}')),
  bad('depth-5000', 'very deep', nested(5000)),
  bad('depth-5000-open', 'very deep and never closed', withRaw('['.repeat(5000))),
];

const fine = [
  good(
    'whitespace-around',
    'white space of JSON around everything',
    ` \t\r\n${USUAL.replaceAll(',', ' ,\n\t').replaceAll('":', '" : ')}\r\n `,
  ),
  good('number-minus-zero', '-0 is a number', withRaw('-0')),
  good('number-exponent', '1E2 is a number', withRaw('1E2')),
  good('number-exponent-plus', '1e+2 is a number', withRaw('1e+2')),
  good('number-tiny', 'too small a number is zero', withRaw('1e-400')),
  good('number-large', 'the largest exponent that is finite', withRaw('1e308')),
  good('number-many-digits', 'forty digits', withRaw('1234567890123456789012345678901234567890')),
  good('escapes', 'every short escape', withRaw('"\\"\\\\\\/\\b\\f\\n\\r\\t"')),
  good('escape-pair', 'an escaped surrogate pair', withRaw('"\\ud83d\\ude00"')),
  good('escape-mixed-case-hex', 'hex digits in either case', withRaw('"\\u00eF\\u00Ef"')),
  good('escape-nul', 'U+0000 by an escape in a claim of no meaning', withRaw('"\\u0000"')),
  good('escaped-name', 'a registered claim spelled by an escape', USUAL.replace('"iss"', '"\\u0069ss"')),
  good('escaped-slash', 'an issuer whose slashes are escaped', USUAL.replace('https://issuer', 'https:\\/\\/issuer')),
  good('delete-character', 'U+007F may stand in a string', withRaw('"\u007f"')),
  good('line-separator-in-string', 'U+2028 may stand in a string', withRaw('"\u2028"')),
  good('noncharacter', 'U+FFFF is UTF-8', withRaw('"\uffff"')),
  good('utf8-four-bytes', 'four bytes of UTF-8', withRaw('"😀"')),
  good('utf8-last', 'U+10FFFF', withBytes(0xf4, 0x8f, 0xbf, 0xbf)),
  good('byte-order-mark-in-string', 'U+FEFF inside a string', withRaw('"\ufeff"')),
  good('empty-name', 'an empty name', withRaw('{"":1}')),
  good('empty-values', 'empty array and object', withRaw('[[],{}]')),
  good(
    'many-members',
    'three hundred members',
    withRaw(`{${Array.from({ length: 300 }, (_, n) => `"m${n}":${n}`).join()}}`),
  ),
];

const prototypes = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  'prototype',
  'valueOf',
  '__index',
];
const members = prototypes.map((name, index) =>
  good(`member-${index}`, `a claim called ${name}`, claimsText(name, '{"exp":1,"admin":true}')),
);

export const topic = {
  name: 'json-payload',
  comment: "the payload's JSON and UTF-8",
  vectors: [
    ...notObjects,
    ...syntax,
    ...values,
    ...utf8,
    ...twice,
    ...depth,
    ...fine,
    ...members,
    vector('payload-proto-without-exp', 'exp only behind __proto__ is no exp', {
      token: token({
        payload: JSON.stringify(claims({ exp: undefined })).replace('{', '{"__proto__":{"exp":9999999999},'),
      }),
      expected: refuse('expiry_missing'),
    }),
    vector('payload-malformed-badly-signed', 'the payload is not looked at before the signature', {
      token: token({ key: 'rsa-attacker', payload: 'hello' }),
      expected: refuse('signature_invalid'),
    }),
  ],
};
