// The engine's JSON parser replaces the core's only where both give the same result.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCanonicalJson } from '../../../../nginx/ports/json';
import { text } from '../../../../nginx/ports/text';
import { parseJsonStrictly } from '../../../../src/codec/json-parse';

const SAME = [
  '{}',
  '[]',
  '{"iss":"https://a.example/","aud":["a","b"],"exp":1795000000,"azp":null,"n":[{"deep":[1,2.5,-3]}],"ok":true,"no":false}',
  '{"sub":"caf\u00e9 \u{1f439}","x":"\u2028\u007f"}',
  '"text"',
  '1e+21',
  `${'['.repeat(32)}${']'.repeat(32)}`,
];

const LEFT = [
  '{"a":1,"a":1}',
  '{"a":1,"b":2,"a":1}',
  '{"a":{"b":1,"b":1}}',
  '{ "a":1}',
  '{"a":1} ',
  '{"a":1.0}',
  '{"a":1e2}',
  '{"a":-0}',
  '{"a":12345678901234567890}',
  '{"a":1e400}',
  '{"2":1,"1":1}',
  '{"a":"\\u0061"}',
  '{"a":"\\ud800"}',
  '{"a":"\\n"}',
  '{"a":"\n"}',
  "{'a':1}",
  '{"a":1,}',
  '{"a":NaN}',
  '',
  `${'['.repeat(33)}${']'.repeat(33)}`,
];

describe('parseCanonicalJson', () => {
  test.each(SAME)('gives what the strict parser gives: %s', (source) => {
    expect(parseCanonicalJson(source)).toEqual(parseJsonStrictly(source, text));
    expect(parseCanonicalJson(source)).toBeDefined();
  });

  test.each(LEFT)('leaves to the strict parser: %s', (source) => {
    expect(parseCanonicalJson(source)).toBeUndefined();
  });

  test('never differs from the strict parser on what the vectors hold, and on each with one character changed', () => {
    for (const topic of ['json-header', 'json-payload', 'variables', 'times']) {
      const path = join(import.meta.dirname, '../../../vectors', `${topic}.json`);
      const tokens = readFileSync(path, 'utf8').match(/eyJ[A-Za-z0-9_-]+/g) ?? [];
      expect(tokens.length).toBeGreaterThan(0);
      for (const segment of tokens) {
        const source = Buffer.from(segment, 'base64url').toString('utf8');
        for (let index = 0; index < Math.min(source.length, 40); index += 1) {
          for (const changed of [
            source,
            `${source.slice(0, index)}"${source.slice(index + 1)}`,
            source.slice(0, index),
          ]) {
            const quick = parseCanonicalJson(changed);
            if (quick !== undefined) expect(quick).toEqual(parseJsonStrictly(changed, text));
          }
        }
      }
    }
  });
});

describe('decodeJsonString', () => {
  const alone = {
    ...text,
    fromCodePoint: (): string => {
      throw new Error('the strict parser decoded an escape by itself, which costs ten times as much');
    },
  };
  test.each([
    ['a pair of surrogates', '"\\ud83d\\udc39"', '\u{1f439}'],
    ['an escaped backslash before what looks like one', '"\\\\ud83d\\n"', '\\ud83d\n'],
    ['half a character at the end', '"\\ud83d\\udc39\\ud83d"', undefined],
    ['a faulty escape at the end', '"\\u00e9\\x"', undefined],
  ])('decides without the strict parser: %s', (_, source, value) => {
    expect(parseJsonStrictly(source, alone)).toBe(value);
  });
});
