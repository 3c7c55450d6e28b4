// `scope` as a string (RFC 8693 §4.2, RFC 6749 §3.3) or an array, and `scp` as Okta and Entra write it.
import { token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const good = (id, comment, changes, scopes) =>
  vector(`scope-${id}`, comment, {
    token: token({ claims: { scope: undefined, ...changes } }),
    expected: allow({ scopes }),
  });
const bad = (id, comment, changes) =>
  vector(`scope-${id}`, comment, {
    token: token({ claims: { scope: undefined, ...changes } }),
    expected: refuse('scope_malformed'),
  });

const wrong = Object.entries({
  number: 1,
  true: true,
  object: { a: true },
  tab: 'a\tb',
  newline: 'a\nb',
  'carriage-return': 'a\r\nX-Admin: 1',
  nul: 'a\u0000',
  delete: 'a\u007f',
  quote: 'a "b"',
  backslash: 'a\\b',
  'non-ascii': 'lesen:bücher',
  'no-break-space': 'a\u00a0b',
  'array-number': ['a', 1],
  'array-null': [null],
  'array-nested': [['a']],
  'array-space': ['a b', 'c'],
  'array-empty-string': ['a', ''],
  'array-non-ascii': ['ü'],
});

export const topic = {
  name: 'scope',
  comment: 'what the token allows',
  vectors: [
    good('missing', 'no scope at all', {}, ''),
    good('empty', 'the empty string', { scope: '' }, ''),
    good('one', 'one word', { scope: 'read' }, 'read'),
    good(
      'several',
      'several words, in their order',
      { scope: 'write:b read:a https://x.example/y.z' },
      'write:b read:a https://x.example/y.z',
    ),
    good(
      'every-character',
      'every character that may stand in a scope',
      { scope: "!#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~" },
      "!#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~",
    ),
    good('twice', 'a word twice', { scope: 'a a' }, 'a a'),
    good('null', 'a scope that is null is no scope', { scope: null }, ''),
    good('null-scp', 'a scope that is null leaves scp', { scope: null, scp: ['b'] }, 'b'),
    good('scp-null', 'an scp that is null is none', { scp: null }, ''),
    good('double-space', 'two spaces between', { scope: 'a  b' }, 'a b'),
    good('spaces-around', 'spaces before and after', { scope: '  a b ' }, 'a b'),
    good('only-spaces', 'nothing but spaces', { scope: '   ' }, ''),
    good('array', 'an array', { scope: ['a', 'b'] }, 'a b'),
    good('array-empty', 'an empty array', { scope: [] }, ''),
    good('scp-array', "Okta's array", { scp: ['a', 'b'] }, 'a b'),
    good('scp-string', "Entra's string", { scp: 'a b' }, 'a b'),
    good('scp-empty-array', 'an empty array in scp', { scp: [] }, ''),
    good('both', 'scope wins over scp', { scope: 'a', scp: ['b'] }, 'a'),
    good('both-scope-empty', 'an empty scope wins too: fewer rights', { scope: '', scp: ['b'] }, ''),
    good(
      'prototype-words',
      'words called like members of every object',
      { scope: 'constructor __proto__' },
      'constructor __proto__',
    ),
    ...wrong.map(([id, scope]) => bad(id, `scope is malformed: ${id}`, { scope })),
    ...wrong.slice(0, 3).map(([id, scp]) => bad(`scp-${id}`, `scp is malformed: ${id}`, { scp })),
    bad('scp-array-space', 'a space within an element of scp', { scp: ['a b'] }),
    bad('bad-scp-good', 'a malformed scope is not mended by scp', { scope: 1, scp: ['b'] }),
  ],
};
