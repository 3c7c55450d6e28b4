// `npm run check`: format, lint and types, without running anything. One line for each part, then their sum.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Each part with the module of node_modules that answers it. The slowest begin first. */
const PARTS = [
  ['lint', 'eslint/bin/eslint.js', '--max-warnings=0', '.'],
  ['types of test/ and scripts/', 'typescript/bin/tsc', '-p', '.', '--noEmit'],
  ['types of src/, with no host in sight', 'typescript/bin/tsc', '-p', 'src', '--noEmit'],
  ['types of haproxy/', 'typescript/bin/tsc', '-p', 'haproxy', '--noEmit'],
  ['types of nginx/', 'typescript/bin/tsc', '-p', 'nginx', '--noEmit'],
  ['format', 'prettier/bin/prettier.cjs', '--check', '.'],
];

/**
 * Runs one part and says how it went.
 * @param {string} name
 * @param {string} module
 * @param {readonly string[]} parameters
 * @returns {Promise<boolean>} whether it passed
 */
async function runPart(name, module, parameters) {
  const child = spawn(process.execPath, [`${ROOT}node_modules/${module}`, ...parameters], { cwd: ROOT });
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
    const [name = '', module = '', ...parameters] = part;
    if (await runPart(name, module, parameters)) {
      passed += 1;
    }
  }
}

await Promise.all([work(), work()]);
const failed = PARTS.length - passed;
console.log(`check: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
