// The table of planted defects stays true: what each changes is there, and the tests that should see it are too.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { countPlaces, readReport } from '../../defects/plant.mjs';
import { DEFECTS } from '../../defects/table.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');
const AREAS = ['core', 'codec', 'keys', 'crypto', 'policy', 'haproxy', 'nginx'];

test('there are 80 planted defects at the least, some in each area, each with a name of its own', () => {
  expect(DEFECTS.length).toBeGreaterThanOrEqual(80);
  expect([...new Set(DEFECTS.map(({ area }) => area))].sort()).toEqual([...AREAS].sort());
  const names = DEFECTS.map(({ area, name }) => `${area}: ${name}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('the text that each planted defect changes is in its file exactly once', () => {
  const places = DEFECTS.map(({ name, file, find }) => [
    name,
    countPlaces(readFileSync(join(ROOT, file), 'utf8'), find),
  ]);
  expect(places.filter(([, count]) => count !== 1)).toEqual([]);
  expect(DEFECTS.filter(({ find, replace }) => find === replace).map(({ name }) => name)).toEqual([]);
});

test('the tests that should see each planted defect are there, and say which', () => {
  const files = DEFECTS.flatMap(({ tests }) => tests.files);
  expect(DEFECTS.filter(({ tests }) => tests.files.length === 0).map(({ name }) => name)).toEqual([]);
  expect([...new Set(files)].filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

/** A report of vitest's with one file. */
const report = (status: string, message: string, ...statuses: readonly string[]): string =>
  JSON.stringify({
    testResults: [
      {
        ...{ name: '/copy/test/a.test.ts', status, message },
        assertionResults: statuses.map((one) => ({
          ...{ status: one, title: 'a test', ancestorTitles: ['a suite'], failureMessages: [] },
        })),
      },
    ],
  });

test('a defect is caught by the first test that failed, and survives tests that passed', () => {
  expect(readReport(report('failed', '', 'passed', 'failed'))).toEqual({ failed: 'a suite > a test', broken: '' });
  expect(readReport(report('passed', '', 'skipped', 'passed'))).toEqual({ failed: '', broken: '' });
});

test('a defect neither is caught nor survives where no test ran, and the report says why', () => {
  const broken = [
    report('passed', '', 'skipped'),
    report('failed', 'Cannot find module b'),
    report('failed', '', 'passed'),
  ];
  expect(broken.map(readReport)).toEqual([
    { failed: '', broken: 'no test has a title that fits its pattern' },
    { failed: '', broken: 'a.test.ts: Cannot find module b' },
    { failed: '', broken: 'a.test.ts: what runs before or after its tests failed' },
  ]);
});
