// What a suite of tests really reported, as two numbers. Whatever was not seen to pass has failed.

/** @typedef {{ readonly passed: number, readonly failed: number, readonly notes: readonly string[] }} Count */

/**
 * Counts a run of Vitest from its JSON report.
 * @param {string} suite its name, for the notes
 * @param {string | undefined} text the report; undefined when none was written
 * @param {number} code the exit code of the run
 * @returns {Count} `notes` name the first failures, so that the end of a log says what to look for
 */
export function countVitest(suite, text, code) {
  const report = parse(text);
  if (report === undefined) {
    return { passed: 0, failed: 1, notes: [`${suite}: wrote no report (exit code ${code})`] };
  }
  let passed = 0;
  let failed = 0;
  /** @type {string[]} */
  const notes = [];
  /** @type {string[]} */
  const again = [];
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') {
        passed += 1;
        // Vitest keeps the messages of a try that failed before another one passed.
        if ((test.failureMessages ?? []).length > 0) {
          again.push(describe(suite, 'passed at a later try', test));
        }
      } else {
        failed += 1;
        notes.push(describeFailure(suite, test));
      }
    }
    // A file that cannot be loaded, or whose hooks fail, may have no failed test of its own.
    const hasFailure = file.assertionResults.some((test) => test.status !== 'passed');
    if (!hasFailure && (file.status !== 'passed' || file.assertionResults.length === 0)) {
      failed += 1;
      notes.push(`${suite}: failed as a whole: ${file.name}`);
    }
  }
  if (passed + failed === 0) {
    return { passed: 0, failed: 1, notes: [`${suite}: ran no test`] };
  }
  if (failed === 0 && code !== 0) {
    return { passed, failed: 1, notes: [`${suite}: every test passed, but the run ended with exit code ${code}`] };
  }
  if (again.length > MOST_LATER_TRIES) {
    failed += 1;
    notes.push(`${suite}: ${again.length} tests needed another try; more than ${MOST_LATER_TRIES} are a failure`);
  }
  if (notes.length > MOST_NOTES) {
    notes.splice(MOST_NOTES, notes.length, `${suite}: and ${notes.length - MOST_NOTES} more`);
  }
  return { passed, failed, notes: [...notes, ...again.slice(0, MOST_NOTES)] };
}

/** A suite's failures that the sum names. */
const MOST_NOTES = 20;

/** A suite's tests that may fail and pass at a later try. */
const MOST_LATER_TRIES = 8;

/** Files that are run once more when a test of them failed: more than these are no accident. */
const MOST_FILES = 3;

/** @param {File} file */
const isFailed = (file) =>
  file.status !== 'passed' ||
  file.assertionResults.length === 0 ||
  file.assertionResults.some((test) => test.status !== 'passed');

/**
 * The files of a run that deserve a run of their own, with servers of their own and nothing beside them.
 * @param {string | undefined} text the report
 * @returns {string[]} empty where none failed, or so many that another run would only take time
 */
export function filesToRepeat(text) {
  const failed = (parse(text)?.testResults ?? []).filter(isFailed);
  return failed.length > MOST_FILES ? [] : failed.map(({ name }) => name);
}

/**
 * A report in which files that were repeated have their later results. What failed before is kept as a message of its test.
 * @param {string} text the report of the whole run
 * @param {string | undefined} repeated the report of the files that were repeated; undefined when none was written
 * @returns {string}
 */
export function mergeReports(text, repeated) {
  const whole = parse(text);
  const later = parse(repeated);
  if (whole === undefined || later === undefined) return text;
  const testResults = whole.testResults.map((file) => {
    const again = later.testResults.find(({ name }) => name === file.name);
    return again === undefined ? file : { ...again, assertionResults: mergeTests(file.assertionResults, again) };
  });
  return JSON.stringify({ ...whole, testResults });
}

/**
 * @param {Test[]} before
 * @param {File} again
 * @returns {Test[]} what was left out of the later run stays as it was
 */
function mergeTests(before, again) {
  const missing = before.filter(({ fullName }) => !again.assertionResults.some((test) => test.fullName === fullName));
  const later = again.assertionResults.map((test) => {
    const { failureMessages = [] } = before.find(({ fullName }) => fullName === test.fullName) ?? {};
    return failureMessages.length === 0 || test.status !== 'passed' ? test : { ...test, failureMessages };
  });
  return [...later, ...missing];
}

/**
 * @param {string} suite
 * @param {Test} test
 */
function describeFailure(suite, test) {
  if (test.status !== 'failed') {
    return `${suite}: ${test.status}, so failed: ${test.fullName}`;
  }
  return describe(suite, 'failed', test);
}

/**
 * @param {string} suite
 * @param {string} what became of it
 * @param {Test} test
 */
function describe(suite, what, test) {
  const message = test.failureMessages?.[0]?.split('\n')[0] ?? 'no message';
  return `${suite}: ${what}: ${test.fullName}: ${message.slice(0, 300)}`;
}

/**
 * @typedef {{ status: string, fullName: string, failureMessages?: string[] }} Test
 * @typedef {{ name: string, status: string, assertionResults: Test[] }} File
 * @param {string | undefined} text
 * @returns {{ testResults: File[] } | undefined}
 */
function parse(text) {
  try {
    const report = JSON.parse(text ?? '');
    return Array.isArray(report?.testResults) ? report : undefined;
  } catch {
    return undefined;
  }
}

const CHECK_LINE = /^check: (\d+) passed, (\d+) failed$/m;

/**
 * Counts a run of `npm run check` from its last line.
 * @param {string} output
 * @param {number} code
 * @returns {Count}
 */
export function countCheck(output, code) {
  const [, passed = '0', failed = '0'] = CHECK_LINE.exec(output) ?? [];
  const reported = Number(passed) + Number(failed) > 0;
  if (!reported || (code !== 0 && failed === '0')) {
    return { passed: Number(passed), failed: 1, notes: [`check: ended with exit code ${code}`] };
  }
  const notes = [...output.matchAll(/^FAILED: (.*)$/gm)].map(([, part]) => `check: failed: ${part}`);
  return { passed: Number(passed), failed: Number(failed), notes };
}
