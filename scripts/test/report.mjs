// What a suite of tests really reported, as two numbers. Whatever was not seen to pass has failed.

/** @typedef {{ readonly passed: number, readonly failed: number, readonly notes: readonly string[] }} Count */

/**
 * Counts a run of Vitest from its JSON report.
 * @param {string} suite its name, for the notes
 * @param {string | undefined} text the report; undefined when none was written
 * @param {number} code the exit code of the run
 * @returns {Count} `notes` name what failed without being a failed test
 */
export function countVitest(suite, text, code) {
  const report = parse(text);
  if (report === undefined) {
    return { passed: 0, failed: 1, notes: [`${suite}: wrote no report (exit code ${code})`] };
  }
  let passed = 0;
  let failed = 0;
  const notes = [];
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') {
        passed += 1;
      } else {
        failed += 1;
        if (test.status !== 'failed') {
          notes.push(`${suite}: ${test.status}, so failed: ${test.fullName}`);
        }
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
  return { passed, failed, notes };
}

/**
 * @typedef {{ status: string, fullName: string }} Test
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
  return { passed: Number(passed), failed: Number(failed), notes: [] };
}
