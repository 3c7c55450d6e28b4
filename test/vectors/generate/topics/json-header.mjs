// The protected header's JSON: strict, an object, no member twice (RFC 7515 §4, §5.2 step 4).
import { base64Url, claims, signBytes, signingInput, token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const signed = (header) => {
  const input = signingInput(header, claims());
  return `${input}.${base64Url(signBytes('RS256', 'rsa-2048', input))}`;
};
const bad = (id, comment, header) =>
  vector(`header-${id}`, comment, { token: signed(header), expected: refuse('header_malformed') });
const good = (id, comment, header) => vector(`header-${id}`, comment, { token: signed(header), expected: allow() });

const withRaw = (raw) => `{"alg":"RS256","extra":${raw}}`;
const bytes = (...list) =>
  Buffer.concat([Buffer.from('{"alg":"RS256","extra":"'), Buffer.from(list), Buffer.from('"}')]);
const nested = (depth) => withRaw('['.repeat(depth) + ']'.repeat(depth));

const notObjects = Object.entries({
  array: '["RS256"]',
  string: '"RS256"',
  number: '256',
  null: 'null',
  space: ' ',
  text: 'RS256',
});
const syntax = Object.entries({
  'trailing-text': '{"alg":"RS256"}x',
  'trailing-comma': '{"alg":"RS256",}',
  'byte-order-mark': '\ufeff{"alg":"RS256"}',
  'single-quotes': "{'alg':'RS256'}",
  comment: '{"alg":"RS256"/* */}',
  'not-closed': '{"alg":"RS256"',
  'control-character': '{"alg":"RS256","kid":"a\u0001"}',
  'number-huge': withRaw('1e400'),
  'number-nan': withRaw('NaN'),
  'lone-surrogate': withRaw('"\\ud800"'),
});

const member = (raw) => `{"alg":"RS256","x":${raw}}`;
const strings = (count) => `[${Array(count).fill('"a long one"').join(',')}]`;
const LINE = `${'MIIC8+Ab'.repeat(7)}abcdefg/\r\n`;
const chain = JSON.stringify(Array(5).fill(LINE.repeat(20)));
/** Each bound on a header that nobody has verified: within it, and one beyond. */
const BOUNDED = [
  ['commas', 256, (count) => member(strings(count))],
  [
    'opens',
    64,
    (count) =>
      member(
        `[${Array(count - 2)
          .fill('["a long item"]')
          .join(',')}]`,
      ),
  ],
  ['escapes', 768, (count) => member(`"${'\\n'.repeat(count)}"`)],
  ['unicode-escapes', 768, (count) => member(`"${'\\u00e9'.repeat(count)}"`)],
  ['blanks', 512, (count) => member(`"${'long'.repeat(200)}"${' '.repeat(count)}`)],
  ['digits', 512, (count) => member(`0.${'1'.repeat(count)}`)],
];

export const topic = {
  name: 'json-header',
  comment: "the header's JSON and UTF-8",
  vectors: [
    ...notObjects.map(([id, text]) => bad(id, `the header must be an object, not: ${id}`, text)),
    ...syntax.map(([id, text]) => bad(id, `not JSON: ${id}`, text)),
    bad('empty-object', 'no alg', '{}'),
    bad('duplicate-alg', 'RFC 7515 §4: a member twice', '{"alg":"none","alg":"RS256"}'),
    bad('duplicate-alg-last', 'a member twice, the good one first', '{"alg":"RS256","alg":"none"}'),
    bad('duplicate-by-escape', 'a member twice, once by an escape', '{"al\\u0067":"none","alg":"RS256"}'),
    bad('duplicate-kid', 'kid twice', '{"alg":"RS256","kid":"a","kid":"b"}'),
    bad('duplicate-nested', 'a member twice further in', withRaw('{"a":1,"a":1}')),
    bad('utf8-latin-1', 'RFC 3629: not UTF-8', bytes(0xfc)),
    bad('utf8-overlong', 'an overlong form', bytes(0xc0, 0xaf)),
    bad('utf8-surrogate', 'an encoded surrogate', bytes(0xed, 0xa0, 0x80)),
    bad('utf8-cut', 'a sequence cut off', bytes(0xe2, 0x82)),
    ...BOUNDED.flatMap(([id, most, make]) => [
      good(`${id}-most`, `as many ${id} as a header may have`, make(most)),
      bad(`${id}-beyond`, `one more of ${id} than a header may have`, make(most + 1)),
    ]),
    good(
      'chain-escaped',
      'a chain of certificates with `/` and line ends escaped',
      member(chain.replaceAll('/', '\\/')),
    ),
    good('delete-raw', 'U+007F raw in a string, with white space elsewhere', '{"alg":"RS256",\n"extra":"a\u007fb"}'),
    bad('depth-32', 'the object and 32 arrays', nested(32)),
    bad('depth-5000', 'very deep', nested(5000)),
    good('depth-31', 'the object and 31 arrays', nested(31)),
    good('escaped-name', 'alg spelled by an escape', '{"\\u0061lg":"RS256"}'),
    good('escaped-value', 'the value spelled by an escape', '{"alg":"RS\\u0032\\u00356"}'),
    good('whitespace', 'white space of JSON', ' {\t"alg" :\r\n"RS256" } '),
    good('other-members', 'members of no meaning', '{"alg":"RS256","zip":"DEF","enc":"A128GCM","b":[{}]}'),
    good('proto', 'a member called __proto__', '{"__proto__":{"alg":"none","crit":["x"]},"alg":"RS256"}'),
    good(
      'constructor',
      'members called like those of every object',
      '{"constructor":1,"toString":null,"hasOwnProperty":0,"length":9,"alg":"RS256"}',
    ),
    bad('proto-alg', 'alg only behind __proto__ is no alg', '{"__proto__":{"alg":"RS256"}}'),
    good('alg-last', 'alg need not come first', '{"typ":"JWT","kid":"x","alg":"RS256"}'),
    vector('header-upper-case-alg', 'the name is compared exactly', {
      token: token({ header: { ALG: 'RS256' } }),
      expected: refuse('header_malformed'),
    }),
  ],
};
