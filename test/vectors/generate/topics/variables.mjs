// What the claims of an accepted token become: variables named `txn.oauth.<claim>` (the contract of the variables).
import { NOW, claims, claimsText, token } from '../token.mjs';
import { allow, vector } from '../vector.mjs';

const shown = (id, comment, changes, variables) =>
  vector(`variable-${id}`, comment, { token: token({ claims: changes }), expected: allow({ variables }) });
const raw = (id, comment, text, value) =>
  vector(`variable-${id}`, comment, {
    token: token({ payload: claimsText('claim', text) }),
    expected: allow({ variables: { claim: value } }),
  });

export const topic = {
  name: 'variables',
  comment: 'claims as variables',
  vectors: [
    shown(
      'registered',
      'the registered claims',
      {},
      { iss: claims().iss, aud: claims().aud, sub: 'user-1', exp: NOW + 86400, iat: NOW - 600, scope: claims().scope },
    ),
    shown(
      'aud-array',
      'an array of strings joined by one space',
      { aud: [claims().aud, 'b'] },
      { aud: `${claims().aud} b` },
    ),
    raw('string', 'a string', '"text with spaces"', 'text with spaces'),
    raw('string-empty', 'an empty string', '""', ''),
    raw('string-non-ascii', 'letters outside ASCII', '"Žofie 😀"', 'Žofie 😀'),
    raw('string-escapes', 'escapes are decoded', '"\\u0041\\ud83d\\ude00\\/\\""', 'A😀/"'),
    raw('string-number', 'a string of digits stays a string', '"007"', '007'),
    raw('true', 'true', 'true', 'true'),
    raw('false', 'false', 'false', 'false'),
    raw('null', 'null as compact JSON', 'null', 'null'),
    raw('number', 'a whole number', '42', 42),
    raw('number-zero', 'zero', '0', 0),
    raw('number-negative', 'a negative number', '-7', -7),
    raw('number-largest', 'the largest number that every engine holds exactly', '9007199254740991', 9007199254740991),
    raw('number-too-large', 'a larger one keeps its digits', '9007199254740993', '9007199254740993'),
    raw('number-fraction', 'a fraction keeps its digits', '1.50', '1.50'),
    raw('number-exponent', 'a whole number with an exponent', '1E2', 100),
    raw('number-point-zero', 'a whole number with a fraction of zero', '3.0', 3),
    raw('number-minus-zero', 'minus zero is zero', '-0', 0),
    raw('number-tiny', 'a tiny number keeps its digits', '1e-7', '1e-7'),
    raw('array', 'strings joined by one space', '["a","b c","d"]', 'a b c d'),
    raw('array-one', 'one string', '["a"]', 'a'),
    raw('array-empty', 'an empty array', '[]', ''),
    raw('array-numbers', 'other arrays as compact JSON', '[1, 2.0, "a"]', '[1,2.0,"a"]'),
    raw('array-booleans', 'booleans as compact JSON', '[ true , false , null ]', '[true,false,null]'),
    raw('array-nested', 'arrays of arrays as compact JSON', '[["a"],[]]', '[["a"],[]]'),
    raw(
      'object',
      'an object as compact JSON, in the order of its members',
      '{ "b" : 1, "a" : { "x" : [ ] } }',
      '{"b":1,"a":{"x":[]}}',
    ),
    raw('object-control', 'the last of the control characters is escaped', '{"a":"\\u001f"}', '{"a":"\\u001f"}'),
    raw('object-empty', 'an empty object', '{ }', '{}'),
    raw(
      'object-escapes',
      'strings inside are escaped again',
      '{"q\\"":"a\\\\b\\u000a\\u0001\\/ü"}',
      '{"q\\"":"a\\\\b\\u000a\\u0001/ü"}',
    ),
    raw(
      'object-proto',
      'members called like those of every object',
      '{"__proto__":{"a":1},"constructor":2}',
      '{"__proto__":{"a":1},"constructor":2}',
    ),
    raw('newline', 'a value with a newline is left out', '"a\\nb"', null),
    raw('carriage-return', 'a value with a carriage return is left out', '"a\\rX: 1"', null),
    raw('nul', 'a value with U+0000 is left out', '"a\\u0000b"', null),
    raw('newline-in-array', 'a newline within an array of strings is left out too', '["a","b\\nc"]', null),
    raw('tab', 'a tab is kept', '"a\\tb"', 'a\tb'),
    shown(
      'name-odd',
      'characters outside letters, digits and _ become _',
      { 'https://x.example/role-1': 'r' },
      { https___x_example_role_1: 'r' },
    ),
    shown('name-non-ascii', 'one _ for each character, however many bytes it has', { 'aé😀z': 'r' }, { a__z: 'r' }),
    shown('name-digits', 'a name of digits', { 42: 'r' }, { 42: 'r' }),
    shown('name-only-odd', 'a name with no letter', { '-': 'r' }, { _: 'r' }),
    shown(
      'name-proto',
      'names like those of every object',
      { constructor: 'c', toString: 't', length: 3 },
      { constructor: 'c', toString: 't', length: 3 },
    ),
    shown(
      'collision-first',
      'two names become one: the first keeps it',
      { 'a-b': 'first', 'a.b': 'second' },
      { a_b: 'first' },
    ),
    shown(
      'collision-exact',
      'two names become one: the exact one keeps it',
      { 'a-b': 'odd', a_b: 'exact' },
      { a_b: 'exact' },
    ),
    shown(
      'collision-exact-first',
      'the exact one before the odd one',
      { a_b: 'exact', 'a-b': 'odd' },
      { a_b: 'exact' },
    ),
    shown(
      'case',
      'upper and lower case are two names',
      { Role: 'upper', role: 'lower' },
      { Role: 'upper', role: 'lower' },
    ),
    shown('missing', 'a claim that is not there sets nothing', {}, { nobody: null }),
  ],
};
