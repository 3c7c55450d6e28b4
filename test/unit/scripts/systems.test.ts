// docs/systems.md has every code that the title of a test begins with.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GROUPS, TO_COME } from '../../../scripts/behaviours.mjs';
import { findCodes, writeSystems } from '../../../scripts/docs/systems.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('docs/systems.md', () => {
  test('has a row for every code that the title of a test begins with', () => {
    const rows = [...readFileSync(join(ROOT, 'docs/systems.md'), 'utf8').matchAll(/^\| ([A-Z]\d+) /gm)];
    const codes = new Set(rows.map((match) => match[1]));
    expect([...findCodes(ROOT).keys()].filter((code) => !codes.has(code))).toEqual([]);
  });

  test('has a test for every behaviour, except for those that are to come', () => {
    const shown = findCodes(ROOT);
    const codes = GROUPS.flatMap(({ behaviours }) => Object.keys(behaviours));
    expect(codes.filter((code) => !shown.has(code)).sort()).toEqual(Object.keys(TO_COME).sort());
  });
});

describe('codes of titles', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'jwtverify-titles-'));
    mkdirSync(join(root, 'test/unit'), { recursive: true });
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const titled = (codes: string, title: string): void => {
    writeFileSync(join(root, 'test/unit/a.test.ts'), `test('${codes}: ${title}', () => {});`);
  };

  test('are found at the beginning, one or several', () => {
    titled('A1, B10', 'shows E5 by the way');
    expect(Object.fromEntries(findCodes(root))).toEqual({
      A1: ['test/unit/a.test.ts'],
      B10: ['test/unit/a.test.ts'],
    });
  });

  test('are refused when nothing says what they mean', () => {
    titled('A1', 'works');
    expect(writeSystems(root)).toContain('[unit/a](../test/unit/a.test.ts)');
    titled('Z1', 'works');
    expect(() => writeSystems(root)).toThrow('does not say what Z1 means, which test/unit/a.test.ts shows');
  });
});
