// The sum that `npm test` ends with counts as passed only what a suite reported as passed.
import { describe, expect, test } from 'vitest';
import { countCheck, countVitest, filesToRepeat, mergeReports } from '../../scripts/test/report.mjs';

interface Entry {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[];
}

const PASSED: Entry = { status: 'passed', fullName: 'a' };
const FAILED: Entry = {
  status: 'failed',
  fullName: 'b',
  failureMessages: ['AssertionError: 1 is not 2\n    at line 3'],
};

function report(...files: readonly { status: string; tests: readonly Entry[] }[]): string {
  return JSON.stringify({
    testResults: files.map(({ status, tests }) => ({ name: 'some.test.ts', status, assertionResults: tests })),
  });
}

describe('a run of Vitest', () => {
  test('counts each test as reported', () => {
    const text = report({ status: 'passed', tests: [PASSED, PASSED] }, { status: 'failed', tests: [PASSED, FAILED] });
    expect(countVitest('unit', text, 1)).toMatchObject({ passed: 3, failed: 1 });
  });

  test('names a failed test and the first line of its message', () => {
    const { notes } = countVitest('unit', report({ status: 'failed', tests: [PASSED, FAILED] }), 1);
    expect(notes).toEqual(['unit: failed: b: AssertionError: 1 is not 2']);
  });

  test('names the first twenty failures and counts the rest', () => {
    const { failed, notes } = countVitest('unit', report({ status: 'failed', tests: Array(25).fill(FAILED) }), 1);
    expect(failed).toBe(25);
    expect(notes).toHaveLength(21);
    expect(notes[20]).toBe('unit: and 5 more');
  });

  test('passes when every test did', () => {
    expect(countVitest('unit', report({ status: 'passed', tests: [PASSED] }), 0)).toEqual({
      passed: 1,
      failed: 0,
      notes: [],
    });
  });

  const AGAIN: Entry = { ...FAILED, status: 'passed', fullName: 'c' };

  test('names a test that passed only at a later try, with what it said before', () => {
    const count = countVitest('unit', report({ status: 'passed', tests: [PASSED, AGAIN] }), 0);
    expect(count).toEqual({
      passed: 2,
      failed: 0,
      notes: ['unit: passed at a later try: c: AssertionError: 1 is not 2'],
    });
  });

  test('fails when more than eight tests needed another try', () => {
    const tests = (again: number): string => report({ status: 'passed', tests: Array(again).fill(AGAIN) });
    expect(countVitest('unit', tests(8), 0)).toMatchObject({ passed: 8, failed: 0 });
    expect(countVitest('unit', tests(9), 0)).toMatchObject({ passed: 9, failed: 1 });
    expect(countVitest('unit', tests(9), 0).notes).toHaveLength(10);
  });

  test.each(['skipped', 'pending', 'todo', 'disabled'])('counts a %s test as failed and names it', (status) => {
    const text = report({ status: 'passed', tests: [PASSED, { status, fullName: 'left out' }] });
    const count = countVitest('unit', text, 0);
    expect(count).toMatchObject({ passed: 1, failed: 1 });
    expect(count.notes.join('\n')).toContain('left out');
  });

  test('counts a file that could not be loaded as failed and names it', () => {
    const count = countVitest(
      'unit',
      report({ status: 'passed', tests: [PASSED] }, { status: 'failed', tests: [] }),
      1,
    );
    expect(count).toMatchObject({ passed: 1, failed: 1 });
    expect(count.notes.join('\n')).toContain('some.test.ts');
  });

  test('counts a file whose hooks failed after its tests had passed as failed', () => {
    expect(countVitest('unit', report({ status: 'failed', tests: [PASSED] }), 1)).toMatchObject({
      passed: 1,
      failed: 1,
    });
  });

  test.each([
    ['no report', undefined],
    ['half a report', '{"testResults": ['],
    ['another report', '{}'],
    ['no test', report()],
  ])('counts a run that wrote %s as failed, whatever its exit code', (_what, text) => {
    expect(countVitest('unit', text, 0)).toMatchObject({ passed: 0, failed: 1 });
    expect(countVitest('unit', text, 1)).toMatchObject({ passed: 0, failed: 1 });
  });

  test('counts an exit code that no test explains as failed', () => {
    expect(countVitest('unit', report({ status: 'passed', tests: [PASSED] }), 1)).toMatchObject({
      passed: 1,
      failed: 1,
    });
  });
});

describe('a file in which a test failed', () => {
  const file = (name: string, ...tests: readonly Entry[]): object => ({
    name,
    status: tests.some(({ status }) => status !== 'passed') ? 'failed' : 'passed',
    assertionResults: tests,
  });
  const run = (...testResults: readonly object[]): string => JSON.stringify({ testResults });
  const GOOD = { ...FAILED, status: 'passed', failureMessages: [] };
  const whole = run(file('/x', PASSED), file('/y', PASSED, FAILED));

  test('is repeated, with at most two others', () => {
    expect(filesToRepeat(whole)).toEqual(['/y']);
    expect(filesToRepeat(run(file('/x', PASSED)))).toEqual([]);
    expect(filesToRepeat(run(...['/1', '/2', '/3'].map((name) => file(name, FAILED))))).toEqual(['/1', '/2', '/3']);
    expect(filesToRepeat(run(...['/1', '/2', '/3', '/4'].map((name) => file(name, FAILED))))).toEqual([]);
    expect(filesToRepeat(undefined)).toEqual([]);
  });

  test('is repeated when it could not be loaded, or has no test', () => {
    expect(filesToRepeat(run({ name: '/z', status: 'failed', assertionResults: [PASSED] }))).toEqual(['/z']);
    expect(filesToRepeat(run(file('/z')))).toEqual(['/z']);
  });

  test('counts as passed when it passes then, and is named with what it said before', () => {
    const merged = mergeReports(whole, run(file('/y', PASSED, GOOD)));
    expect(countVitest('unit', merged, 0)).toEqual({
      passed: 3,
      failed: 0,
      notes: ['unit: passed at a later try: b: AssertionError: 1 is not 2'],
    });
  });

  test('counts as failed when it fails again, is not run again, or is left out', () => {
    expect(countVitest('unit', mergeReports(whole, run(file('/y', PASSED, FAILED))), 1)).toMatchObject({ failed: 1 });
    expect(countVitest('unit', mergeReports(whole, run(file('/y', PASSED))), 0)).toMatchObject({
      passed: 2,
      failed: 1,
    });
    for (const repeated of [undefined, '{', run(), run(file('/x', PASSED))]) {
      expect(countVitest('unit', mergeReports(whole, repeated), 0)).toMatchObject({ passed: 2, failed: 1 });
    }
  });
});

describe('a run of the check', () => {
  test('counts its parts', () => {
    expect(countCheck('passed: lint\ncheck: 6 passed, 0 failed\n', 0)).toEqual({ passed: 6, failed: 0, notes: [] });
    expect(countCheck('FAILED: lint\ncheck: 5 passed, 1 failed\n', 1)).toEqual({
      passed: 5,
      failed: 1,
      notes: ['check: failed: lint'],
    });
  });

  test('counts as failed when it said nothing or its exit code says otherwise', () => {
    expect(countCheck('passed: lint\n', 0)).toMatchObject({ failed: 1 });
    expect(countCheck('', 137)).toMatchObject({ passed: 0, failed: 1 });
    expect(countCheck('check: 6 passed, 0 failed\n', 1)).toMatchObject({ failed: 1 });
  });
});
