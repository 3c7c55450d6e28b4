// A copy of the sources in which a defect is planted, the tests run, and the defect taken out again.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const LEFT_OUT = ['.git', '.cache', 'dist', 'node_modules'];

/** Makes the copy. INVARIANT: nothing is ever planted in the working tree. @returns {string} its directory */
export function copySources() {
  const copy = mkdtempSync(join(tmpdir(), 'jwtverify-defects-'));
  for (const name of readdirSync(ROOT)) {
    if (!LEFT_OUT.includes(name)) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  // A defect may leave a name without a use, which would not compile.
  for (const name of ['tsconfig.json', 'haproxy/tsconfig.json']) {
    const config = readFileSync(join(copy, name), 'utf8');
    writeFileSync(join(copy, name), config.replaceAll(/("noUnused\w+": )true/g, '$1false'));
  }
  return copy;
}

/** @param {string} copy */
export function removeSources(copy) {
  rmSync(copy, { recursive: true, force: true });
}

/**
 * Where a defect's text is.
 * @param {string} source
 * @param {string} find
 */
export function countPlaces(source, find) {
  return source.split(find).length - 1;
}

/**
 * Plants a defect in the copy.
 * @param {string} copy
 * @param {import('./define.mjs').Defect} defect
 * @returns {() => void} what takes it out again
 */
export function plant(copy, defect) {
  const path = join(copy, defect.file);
  const source = readFileSync(path, 'utf8');
  const places = countPlaces(source, defect.find);
  if (places !== 1) throw new Error(`${defect.name}: its text occurs ${places} times in ${defect.file}`);
  writeFileSync(path, source.split(defect.find).join(defect.replace));
  return () => {
    writeFileSync(path, source);
  };
}

/**
 * @typedef {object} Seen
 * @property {string} failed the title of the first test that failed; empty when none did
 * @property {string} broken why the tests say nothing, though none failed; empty when they do
 */

/**
 * Runs tests in the copy until the first fails.
 * @param {string} copy
 * @param {import('./define.mjs').Defect['tests']} tests
 * @returns {Promise<Seen>}
 */
export async function runTests(copy, tests) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const filter = tests.title === undefined ? [] : ['-t', tests.title];
  const child = spawn(
    process.execPath,
    [
      ...[
        'node_modules/vitest/vitest.mjs',
        'run',
        ...tests.projects.flatMap((one) => ['--project', one]),
        '--bail',
        '1',
        '--reporter',
        'json',
      ],
      ...['--outputFile', report, ...filter, ...tests.files],
    ],
    { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const end = () => child.kill();
  process.once('exit', end);
  await new Promise((done) => child.on('close', done));
  process.off('exit', end);
  const seen = existsSync(report)
    ? readReport(readFileSync(report, 'utf8'))
    : { failed: '', broken: 'there is no report' };
  return seen.broken === ''
    ? seen
    : { ...seen, broken: `${seen.broken}\n${output.trim().split('\n').slice(-12).join('\n')}` };
}

/**
 * What vitest's report says.
 * @param {string} report
 * @returns {Seen}
 */
export function readReport(report) {
  const results = JSON.parse(report).testResults;
  let passed = 0;
  for (const { assertionResults } of results) {
    for (const { status, title, ancestorTitles, failureMessages } of assertionResults) {
      if (status === 'failed') {
        // A machine that is busy can be slow without any defect.
        const isLate = failureMessages.some((/** @type {string} */ one) => one.includes('timed out'));
        const name = [...ancestorTitles, title].filter((one) => one !== '').join(' > ');
        return { failed: name + (isLate ? ' (its time ran out)' : ''), broken: '' };
      }
      if (status === 'passed') passed += 1;
    }
  }
  const unread = results.find((/** @type {{ status: string }} */ { status }) => status !== 'passed');
  if (unread !== undefined) {
    const why =
      unread.message === undefined || unread.message === ''
        ? 'what runs before or after its tests failed'
        : unread.message;
    return { failed: '', broken: `${basename(unread.name)}: ${why}` };
  }
  return { failed: '', broken: passed === 0 ? 'no test has a title that fits its pattern' : '' };
}
