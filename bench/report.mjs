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

/** @param {{ filled: import('./memory.mjs').Filled[], long: import('./memory.mjs').Long[] }} memory */
function memoryTables({ filled, long }) {
  const first = filled.map((one) => [
    one.name,
    whole(one.cacheSize),
    whole(one.tokens),
    whole(one.remembered),
    whole(one.bytesPerToken),
    mebibytes(one.resident),
  ]);
  const second = long.map(({ name, requests, remembered, series }) => {
    const at = (/** @type {number} */ part) => series[Math.floor((series.length - 1) * part)]?.resident ?? NaN;
    const most = Math.max(...series.map(({ resident }) => resident));
    return [name, whole(requests), whole(remembered), ...[at(0.1), at(0.5), at(1), most].map(mebibytes)];
  });
  const head = ['', 'room for', 'tokens sent', 'remembered', 'bytes for each', 'whole process'];
  const longHead = [
    '',
    'requests, every token new',
    'remembered at the end',
    'after 10 %',
    'after 50 %',
    'at the end',
    'most',
  ];
  return `${table([head, ...first])}\n\n${table([longHead, ...second])}`;
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
    ...(scenarios.length === 0 ? [] : ['## Ratios', ratioTable(ratios), '## Requests', resultTable(scenarios)]),
    ...(memory === undefined ? [] : ['## Memory', memoryTables(memory)]),
  ];
  return {
    json: await format(JSON.stringify(results), { ...STYLE, parser: 'json' }),
    markdown: await format(parts.join('\n\n'), { ...STYLE, parser: 'markdown' }),
  };
}
