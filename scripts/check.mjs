// `npm run check`: format, lint and types, without running anything. One line for each part, then their sum.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Checks types without writing code. What it keeps makes the next run quick.
 * @param {string} folder
 */
const types = (folder) => [
  'node_modules/typescript/bin/tsc',
  ...['-p', folder, '--noEmit', '--incremental'],
  ...['--tsBuildInfoFile', `.cache/check/${folder.replaceAll(/\W/g, '-')}.tsbuildinfo`],
];

const FORMAT = ['--check', '.', '--cache', '--cache-strategy', 'content', '--cache-location', '.cache/check/format'];

/** Each part with the script that answers it. The slowest begin first. */
const PARTS = [
  ['lint', 'node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'],
  ['types of test/, bench/ and scripts/', ...types('.')],
  ['types of src/, with no host in sight', ...types('src')],
  ['types of haproxy/', ...types('haproxy')],
  ['types of nginx/', ...types('nginx')],
  ['types of test/engine/lua/', ...types('test/engine/lua')],
  ['types of bench/lua/', ...types('bench/lua')],
  ['format', 'node_modules/prettier/bin/prettier.cjs', ...FORMAT],
  ['generated documents', 'scripts/docs.mjs', '--check'],
  ['architecture', 'scripts/architecture.mjs'],
  ['generated arithmetic', 'scripts/field-arithmetic.mjs', '--check'],
];

/**
 * Runs one part and says how it went.
 * @param {string} name
 * @param {string} script
 * @param {readonly string[]} parameters
 * @returns {Promise<boolean>} whether it passed
 */
async function runPart(name, script, parameters) {
  const child = spawn(process.execPath, [`${ROOT}${script}`, ...parameters], { cwd: ROOT });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const code = await new Promise((done) => child.on('close', done));
  console.log(`${code === 0 ? 'passed' : 'FAILED'}: ${name}`);
  if (code !== 0) {
    console.log(output.trim().replaceAll(/^/gm, '  '));
  }
  return code === 0;
}

const waiting = [...PARTS];
let passed = 0;

async function work() {
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const [name = '', script = '', ...parameters] = part;
    if (await runPart(name, script, parameters)) {
      passed += 1;
    }
  }
}

await Promise.all([work(), work()]);
const failed = PARTS.length - passed;
console.log(`check: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
