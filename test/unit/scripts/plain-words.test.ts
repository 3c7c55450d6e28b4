// The phrases that no reader needs to read twice: what people read has none of the retired ones.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDERS = ['docs', 'src', 'haproxy', 'nginx', 'cli', 'schema', 'examples'];
const FILES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'];

const PHRASES = /\b(?:stands? in\b(?! the way)|(?:is|are) told\b|takes? a token\b|(?:is|are) none of (?!these\b))/i;
const NAMES = /\b(?:Judgement|Told|Verdict|Loaded|toldFacts|wiring|wires)\b(?! with)/;

const texts = [
  ...FILES,
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:md|ts|json|cfg|conf|mjs)$|Dockerfile$/.test(name))
      .map((name) => join(folder, name)),
  ),
];

test.each([
  ['phrases', PHRASES],
  ['names', NAMES],
])('no document and no source has one of the retired %s', (_, retired) => {
  const found = texts.flatMap((name) =>
    readFileSync(join(ROOT, name), 'utf8')
      .split('\n')
      .flatMap((line, index) => (retired.test(line) ? [`${name}:${String(index + 1)}: ${line.trim()}`] : [])),
  );
  expect(texts.length).toBeGreaterThan(300);
  expect(found).toEqual([]);
});

test.each(['x stands in the file', 'the client is told so', 'it takes a token', 'this is none of them'])(
  'sees: %s',
  (line) => {
    expect(PHRASES.test(line)).toBe(true);
  },
);
