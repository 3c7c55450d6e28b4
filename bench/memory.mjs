// What a remembered token takes, whether the bound holds, and whether memory grows under tokens, or names of keys, that
// are always new.
import { connect } from 'node:net';
import { askAll } from './ask.mjs';
import { startHaproxy } from './haproxy.mjs';
import { startKeyServer } from './key-server.mjs';
import { ecdsaSigner, hmacSigner, makeNewTokens } from './new-tokens.mjs';
import { startNginx } from './nginx.mjs';
import { residentMemory } from './processes.mjs';
import { AUDIENCE, ISSUER } from './tokens.mjs';

const FIRST = 1000;
const DEFAULT_CACHE = 10_000;
const ZONE = '16m';
const ABOUT = { iss: ISSUER, aud: AUDIENCE };
/** Seconds between two fetches for an unknown `kid`. */
const COOLDOWN = 5;
/** Tokens with a `kid` that nobody knows, for each one that is good. */
const STRAYS = 49;

/**
 * @typedef {{ name: string, cacheSize: number, tokens: number, remembered: number, bytesPerToken: number,
 *   resident: number }} Filled bytes; `resident` is all that the process has in use
 * @typedef {{ requests: number, resident: number }[]} Series
 * @typedef {{ name: string, requests: number, remembered: number, series: Series }} Long
 * @typedef {{ name: string, requests: number, seconds: number, cooldown: number, fetches: number, series: Series }} Strays
 * @typedef {{ pid: number, port: number, stop: () => Promise<void>, count: () => Promise<number> }} Counted
 * @typedef {{ publicKey: string, cacheSize: number, zone: string, keysUrl?: string, cooldown?: number }} Options
 * @typedef {{ name: string, start: (options: Options) => Promise<Counted> }} Host
 */

/**
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @returns {Host}
 */
function haproxyHost(suite) {
  return {
    name: `haproxy ${suite}`,
    async start(options) {
      const server = await startHaproxy(suite, 'ours', options);
      const count = async () => Number(/cache: (\d+) of/.exec(await say(server.admin, 'show jwtverify\n'))?.[1]);
      return { ...server, count };
    },
  };
}

/**
 * @param {'njs' | 'qjs'} engine
 * @returns {Host}
 */
function nginxHost(engine) {
  return {
    name: `nginx ${engine === 'njs' ? 'njs' : 'QuickJS'}`,
    async start(options) {
      const server = await startNginx('ours auth_request', engine, options);
      const count = async () => Number(await (await fetch(`http://127.0.0.1:${server.port}/_count`)).text());
      return { ...server, count };
    },
  };
}

/**
 * Everything whose memory is measured.
 * @param {readonly import('../scripts/suites.mjs').SuiteName[]} suites of HAProxy
 * @returns {readonly Host[]}
 */
export function memoryHosts(suites) {
  return [...suites.map(haproxyHost), nginxHost('njs'), nginxHost('qjs')];
}

/**
 * Sends a line to a port and reads what comes back.
 * @param {number} port
 * @param {string} line
 * @returns {Promise<string>}
 */
export function say(port, line) {
  return new Promise((done, fail) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(line));
    socket.setEncoding('utf8').on('data', (text) => (answer += text));
    socket.on('error', fail);
    socket.on('close', () => done(answer));
  });
}

/**
 * @param {number} port
 * @param {readonly string[]} tokens
 * @param {number} [strays] how many of them must be refused
 */
async function ask(port, tokens, strays = 0) {
  const statuses = await askAll(port, tokens);
  const { 200: good = 0, 401: unauthorized = 0, 403: denied = 0 } = statuses;
  if (good !== tokens.length - strays || unauthorized + denied !== strays) {
    throw new Error(`${tokens.length} tokens, ${strays} to be refused, were answered with ${JSON.stringify(statuses)}`);
  }
}

/**
 * Has every token remembered, in a cache with room for exactly that many.
 * @param {Host} host
 * @param {import('./tokens.mjs').Tokens} tokens
 * @returns {Promise<Filled>}
 */
export async function measureFilled({ name, start }, { publicKey, list }) {
  const server = await start({ publicKey, cacheSize: list.length, zone: '512m' });
  const first = Math.min(FIRST, Math.ceil(list.length / 2));
  try {
    await ask(server.port, list.slice(0, first));
    const before = { resident: residentMemory(server.pid), count: await server.count() };
    await ask(server.port, list.slice(first));
    const resident = residentMemory(server.pid);
    const remembered = await server.count();
    const bytesPerToken = (resident - before.resident) / (remembered - before.count);
    return { name, cacheSize: list.length, tokens: list.length, remembered, bytesPerToken, resident };
  } finally {
    await server.stop();
  }
}

/**
 * Asks with tokens none of which ever comes again; the oldest make room.
 * @param {Host} host
 * @param {number} requests
 * @returns {Promise<Long>}
 */
export async function measureLong({ name, start }, requests) {
  const signer = ecdsaSigner();
  const server = await start({ publicKey: signer.publicKey, cacheSize: DEFAULT_CACHE, zone: ZONE });
  try {
    const series = [];
    const step = Math.max(1, Math.ceil(requests / 50));
    for (let made = 0; made < requests; made += step) {
      await ask(server.port, makeNewTokens(signer, made, step, ABOUT));
      series.push({ requests: made + step, resident: residentMemory(server.pid) });
    }
    return { name, requests: series.at(-1)?.requests ?? 0, remembered: await server.count(), series };
  } finally {
    await server.stop();
  }
}

/**
 * Asks as fast as it goes with tokens whose `kid` nobody knows, and with good ones in between.
 * @param {Host} host
 * @param {number} seconds
 * @returns {Promise<Strays>}
 */
export async function measureStrays({ name, start }, seconds) {
  const signer = ecdsaSigner();
  const keys = await startKeyServer({ keys: [{ ...signer.jwk, kid: 'good', use: 'sig' }] });
  const options = { publicKey: signer.publicKey, cacheSize: DEFAULT_CACHE, zone: ZONE };
  const server = await start({ ...options, keysUrl: keys.url, cooldown: COOLDOWN });
  // Never verified, so it does not matter what signs them.
  const forger = { ...hmacSigner('nobody knows it'), algorithm: 'ES256' };
  const good = () => ({ kid: 'good' });
  try {
    // The first keys are there, and may be fetched again.
    await ask(server.port, makeNewTokens(signer, 0, 1, { ...ABOUT, header: good }));
    await new Promise((done) => setTimeout(done, 1000 * COOLDOWN));
    const before = keys.count();
    const series = [];
    const step = 5000;
    const began = Date.now();
    // Always the same ones: new ones would fill the cache, and be taken for what strays leave behind.
    const known = makeNewTokens(signer, 0, Math.ceil(step / STRAYS), { ...ABOUT, header: good });
    let made = 0;
    for (; Date.now() < began + 1000 * seconds; made += step) {
      const strays = makeNewTokens(forger, made, step, { ...ABOUT, header: (kid) => ({ kid: `stray-${kid}` }) });
      const tokens = strays.flatMap((token, place) =>
        place % STRAYS === 0 ? [known[place / STRAYS], token] : [token],
      );
      await ask(server.port, /** @type {string[]} */ (tokens), strays.length);
      series.push({ requests: made + step, resident: residentMemory(server.pid) });
    }
    const took = (Date.now() - began) / 1000;
    return { name, requests: made, seconds: took, cooldown: COOLDOWN, fetches: keys.count() - before, series };
  } finally {
    await server.stop();
    keys.stop();
  }
}
