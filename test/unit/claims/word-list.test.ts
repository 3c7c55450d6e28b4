// Words of groups and roles in their three forms, at the bounds of an introspection answer.
import { expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { asObject, type JsonObject } from '../../../src/codec/json';
import { parseJson } from '../../../src/codec/json-parse';
import { readWordList } from '../../../src/claims/word-list';

const PLACE = { name: 'x', steps: ['x'] };
const KEYS = { paths: [{ ...PLACE, keys: true as const }], all: false };
const EACH = { paths: [{ ...PLACE, member: { name: 'name', steps: ['name'] } }], all: false };

function claimsOf(source: string): JsonObject {
  const claims = asObject(parseJson(source, text));
  if (claims === undefined) throw new Error('no object');
  return claims;
}
const numbers = (count: number): readonly number[] => [...Array(count).keys()];
const keysOf = (count: number): string =>
  `{"x":{${numbers(count)
    .map((place) => `"k${place}":1`)
    .join()}}}`;
const listOf = (count: number): string =>
  `{"x":[${numbers(count)
    .map((place) => `{"name":"k${place}"}`)
    .join()}]}`;

test('as many keys and objects count as any signed token has room for, and no object with more', () => {
  expect(readWordList(claimsOf(keysOf(4096)), KEYS, text)).toHaveLength(4096);
  expect(readWordList(claimsOf(keysOf(4097)), KEYS, text)).toEqual([]);
  expect(readWordList(claimsOf(listOf(4096)), EACH, text)).toHaveLength(4096);
  expect(readWordList(claimsOf(listOf(4097)), EACH, text)).toEqual([]);
});

test('an object with too many keys leaves the next place', () => {
  const paths = [...KEYS.paths, { name: 'y', steps: ['y'] }];
  const claims = claimsOf(`${keysOf(4097).slice(0, -1)},"y":["a"]}`);
  expect(readWordList(claims, { paths, all: false }, text)).toEqual(['a']);
});

test('keys stay in the order of the token, numbers too', () => {
  expect(readWordList(claimsOf('{"x":{"b":1,"1":1,"a":1,"0":1}}'), KEYS, text)).toEqual(['b', '1', 'a', '0']);
});

test('an array of fifty thousand words is read once, each word once', () => {
  const words = numbers(50_000).map((place) => `"${place % 40_000}"`);
  const mapping = { paths: [PLACE], all: false };
  expect(readWordList(claimsOf(`{"x":[${words.join()}]}`), mapping, text)).toHaveLength(40_000);
});
