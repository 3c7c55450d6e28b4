// `npm test`: everything, from nothing. Sets up what is missing, builds, checks, runs every suite of tests, and ends with
// the line `N passed, N failed`: the sum of what the suites really reported.
// `npm test -- unit` runs that suite alone; a word that names no suite is handed to Vitest as a part of a file's name.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cancelPreparation, findProgram, prepareSuites, suiteVersions, SUITES } from './suites.mjs';
import { missingDockerPackages, withDocker } from './test/docker.mjs';
import { countCheck, countVitest, filesToRepeat, mergeReports } from './test/report.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = join(ROOT, '.cache/test');

/**
 * The suites in the order they run, and what they need of the machine. Vitest may wait for a worker that never begins: one that
 * has not ended after these minutes, on a machine three times slower than most, is ended, and where that leaves the time for
 * it, run once more. Tests of proxies wait for them half of their time, so three files of these run at once on two cores.
 */
const ALL = [
  { name: 'check', debian: false, docker: false, minutes: 15, tries: 1 },
  { name: 'unit', debian: false, docker: false, minutes: 12, tries: 2 },
  { name: 'engine', debian: true, docker: false, minutes: 15, tries: 2 },
  { name: 'integration', debian: true, docker: false, workers: 3, minutes: 65, tries: 1 },
  { name: 'stock', debian: true, docker: false, workers: 3, minutes: 20, tries: 1 },
  { name: 'compose', debian: true, docker: true, minutes: 20, tries: 1 },
];

const words = process.argv.slice(2);
const named = ALL.filter(({ name }) => words.includes(name));
const chosen = named.length === 0 ? ALL : named;
const filters = words.filter((word) => !ALL.some(({ name }) => name === word));

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let interrupted = false;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    interrupted = true;
    cancelPreparation();
    for (const child of running) {
      // Ctrl-C has reached it already; a suite cleans up once it has.
      if (signal !== 'SIGINT') {
        child.kill('SIGINT');
      }
      setTimeout(() => child.kill('SIGKILL'), 20_000).unref();
    }
  });
}

const say = (/** @type {string} */ line) => console.log(line);

/** Minutes for a command that is no suite. */
const LONGEST = 45;

/**
 * Runs a command with its output shown; resolves to the exit code and, where it is kept, the output.
 * @param {readonly string[]} command
 * @param {{ show?: (text: string) => string, minutes?: number }} [options] what of the output is shown; when it is ended
 * @returns {Promise<{ code: number, output: string, isLate: boolean }>}
 */
async function run(command, { show, minutes = LONGEST } = {}) {
  if (interrupted) {
    throw new Error('interrupted');
  }
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd: ROOT,
    stdio: ['ignore', show === undefined ? 'inherit' : 'pipe', 'inherit'],
  });
  running.add(child);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (output += text));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, minutes * 60_000);
  const code = await new Promise((done) => {
    child.on('error', () => done(127));
    child.on('close', (status) => done(status ?? 128));
  });
  clearTimeout(timer);
  running.delete(child);
  if (interrupted) {
    throw new Error('interrupted');
  }
  if (show !== undefined) {
    process.stdout.write(show(output));
  }
  return { code, output, isLate };
}

/** What this run needs and cannot get by itself, in the operator's words; empty when it can. */
async function findObstacles() {
  if (process.getuid?.() === 0) {
    return [];
  }
  const packages = [];
  const rootParts = [];
  if (chosen.some(({ debian }) => debian) && SUITES.some((suite) => suiteVersions(suite) === undefined)) {
    packages.push(...(findProgram('debootstrap') === undefined ? ['debootstrap', 'debian-archive-keyring'] : []));
  }
  if (chosen.some(({ docker }) => docker)) {
    packages.push(...(await missingDockerPackages()));
  }
  for (const { name, debian } of chosen) {
    if (debian) {
      rootParts.push(name);
    }
  }
  return rootParts.length === 0
    ? []
    : [
        `These need root, since they run proxies in Debian root file systems (debootstrap, chroot): ${rootParts.join(', ')}.`,
        ...(packages.length === 0
          ? []
          : [`As root, run: apt-get install --no-install-recommends ${packages.join(' ')}`]),
        'Then, as root, run: npm test',
        'Without root, this runs what needs none: npm test -- check unit',
      ];
}

/** Installs what package-lock.json names, where node_modules is not what it names. */
async function installModules() {
  const lock = statSync(join(ROOT, 'package-lock.json'));
  const installed = statSync(join(ROOT, 'node_modules/.package-lock.json'), { throwIfNoEntry: false });
  if (installed !== undefined && installed.mtimeMs >= lock.mtimeMs) {
    return;
  }
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    say('npm: installing the packages of package-lock.json');
    const { code } = await run(['npm', 'ci', '--no-audit', '--no-fund'], { show: () => '' });
    if (code === 0) {
      return;
    }
  }
  throw new Error('`npm ci` failed three times');
}

/** @param {typeof ALL[number]} suite */
async function runCheck({ minutes }) {
  // The sum is said once, at the end.
  const show = (/** @type {string} */ text) => text.replace(/^check: .*\n/m, '');
  const { code, output } = await run([process.execPath, 'scripts/check.mjs'], { show, minutes });
  return countCheck(output, code);
}

/**
 * The command that runs a suite.
 * @param {string} name
 * @param {string} report the file that its results are written to
 * @param {readonly string[]} more
 */
const vitest = (name, report, more) => [
  ...[process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--project', name],
  ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...more],
];

/** @param {typeof ALL[number]} suite @returns {Promise<import('./test/report.mjs').Count>} */
async function runSuite(suite) {
  const { name, debian, workers, minutes } = suite;
  say(`\n== ${name}`);
  if (name === 'check') return await runCheck(suite);
  const file = join(OUTPUT, `${name}.json`);
  // Tens of thousands of requests to real proxies on a loaded machine: one that fails once is named, and tried once more.
  const command = vitest(name, file, [
    ...(workers === undefined ? [] : [`--maxWorkers=${workers}`]),
    ...(debian ? ['--retry=1'] : []),
    ...filters,
  ]);
  /** @type {string[]} */
  const late = [];
  for (;;) {
    rmSync(file, { force: true });
    const { code, isLate } = await run(command, { minutes });
    if (isLate) late.push(`${name}: had not ended after ${minutes} minutes`);
    if (isLate && late.length < suite.tries) continue;
    const text = readReport(file);
    const files = debian ? filesToRepeat(text) : [];
    const result = files.length === 0 || text === undefined ? { text, code } : await repeat(suite, text, files);
    const count = countVitest(name, result.text, result.code);
    return { ...count, notes: [...late, ...count.notes] };
  }
}

/** @param {string} file @returns {string | undefined} */
function readReport(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Runs the files in which tests failed twice once more, one after the other: what fails then too has failed.
 * @param {typeof ALL[number]} suite
 * @param {string} text the report of the whole run
 * @param {readonly string[]} files
 */
async function repeat({ name, minutes }, text, files) {
  say(`\n== ${name}, once more: ${files.map((file) => relative(ROOT, file)).join(', ')}`);
  const report = join(OUTPUT, `${name}-repeated.json`);
  rmSync(report, { force: true });
  const { code } = await run(vitest(name, report, ['--no-file-parallelism', ...files]), { minutes });
  return { text: mergeReports(text, readReport(report)), code };
}

/** @type {{ name: string, passed: number, failed: number, seconds: number }[]} */
const results = [];
/** @type {string[]} */
const notes = [];

/**
 * Runs one suite or one step of the set-up, and takes down what came of it. An error is a failure of its own.
 * @param {string} name
 * @param {() => Promise<import('./test/report.mjs').Count>} work
 */
async function record(name, work) {
  const start = Date.now();
  /** @type {import('./test/report.mjs').Count} */
  let count;
  try {
    count = await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    count = { passed: 0, failed: 1, notes: [message] };
  }
  results.push({ name, passed: count.passed, failed: count.failed, seconds: Math.round((Date.now() - start) / 1000) });
  notes.push(...count.notes);
  return count.failed === 0;
}

/** @param {() => Promise<unknown>} work */
const step = (work) => async () => {
  await work();
  return { passed: 0, failed: 0, notes: [] };
};

async function runEverything() {
  if (!(await record('npm packages', step(installModules)))) {
    return;
  }
  // Made while what needs no suite runs.
  const suites = chosen.some(({ debian }) => debian) ? prepareSuites(SUITES, say) : Promise.resolve();
  suites.catch(() => undefined);
  await record(
    'build',
    step(async () => {
      if ((await run([process.execPath, 'scripts/build.mjs'])).code !== 0) {
        throw new Error('`npm run build` failed');
      }
    }),
  );
  for (const suite of chosen) {
    if (interrupted) {
      return;
    }
    await record(suite.name, async () => {
      if (suite.debian) {
        await suites;
      }
      const work = () => runSuite(suite);
      return suite.docker ? await withDocker(join(OUTPUT, 'dockerd.log'), say, work) : await work();
    });
  }
}

// Where the system's programs are, which a plain user's PATH often lacks.
process.env['PATH'] = [process.env['PATH'], '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter);
mkdirSync(OUTPUT, { recursive: true });

const obstacles = await findObstacles();
if (obstacles.length > 0) {
  notes.push(...obstacles);
  results.push({ name: 'set-up', passed: 0, failed: 1, seconds: 0 });
} else {
  await runEverything();
}

let passed = 0;
let failed = 0;
say('\n== sum');
for (const result of results) {
  passed += result.passed;
  failed += result.failed;
  const tests = result.passed + result.failed === 0 ? 'done' : `${result.passed} of ${result.passed + result.failed}`;
  say(`${result.name.padEnd(14)} ${tests.padStart(14)} ${`${result.seconds} s`.padStart(8)}`);
}
// One cause can fail several suites.
for (const note of new Set(notes)) {
  say(note);
}
if (interrupted) {
  say('interrupted');
  failed += 1;
} else if (passed === 0 && failed === 0) {
  failed = 1;
}
say(`${passed} passed, ${failed} failed`);
process.exitCode = interrupted ? 130 : failed === 0 ? 0 : 1;
