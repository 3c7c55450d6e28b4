// `npm run bench`: how fast the proxies are with jwtverify, against what they do without it and with others' code.
// Builds, then measures what is in dist/. Needs root, two cores and a quiet machine. Nothing of this runs in CI: what is
// timed there says nothing.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findProgram, installOnHost, prepareSuites, suiteVersions, SUITES, CACHE } from '../scripts/suites.mjs';
import { drawChart } from './chart.mjs';
import { CONNECTIONS } from './load.mjs';
import { measureAll } from './measure.mjs';
import { measureFilled, measureLong, measureStrays, memoryHosts } from './memory.mjs';
import { preparePeerRoot } from './peer-root.mjs';
import { policyParts } from './policy.mjs';
import { endAll } from './processes.mjs';
import { describeMachine, formatResults, ratiosOf } from './report.mjs';
import { besideEachOther, haproxyScenarios, nginxPeerScenarios, nginxScenarios, otherBuildPart } from './scenarios.mjs';
import { prepareSessions } from './session-cookies.mjs';
import { COOKIE_SECRET, loginParts } from './sessions.mjs';
import { threadParts } from './threads.mjs';
import { prepareTokens } from './tokens.mjs';

const HELP = `npm run bench -- [options]
  --quick            2 rounds of 1 s, HAProxy of sid alone, short memory runs
  --suite NAME       HAProxy of this suite alone, may be repeated (${SUITES.join(', ')})
  --only WORDS       only what has these words in its name, may be repeated: haproxy, nginx, memory, policy, login, "haproxy sid: seen"
  --rounds N         5
  --seconds N        of one measurement: 3
  --tokens N         different tokens: 100000
  --requests N       of the long memory run: 1000000; 0: no memory is measured
  --minutes N        of names of keys that nobody knows: 1
  --ahead            before whatever else the machine has to do, for a machine that is not quiet
  --before DIRECTORY another build (as dist/ is) to compare with: its scenarios run in turn with ours
  --out DIRECTORY    for the results; a whole run's go into bench/results, any other's into .cache/bench
`;

const SESSION = '/proc/self/autogroup';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    suite: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    tokens: { type: 'string' },
    requests: { type: 'string' },
    minutes: { type: 'string' },
    ahead: { type: 'boolean', default: false },
    before: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const { quick } = values;
const rounds = count('rounds', quick ? 2 : 5, 1);
const seconds = count('seconds', quick ? 1 : 3, 1);
const tokenCount = count('tokens', quick ? 40_000 : 100_000, 100);
const requests = count('requests', quick ? 100_000 : 1_000_000, 0);
const minutes = count('minutes', quick ? 0.2 : 1, 0);
for (const suite of values.suite ?? []) {
  if (!SUITES.some((one) => one === suite)) {
    leave(`--suite ${suite}: there are ${SUITES.join(', ')}`);
  }
}
const suites = SUITES.filter((suite) => (values.suite ?? (quick ? ['sid'] : SUITES)).includes(suite));
const whole =
  !quick && values.only === undefined && values.before === undefined && suites.length === SUITES.length && requests > 0;

const say = (/** @type {string} */ line) => console.log(line);
const wanted = (/** @type {string} */ name) =>
  values.only === undefined || values.only.some((word) => name.includes(word));

/**
 * @param {'rounds' | 'seconds' | 'tokens' | 'requests' | 'minutes'} name
 * @param {number} otherwise
 * @param {number} least
 * @returns {number}
 */
function count(name, otherwise, least) {
  const number = Number(values[name] ?? otherwise);
  return number >= least && number < 1e9 ? number : leave(`--${name} ${values[name]}: a number of at least ${least}`);
}

/** @param {string} message @returns {never} */
function leave(message) {
  console.error(`${message}\n\n${HELP}`);
  process.exit(2);
}

async function prepare() {
  if (process.getuid?.() !== 0 || cpus().length < 2) {
    throw new Error('needs root, since the proxies run in Debian root file systems, and two cores');
  }
  await prepareSuites(SUITES, () => undefined);
  if (findProgram('wrk') === undefined) {
    await installOnHost(['wrk'], join(CACHE, 'host.log'));
  }
  await preparePeerRoot(say);
  return prepareTokens(tokenCount, say);
}

/** Puts this program and all it starts before others. Linux weighs whole sessions, where it groups them. */
function goAhead() {
  setPriority(-15);
  if (existsSync(SESSION)) {
    writeFileSync(SESSION, '-15');
    process.on('exit', () => writeFileSync(SESSION, '0'));
  }
}

/**
 * @typedef {{ filled: import('./memory.mjs').Filled[], long: import('./memory.mjs').Long[],
 *   strays: import('./memory.mjs').Strays[] }} Memory
 * @param {import('./tokens.mjs').Tokens} tokens
 * @param {string[]} failures what failed is put here
 * @returns {Promise<Memory | undefined>}
 */
async function measureMemory(tokens, failures) {
  /** @type {Memory} */
  const memory = { filled: [], long: [], strays: [] };
  const hosts = memoryHosts(suites).filter(({ name }) => requests > 0 && wanted(`memory of ${name}`));
  for (const host of hosts) {
    const about = `memory of ${host.name}`;
    try {
      say(`${about}: ${tokens.list.length} tokens`);
      memory.filled.push(await measureFilled(host, tokens));
      say(`${about}: ${requests} requests`);
      memory.long.push(await measureLong(host, requests));
      if (minutes > 0) {
        say(`${about}: ${minutes} min of strays`);
        memory.strays.push(await measureStrays(host, 60 * minutes));
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      say(`${about} FAILED: ${message}`);
      failures.push(`${about}: ${message.split('\n')[0]}`);
    }
  }
  return hosts.length === 0 ? undefined : memory;
}

/** The day, and what was measured, as a file's name. */
function nameResults() {
  const versions = suiteVersions('sid') ?? '';
  const [, haproxy = 'none'] = /haproxy ([\d.]+)/.exec(versions) ?? [];
  const [, nginx = 'none'] = /nginx ([\d.]+)/.exec(versions) ?? [];
  return `${new Date().toISOString().slice(0, 10)}-haproxy-${haproxy}-nginx-${nginx}`;
}

async function run() {
  const date = new Date().toISOString().slice(0, 10);
  const tokens = await prepare();
  if (values.ahead) {
    goAhead();
  }
  const machine = describeMachine(SUITES);
  const own = [
    ...suites.map((suite) => haproxyScenarios(suite, tokenCount)),
    ...threadParts(suites),
    { scenarios: nginxPeerScenarios(), rows: [] },
    .../** @type {const} */ (['njs', 'qjs']).map((engine) => nginxScenarios(engine, tokenCount)),
    ...policyParts(suites),
    ...loginParts(suites),
  ];
  const parts = values.before === undefined ? own : [...own, otherBuildPart(own, values.before)];
  const presented = prepareSessions(tokens, COOKIE_SECRET);
  const chosen = besideEachOther(parts.flatMap((part) => part.scenarios).filter(({ id }) => wanted(id)));
  const { results: scenarios, failures } = await measureAll(chosen, presented, { rounds, seconds }, say);
  const measured = new Set(scenarios.map(({ id }) => id));
  const rows = parts.flatMap((part) => part.rows).filter(({ ours, base }) => measured.has(ours) && measured.has(base));
  const memory = await measureMemory(tokens, failures);
  const options = { rounds, seconds, connections: CONNECTIONS, tokens: tokenCount, tokenBytes: tokens.bytes };
  const ratios = ratiosOf(rows, scenarios);
  const { json, markdown } = await formatResults({ date, machine, options, ratios, scenarios, memory, failures });
  const directory = values.out ?? join(ROOT, whole ? 'bench/results' : '.cache/bench');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${nameResults()}.json`), json);
  writeFileSync(join(directory, `${nameResults()}.md`), markdown);
  if (scenarios.length > 0) {
    writeFileSync(join(directory, 'chart.svg'), drawChart(scenarios, `requests a second on one core, ${date}`));
  }
  say(`\n${markdown}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

process.on('exit', endAll);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => process.exit(130));
}
if (values.help) {
  say(HELP);
} else {
  await run().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
