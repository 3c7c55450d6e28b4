// `npm run bench:flood`: what clients with verified tokens notice while others send forged ones. Two wrk ask at a steady rate:
// one with tokens that are remembered, the other with tokens of the right shape and a signature of random bytes, each
// different. `--ahead`: before whatever else the machine has to do. The first is measured with and without the second, in turn. Writes bench/results/flood.{json,md}.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { prepareSuites, SUITES, suitePath, suiteVersions } from '../scripts/suites.mjs';
import { askAll } from './ask.mjs';
import { median } from './measure.mjs';
import { CLIENT_CORE, endAll, freePort, startServer } from './processes.mjs';
import { AUDIENCE, ISSUER, prepareTokens } from './tokens.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '4' },
    ahead: { type: 'boolean', default: false },
    suite: { type: 'string', multiple: true, default: [...SUITES] },
    out: { type: 'string', default: fileURLToPath(new URL('results', import.meta.url)) },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const suites = SUITES.filter((suite) => values.suite.includes(suite));

/** Requests a second that each pool would make if answers took no time, and its connections. */
const VERIFIED = { rate: 8000, connections: 8 };
const FORGED = { rate: 1000, connections: 16 };
const REMEMBERED = 500;

/** What checks signatures. Lua finds no module where its paths are empty. */
const HIDDEN = ['env', 'LUA_PATH=', 'LUA_CPATH='];
const BACKENDS = [
  { name: 'plain TypeScript', command: HIDDEN, lines: '', said: 'checked by plain TypeScript' },
  { name: 'luaossl', command: [], lines: '', said: 'checked by luaossl' },
  {
    name: "HAProxy's `jwt_verify`",
    command: HIDDEN,
    lines: `setenv OAUTH_NATIVE_KEYS DIRECTORY/pubkey.pem
  set-var proc.oauth_native str(),jwt_verify(RS256,DIRECTORY/pubkey.pem)`,
    said: "checked by HAProxy's jwt_verify",
  },
];

/** @param {string} suite @param {string} lines */
const configuration = (suite, lines) => `
global
  log stdout format raw local0
  nbthread 1
  ${suite === 'sid' ? 'tune.lua.bool-sample-conversion normal' : ''}
  lua-load-per-thread DIRECTORY/jwtverify.lua
  setenv OAUTH_ISSUER ${ISSUER}
  setenv OAUTH_AUDIENCE ${AUDIENCE}
  setenv OAUTH_PUBKEY_PATH DIRECTORY/pubkey.pem
  ${lines}
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend bench
  bind 127.0.0.1:PORT
  http-request lua.jwtenforce
  http-request deny deny_status 503 unless { var(txn.authorized) -m bool }
  http-request return status 200
`;

const SCRIPT = fileURLToPath(new URL('flood.lua', import.meta.url));

/**
 * One wrk at a steady rate.
 * @param {number} port
 * @param {'verified' | 'forged'} kind
 * @param {{ rate: number, connections: number }} load
 * @param {number} duration seconds
 * @param {string} file with tokens
 * @returns {Promise<string>} what it said
 */
function ask(port, kind, { rate, connections }, duration, file) {
  const pause = Math.round((connections * 1000) / rate);
  const options = ['-t1', `-c${connections}`, `-d${duration}s`, '--latency', '-s', SCRIPT];
  const words = ['-c', CLIENT_CORE, 'wrk', ...options, `http://127.0.0.1:${port}/`, '--', kind, file, `${pause}`];
  // What is measured must not wait for what disturbs.
  const before = kind === 'verified' ? [] : values.ahead ? ['chrt', '--rr', '1'] : ['nice', '-n', '15'];
  const [program = '', ...parameters] = [...before, 'taskset', ...words, `${REMEMBERED}`];
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => (code === 0 ? done(output) : fail(new Error(output))));
  });
}

/** @param {string} text @param {RegExp} pattern */
const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);

/** A time as wrk writes it, in milliseconds. @param {string} text @param {number} percent */
function latency(text, percent) {
  const [, value, unit = ''] = new RegExp(`^ +${percent}%\\s+([\\d.]+)(us|ms|s)$`, 'm').exec(text) ?? [];
  return Number(value) * /** @type {Record<string, number>} */ ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? NaN);
}

/** @param {string} text what wrk said of the verified clients */
function read(text) {
  if (number(text, /Non-2xx or 3xx responses: (\d+)/) > 0 || text.includes('Socket errors')) {
    throw new Error(`a verified client was refused:\n${text}`);
  }
  return { p50: latency(text, 50), p99: latency(text, 99), rate: number(text, /Requests\/sec: +([\d.]+)/) };
}

/** @param {import('../scripts/suites.mjs').SuiteName} suite @param {BACKENDS[number]} backend */
async function measure(suite, backend, /** @type {import('./tokens.mjs').Tokens} */ tokens) {
  const port = await freePort();
  const files = {
    'haproxy.cfg': configuration(suite, backend.lines).replaceAll('PORT', String(port)),
    'pubkey.pem': tokens.publicKey,
    'jwtverify.lua': readFileSync(new URL('../dist/haproxy/jwtverify.lua', import.meta.url), 'utf8'),
  };
  const command = [...backend.command, 'haproxy', '-db', '-f', 'DIRECTORY/haproxy.cfg'];
  const server = await startServer(suitePath(suite), files, command, { port, worker: false });
  try {
    if (!server.output().includes(backend.said)) throw new Error(`not ${backend.said}: ${server.output()}`);
    // The budget for new tokens lets so many in each second.
    for (let next = 0; next < REMEMBERED; next += 20) {
      while ((await askAll(port, tokens.list.slice(next, next + 20)))['200'] !== 20) {
        await new Promise((done) => setTimeout(done, 200));
      }
    }
    await ask(port, 'verified', VERIFIED, 1, tokens.file);
    const measured = [];
    for (let round = 0; round < rounds; round += 1) {
      const alone = read(await ask(port, 'verified', VERIFIED, seconds, tokens.file));
      const flood = ask(port, 'forged', FORGED, seconds + 1, tokens.file);
      await new Promise((done) => setTimeout(done, 500));
      const flooded = read(await ask(port, 'verified', VERIFIED, seconds, tokens.file));
      const said = await flood;
      const refused = { 401: number(said, /^401: (\d+)/m), 503: number(said, /^503: (\d+)/m) };
      if (/^200: [1-9]/m.test(said)) throw new Error(`a forged token passed:\n${said}`);
      measured.push({ alone, flooded, refused });
    }
    return measured;
  } finally {
    await server.stop();
  }
}

/** Puts this program and all it starts before whatever the machine does otherwise, for what the machine's load would hide. */
function goAhead() {
  execFileSync('chrt', ['--rr', '--pid', '5', `${process.pid}`]);
}

process.on('SIGINT', () => {
  endAll();
  process.exit(130);
});
if (values.ahead) goAhead();
await prepareSuites(suites, () => undefined);
const tokens = await prepareTokens(20_000, console.log);
/** @type {{ suite: string, backend: string, p99: number, p99Flooded: number, ratio: number, rounds: object[] }[]} */
const results = [];
for (const suite of suites) {
  for (const backend of BACKENDS) {
    // HAProxy 2.6.12 does not start with its own `jwt_verify` where luaossl is missing.
    if (suite === 'bookworm' && backend.lines !== '') continue;
    const measured = await measure(suite, backend, tokens);
    const middle = (/** @type {(one: typeof measured[number]) => number} */ of) => median(measured.map(of));
    const result = {
      suite,
      backend: backend.name,
      p50: middle(({ alone }) => alone.p50),
      p50Flooded: middle(({ flooded }) => flooded.p50),
      p99: middle(({ alone }) => alone.p99),
      p99Flooded: middle(({ flooded }) => flooded.p99),
      ratio: middle(({ alone, flooded }) => flooded.p99 / alone.p99),
      forged: { 401: middle(({ refused }) => refused[401]), 503: middle(({ refused }) => refused[503]) },
      rounds: measured,
    };
    results.push(result);
    console.log(
      `${suite} ${backend.name}: p99 ${result.p99} ms, flooded ${result.p99Flooded} ms, ${result.ratio.toFixed(2)} times`,
    );
  }
}

const milliseconds = (/** @type {number} */ value) => value.toFixed(2);
const rows = results.map((/** @type {any} */ one) =>
  [
    suiteVersions(one.suite)?.split(',')[0],
    one.backend,
    `${milliseconds(one.p50)} / ${milliseconds(one.p50Flooded)}`,
    `${milliseconds(one.p99)} / ${milliseconds(one.p99Flooded)}`,
    one.ratio.toFixed(2),
    `${one.forged[401]} / ${one.forged[503]}`,
  ].join(' | '),
);
const text = `# Verified clients under a flood of forged tokens

Measured by \`npm run bench:flood\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0]?.model ?? ''}, ${cpus().length} cores.
One thread of HAProxy on one core; on the other two wrk, one with ${VERIFIED.connections} connections and
${REMEMBERED} remembered tokens in turn, up to a millisecond between answer and next request, one with ${FORGED.connections} connections and about
${FORGED.rate} forged RS256 tokens a second, all different. Medians of ${rounds} rounds of ${seconds} s, each without the flood and then with it. No verified client was refused, no forged token passed.

| | checked by | p50 without / with, ms | p99 without / with, ms | p99, times | forged: 401 / 503 |
| --- | --- | --: | --: | --: | --: |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
writeFileSync(`${values.out}/flood.md`, await format(text, { parser: 'markdown', printWidth: 120 }));
writeFileSync(
  `${values.out}/flood.json`,
  `${JSON.stringify({ date: new Date().toISOString(), processor: cpus()[0]?.model, results }, null, 2)}\n`,
);
