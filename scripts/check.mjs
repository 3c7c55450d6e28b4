// `npm run check`: format, lint and types, without running anything. One line for each part, then their sum.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const TSC = 'node_modules/typescript/bin/tsc';

/** Each part with the script that answers it. The slowest begin first. */
const PARTS = [
  ['lint', 'node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'],
  ['types of test/, bench/ and scripts/', TSC, '-p', '.', '--noEmit'],
  ['types of src/, with no host in sight', TSC, '-p', 'src', '--noEmit'],
  ['types of haproxy/', TSC, '-p', 'haproxy', '--noEmit'],
  ['types of nginx/', TSC, '-p', 'nginx', '--noEmit'],
  ['types of test/engine/lua/', TSC, '-p', 'test/engine/lua', '--noEmit'],
  ['types of bench/lua/', TSC, '-p', 'bench/lua', '--noEmit'],
  ['format', 'node_modules/prettier/bin/prettier.cjs', '--check', '.'],
  ['generated documents', 'scripts/docs.mjs', '--check'],
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
