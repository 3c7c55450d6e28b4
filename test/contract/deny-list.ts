// What every engine must read in a line of a deny list, and look up for a subject.
import { FAULT_LENGTH, isCase, type Case } from './case';

const GOOD = [
  'sub:x',
  'sub:a|b',
  'sub:a%7Cb',
  'sub:René',
  'sub:Rene%CC%81',
  'sub:me+tag@x.example',
  'sub:a%2Bb',
  'jti:a+b',
  'sub:क्षि',
  'sub:\u{1f439}',
  'sid:x',
  'iss:https://a.example,sub:x',
  'sub_issued_before:x 1764432000',
  'iss:https://a.example,sub_issued_before:x 1764432000',
];

/** Lines whose entry is what they say, with the fault that is named. */
const DOUBTFUL: readonly (readonly [string, string])[] = [
  ['sub:a\u200bb', 'holds an invisible character, U+200B; remove it'],
  ['sub:a\u{1d173}', 'holds an invisible character, U+1D173; remove'],
  ['sub:a\u{e0100}', 'holds an invisible character, U+E0100; remove'],
  ['sub:a\ufe0f', 'holds an invisible character, U+FE0F; remove it'],
  ['sub:a\uffff', 'holds an invisible character, U+FFFF; remove it'],
  ['sub:caf\ufffd', 'holds a character that is not UTF-8, or U+FFFD'],
  ['sub:Rene\u0301', 'holds a combining character, U+0301; write it'],
  ['sub:\u1112\u1161', 'holds a combining character, U+1112; write it'],
  ['sub:a+b', 'has a `+` that could be a plus sign or a blank'],
  ['iss:https://b.example,sub:x', 'names an issuer that is not configured; '],
  ['sub:a,', 'ends in `,`; remove it, or percent-encode'],
];

const SUBJECTS: readonly (readonly [string, readonly string[]])[] = [
  ['x', ['sub:x']],
  ['', []],
  ['a b', ['sub:a b', 'sub:a%20b', 'sub:a+b']],
  ['a+b', ['sub:a+b', 'sub:a%2Bb']],
  ['a/b', ['sub:a/b', 'sub:a%2Fb']],
  ['a%2fb', ['sub:a%2fb', 'sub:a%252fb']],
  ['é', ['sub:é', 'sub:%C3%A9']],
  ['e\u0301', ['sub:e\u0301', 'sub:e%CC%81', 'sub:é', 'sub:%C3%A9']],
  ['e\u0323\u0302', ['sub:e\u0323\u0302', 'sub:e%CC%A3%CC%82', 'sub:ệ', 'sub:%E1%BB%87']],
  ['\u1112\u1161\u11ab', ['sub:\u1112\u1161\u11ab', 'sub:%E1%84%92%E1%85%A1%E1%86%AB', 'sub:한', 'sub:%ED%95%9C']],
  ['а', ['sub:а', 'sub:%D0%B0']],
  ['\u{1f439}', ['sub:\u{1f439}', 'sub:%F0%9F%90%B9']],
];

export const DENY_CASES: readonly Case[] = [
  ...GOOD.map((text) => isCase(`\`${text}\` is good`, { ask: 'readDenyLine', text }, [text, ''])),
  ...DOUBTFUL.map(([text, fault]) =>
    isCase(`\`${text}\` is named`, { ask: 'readDenyLine', text }, [text, fault.slice(0, FAULT_LENGTH)]),
  ),
  ...SUBJECTS.map(([text, entries]) => isCase(`looks up \`${text}\``, { ask: 'listSubject', text }, entries)),
];
