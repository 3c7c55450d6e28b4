// The results as JSON, for machines, and as Markdown, for people. No path of the machine gets in.
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release } from 'node:os';
import { format } from 'prettier';
import { suiteVersions } from '../scripts/suites.mjs';
import { median } from './measure.mjs';
import { peerRoot } from './peer-root.mjs';

const STYLE = { singleQuote: true, printWidth: 120 };

/**
 * @typedef {import('./measure.mjs').Result} Result
 * @typedef {import('./scenarios.mjs').Row & { byRequests: number, byProcessor: number }} Ratio
 */

/** @param {string} program @param {readonly string[]} args */
function firstLine(program, args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0] ?? '';
  } catch (error) {
    // wrk says its version with exit code 1.
    return String(/** @type {any} */ (error).stdout ?? '').split('\n')[0] ?? '';
  }
}

/** What was measured, and on what. @param {readonly import('../scripts/suites.mjs').SuiteName[]} suites */
export function describeMachine(suites) {
  const peer = ['dpkg-query', '-W', '-f', '${Version}', 'libnginx-mod-http-auth-jwt'];
  return {
    processor: `${cpus()[0]?.model}, ${cpus().length} cores`,
    kernel: release().split('-')[0],
    loadBefore: loadavg().map((one) => Math.round(one * 100) / 100),
    commit: firstLine('git', ['describe', '--always', '--dirty']),
    wrk: firstLine('wrk', ['-v']).replace(/ Copyright.*/, ''),
    ...Object.fromEntries(suites.map((suite) => [suite, suiteVersions(suite)])),
    'libnginx-mod-http-auth-jwt': firstLine('chroot', [peerRoot(), ...peer]),
  };
}

/**
 * The ratios, each the median of the rounds' own ratios.
 * @param {readonly import('./scenarios.mjs').Row[]} rows
 * @param {readonly Result[]} results
 * @returns {Ratio[]}
 */
export function ratiosOf(rows, results) {
  const roundsOf = (/** @type {string} */ id) => results.find((result) => result.id === id)?.rounds ?? [];
  return rows.map((row) => {
    const base = roundsOf(row.base);
    const pairs = roundsOf(row.ours).map((ours, round) => ({ ours, base: base[round] ?? ours }));
    return {
      ...row,
      byRequests: median(pairs.map((pair) => pair.ours.rate / pair.base.rate)),
      byProcessor: median(pairs.map((pair) => pair.base.microseconds / pair.ours.microseconds)),
    };
  });
}

/** @param {string[][]} lines the first is the head */
function table(lines) {
  const [head = [], ...rest] = lines;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [head, rule, ...rest].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const whole = (/** @type {number} */ number) => Math.round(number).toLocaleString('en');
const mebibytes = (/** @type {number} */ bytes) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;

/** @param {Ratio[]} ratios */
function ratioTable(ratios) {
  const mark = (/** @type {number} */ value, /** @type {number | undefined} */ least) =>
    `${value.toFixed(2)}${least === undefined ? '' : value >= least ? ' ✓' : ' ✗'}`;
  const lines = ratios.map(({ group, label, atLeast, byRequests, byProcessor }) => [
    `${group}: ${label}`,
    atLeast === undefined ? '' : String(atLeast),
    mark(byRequests, atLeast),
    mark(byProcessor, atLeast),
  ]);
  return table([['', 'at least', 'requests/s', 'processor time'], ...lines]);
}

/** @param {readonly Result[]} results */
function resultTable(results) {
  const lines = results.map(({ group, label, rate, microseconds, busy }) => [
    `${group}: ${label}`,
    whole(rate),
    microseconds.toFixed(1),
    `${Math.round(busy * 100)} %`,
  ]);
  return table([['', 'requests/s', 'µs of processor for a request', 'of its core used'], ...lines]);
}

const MEMORY =
  'First: room for exactly as many tokens as come. Second: ES256 tokens that never come again, in a cache of 10,000 (nginx: ' +
  '16 MB). Third: at full speed, `kid`s that nobody knows, with a good token among fifty, all of which must be allowed.';

/** Growth of memory that counts as none: what an allocator moves about. */
const NO_GROWTH = 1.1;
/** Fewer requests say nothing: caches are still filling. */
const LONG = 100_000;

/**
 * Memory on the way of a long run.
 * @param {import('./memory.mjs').Series} series
 */
function growthCells(series) {
  const at = (/** @type {number} */ part) => series[Math.ceil(series.length * part) - 1]?.resident ?? NaN;
  const growth = at(1) / at(0.3);
  const most = Math.max(...series.map(({ resident }) => resident));
  const isLong = (series.at(-1)?.requests ?? 0) >= LONG;
  const verdict = `${growth.toFixed(2)}${isLong ? (growth <= NO_GROWTH ? ' ✓' : ' ✗') : ''}`;
  return [...[at(0.1), at(0.3), at(1), most].map(mebibytes), verdict];
}

const GROWTH_HEAD = ['after 10 %', 'after 30 %', 'at the end', 'most', 'end / 30 %'];

/** @param {import('./memory.mjs').Filled[]} filled */
function filledTable(filled) {
  const lines = filled.map((one) => [
    one.name,
    whole(one.cacheSize),
    whole(one.tokens),
    whole(one.remembered),
    whole(one.bytesPerToken),
    mebibytes(one.resident),
  ]);
  return table([['', 'room for', 'tokens sent', 'remembered', 'bytes for each', 'whole process'], ...lines]);
}

/** @param {import('./memory.mjs').Long[]} long */
function longTable(long) {
  const lines = long.map(({ name, requests, remembered, series }) => [
    name,
    whole(requests),
    whole(remembered),
    ...growthCells(series),
  ]);
  return table([['', 'requests, every token new', 'remembered at the end', ...GROWTH_HEAD], ...lines]);
}

/** @param {import('./memory.mjs').Strays[]} strays */
function straysTable(strays) {
  const lines = strays.map(({ name, requests, seconds, cooldown, fetches, series }) => {
    const most = Math.ceil(seconds / cooldown);
    const fetched = `${fetches} of ${most} ${fetches <= most ? '✓' : '✗'}`;
    return [name, whole(requests), seconds.toFixed(0), fetched, ...growthCells(series)];
  });
  return table([['', 'requests, every `kid` new', 'seconds', 'fetches, at most', ...GROWTH_HEAD], ...lines]);
}

/** @param {import('./run.mjs').Memory} memory */
function memoryTables({ filled, long, strays }) {
  const parts = [
    ...(filled.length === 0 ? [] : [filledTable(filled)]),
    ...(long.length === 0 ? [] : [longTable(long)]),
    ...(strays.length === 0 ? [] : [straysTable(strays)]),
  ];
  return parts.join('\n\n');
}

/**
 * @param {any} results everything, as run.mjs puts it together
 * @returns {Promise<{ json: string, markdown: string }>}
 */
export async function formatResults(results) {
  const { date, machine, options, ratios, scenarios, memory, failures } = results;
  const { rounds, seconds, connections, tokenBytes } = options;
  const parts = [
    `# Measured on ${date}`,
    `RS256 with a key of 2048 bits, tokens of ${tokenBytes} bytes; one HAProxy thread or one nginx worker on one core, wrk with ` +
      `${connections} connections on the other; rounds of ${seconds} s (${rounds}), in turn, each with a fresh process; medians. ` +
      'Ratios are of requests/s, and of the processor time that the proxy takes for a request, which a noisy machine ' +
      'changes less. `npm run bench` measures it all again.',
    Object.entries(machine)
      .map(([name, value]) => `- ${name}: ${Array.isArray(value) ? value.join(', ') : value}`)
      .join('\n'),
    ...(failures.length === 0
      ? []
      : ['## Failed', failures.map((/** @type {string} */ line) => `- ${line}`).join('\n')]),
    ...(ratios.length === 0 ? [] : ['## Ratios', ratioTable(ratios)]),
    ...(scenarios.length === 0 ? [] : ['## Requests', resultTable(scenarios)]),
    ...(memory === undefined ? [] : ['## Memory', MEMORY, memoryTables(memory)]),
  ];
  return {
    json: await format(JSON.stringify(results), { ...STYLE, parser: 'json' }),
    markdown: await format(parts.join('\n\n'), { ...STYLE, parser: 'markdown' }),
  };
}
