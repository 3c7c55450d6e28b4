// `npm run bench`: how fast the proxies are with jwtverify, against what they do without it and with others' code.
// Builds, then measures what is in dist/. Needs root, two cores and a quiet machine. Nothing of this runs in CI: what is
// timed there says nothing.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findProgram, installOnHost, prepareSuites, SUITES, CACHE } from '../scripts/suites.mjs';
import { drawChart } from './chart.mjs';
import { CONNECTIONS } from './load.mjs';
import { measureAll } from './measure.mjs';
import { HOSTS, measureFilled, measureLong } from './memory.mjs';
import { preparePeerRoot } from './peer-root.mjs';
import { endAll } from './processes.mjs';
import { describeMachine, formatResults, ratiosOf } from './report.mjs';
import { haproxyScenarios, nginxPeerScenarios, nginxScenarios } from './scenarios.mjs';
import { prepareTokens } from './tokens.mjs';

const HELP = `npm run bench -- [options]
  --quick            2 rounds of 1 s, HAProxy of sid alone, short memory runs
  --suite NAME       HAProxy of this suite alone, may be repeated (${SUITES.join(', ')})
  --only WORDS       only scenarios whose name has these words, may be repeated; "memory": nothing but memory
  --rounds N         5
  --seconds N        of one measurement: 3
  --tokens N         different tokens: 100000
  --requests N       of the long memory run: 1000000; 0: no memory is measured
  --ahead            before whatever else the machine has to do, for a machine that is not quiet
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
    ahead: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 2 : 5));
const seconds = Number(values.seconds ?? (quick ? 1 : 3));
const tokenCount = Number(values.tokens ?? (quick ? 40_000 : 100_000));
const requests = Number(values.requests ?? (quick ? 100_000 : 1_000_000));
const suites = SUITES.filter((suite) => (values.suite ?? (quick ? ['sid'] : SUITES)).includes(suite));
const whole = !quick && values.only === undefined && suites.length === SUITES.length;

const say = (/** @type {string} */ line) => console.log(line);
const wanted = (/** @type {string} */ name) =>
  values.only === undefined || values.only.some((word) => name.includes(word));

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

/** @param {import('./tokens.mjs').Tokens} tokens */
async function measureMemory(tokens) {
  const filled = [];
  const long = [];
  for (const host of requests > 0 && wanted('memory') ? HOSTS : []) {
    say(`memory of ${host.name}`);
    filled.push(await measureFilled(host, tokens));
    long.push(await measureLong(host, tokens, requests));
  }
  return filled.length === 0 ? undefined : { filled, long };
}

async function run() {
  const date = new Date().toISOString().slice(0, 10);
  const tokens = await prepare();
  if (values.ahead) {
    goAhead();
  }
  const machine = describeMachine(SUITES);
  const parts = [
    ...suites.map((suite) => haproxyScenarios(suite, tokenCount)),
    { scenarios: nginxPeerScenarios(), rows: [] },
    .../** @type {const} */ (['njs', 'qjs']).map((engine) => nginxScenarios(engine, tokenCount)),
  ];
  const chosen = parts.flatMap((part) => part.scenarios).filter(({ id }) => wanted(id));
  const { results: scenarios, failures } = await measureAll(chosen, tokens, { rounds, seconds }, say);
  const measured = new Set(scenarios.map(({ id }) => id));
  const rows = parts.flatMap((part) => part.rows).filter(({ ours, base }) => measured.has(ours) && measured.has(base));
  const memory = await measureMemory(tokens);
  const options = { rounds, seconds, connections: CONNECTIONS, tokens: tokenCount, tokenBytes: tokens.bytes };
  const ratios = ratiosOf(rows, scenarios);
  const { json, markdown } = await formatResults({ date, machine, options, ratios, scenarios, memory, failures });
  const directory = values.out ?? join(ROOT, whole ? 'bench/results' : '.cache/bench');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${date}.json`), json);
  writeFileSync(join(directory, `${date}.md`), markdown);
  if (scenarios.length > 0) {
    writeFileSync(join(directory, 'chart.svg'), drawChart(scenarios, `requests a second on one core, ${date}`));
  }
  say(`\n${markdown}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    endAll();
    process.exit(130);
  });
}
if (values.help) {
  say(HELP);
} else {
  await run().catch((error) => {
    endAll();
    console.error(error.message);
    process.exitCode = 1;
  });
}
