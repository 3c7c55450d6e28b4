// What a remembered token takes, whether the bound holds, and whether memory grows under tokens that are always new.
import { connect } from 'node:net';
import { askAll } from './ask.mjs';
import { startHaproxy } from './haproxy.mjs';
import { startNginx } from './nginx.mjs';
import { residentMemory } from './processes.mjs';

const FIRST = 1000;
const DEFAULT_CACHE = 10_000;
const ZONE = '16m';

/**
 * @typedef {{ name: string, cacheSize: number, tokens: number, remembered: number, bytesPerToken: number,
 *   resident: number }} Filled bytes; `resident` is all that the process has in use
 * @typedef {{ name: string, requests: number, remembered: number, series: { requests: number, resident: number }[] }} Long
 * @typedef {{ pid: number, port: number, stop: () => Promise<void>, count: () => Promise<number> }} Counted
 * @typedef {{ name: string, start: (publicKey: string, cacheSize: number, zone: string) => Promise<Counted> }} Host
 */

/** @type {readonly Host[]} */
export const HOSTS = [
  {
    name: 'haproxy sid',
    async start(publicKey, cacheSize) {
      const server = await startHaproxy('sid', 'ours', { publicKey, cacheSize });
      return {
        ...server,
        count: async () => Number(/cache: (\d+) of/.exec(await say(server.admin, 'show jwtverify\n'))?.[1]),
      };
    },
  },
  .../** @type {const} */ (['njs', 'qjs']).map((engine) => ({
    name: `nginx ${engine === 'njs' ? 'njs' : 'QuickJS'}`,
    /** @type {Host['start']} */
    async start(publicKey, cacheSize, zone) {
      const server = await startNginx('ours auth_request', engine, { publicKey, cacheSize, zone });
      const count = async () => Number(await (await fetch(`http://127.0.0.1:${server.port}/_count`)).text());
      return { ...server, count };
    },
  })),
];

/**
 * Sends a line to a port and reads what comes back.
 * @param {number} port
 * @param {string} line
 * @returns {Promise<string>}
 */
function say(port, line) {
  return new Promise((done, fail) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(line));
    socket.setEncoding('utf8').on('data', (text) => (answer += text));
    socket.on('error', fail);
    socket.on('close', () => done(answer));
  });
}

/**
 * Has every token remembered, in a cache with room for exactly that many.
 * @param {Host} host
 * @param {import('./tokens.mjs').Tokens} tokens
 * @returns {Promise<Filled>}
 */
export async function measureFilled({ name, start }, { publicKey, list }) {
  const server = await start(publicKey, list.length, '512m');
  try {
    await askAll(server.port, list.slice(0, FIRST));
    const before = { resident: residentMemory(server.pid), count: await server.count() };
    await askAll(server.port, list.slice(FIRST));
    const resident = residentMemory(server.pid);
    const remembered = await server.count();
    const bytesPerToken = (resident - before.resident) / (remembered - before.count);
    return { name, cacheSize: list.length, tokens: list.length, remembered, bytesPerToken, resident };
  } finally {
    await server.stop();
  }
}

/**
 * Asks with tokens that are never remembered when they come: there are far more of them than the cache holds, and the
 * oldest make room.
 * @param {Host} host
 * @param {import('./tokens.mjs').Tokens} tokens
 * @param {number} requests
 * @returns {Promise<Long>}
 */
export async function measureLong({ name, start }, { publicKey, list }, requests) {
  const server = await start(publicKey, DEFAULT_CACHE, ZONE);
  try {
    const series = [];
    const step = Math.min(list.length, Math.ceil(requests / 20));
    for (let made = 0; made < requests; made += step) {
      const from = made % list.length;
      await askAll(server.port, list.slice(from, from + step));
      series.push({ requests: made + step, resident: residentMemory(server.pid) });
    }
    return { name, requests: series.at(-1)?.requests ?? 0, remembered: await server.count(), series };
  } finally {
    await server.stop();
  }
}
