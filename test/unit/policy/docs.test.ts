// docs/policy.md against the compiler and the schema: every example compiles, and it has every key.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as table from '../../../src/settings/table';
import { problemsOf } from './compile';
import { isPolicyNumber } from './policy-number';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const DOCUMENT = read('docs/policy.md');

/** The names of every property in a schema, however deep. */
function propertiesOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) => [
    ...(name === 'properties' ? Object.keys(value as object) : []),
    ...propertiesOf(value),
  ]);
}

describe('docs/policy.md', () => {
  const examples = [...DOCUMENT.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');

  it('has examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
  });

  it.each(examples.map((example, index) => [index + 1, example] as const))(
    'has an example %i that compiles',
    (_, example) => {
      const document = JSON.parse(example) as Record<string, unknown>;
      // A part of a policy gets an issuer; a policy of its own is taken to the letter.
      const environment = { INTROSPECTION_SECRET: 'x' };
      expect(problemsOf('issuers' in document ? example : document, environment)).toEqual([]);
    },
  );

  const numbers = Object.values<unknown>(table)
    .filter(isPolicyNumber)
    .filter(({ otherwise }) => otherwise >= 0);
  it.each(numbers)('has the bounds and the default of $key', ({ key, least, most, otherwise }) => {
    const rows = DOCUMENT.split('\n').filter((line) => line.startsWith(`| \`${table.memberName(key)}\` `));
    const wanted = expect.stringMatching(new RegExp(` ${least} to ${most}\\b.*\\| ${otherwise} +\\|$`)) as string;
    expect(rows).toContainEqual(wanted);
  });

  it('names every key and every word of the schema', () => {
    const schema = JSON.parse(read('schema/policy.schema.json')) as Record<string, unknown>;
    const prose = DOCUMENT.replaceAll(/^```[\s\S]*?^```$/gm, '');
    const cells = new Set([...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]));
    const keys = propertiesOf(schema).filter((key) => key !== 'claim');
    expect(keys.filter((key) => !cells.has(key))).toEqual([]);
    const fields = [
      'subject',
      'user',
      'email',
      'preferred_username',
      'client',
      'issuer',
      'scopes',
      'groups',
      'roles',
      'token',
    ];
    const spellings = JSON.stringify(schema['properties']).match(/"enum":\["encoded_slash"[^\]]*/)?.[0] ?? '';
    expect(spellings.match(/[a-z_]+(?=")/g)?.slice(1).length).toBe(7);
    for (const word of [...fields, ...(spellings.match(/[a-z]+_[a-z]+|backslash|parameter/g) ?? [])]) {
      expect([word, cells.has(word)]).toEqual([word, true]);
    }
  });
});
