// `node bench/lane-flood.mjs`: good tokens that never come again, and some that come twice, at a gateway with the lane and at
// one without: what each request costs, what the process holds, and whether tokens that do come again stay in the lane.
import { parseArgs } from 'node:util';
import { SUITES } from '../scripts/suites.mjs';
import { askAll } from './ask.mjs';
import { startHaproxy } from './haproxy.mjs';
import { median } from './measure.mjs';
import { say } from './memory.mjs';
import { endAll, processorTime, residentMemory } from './processes.mjs';
import { prepareTokens } from './tokens.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    suite: { type: 'string', multiple: true, default: ['trixie', 'sid'] },
  },
});

/** Tokens that come again, the most in the lane and in the memory, and those of each flood. */
const KNOWN = 500;
const SIZE = 2000;
const FLOOD = 5000;

/** @param {number} port @param {readonly string[]} tokens */
async function ask(port, tokens) {
  const statuses = await askAll(port, tokens);
  if (statuses['200'] !== tokens.length) throw new Error(`a good token was refused: ${JSON.stringify(statuses)}`);
}

/** How many requests came to Lua. @param {number} admin */
async function countInLua(admin) {
  const status = await say(admin, 'show jwtverify\n');
  const counts = [...status.matchAll(/^(?:accepted|refused) [^:]+: (\d+)$/gm)].map(([, number]) => Number(number));
  return counts.reduce((sum, one) => sum + one, 0);
}

/**
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @param {'lane' | 'ours'} kind
 * @param {import('./tokens.mjs').Tokens} tokens
 */
async function flood(suite, kind, { list, publicKey }) {
  const server = await startHaproxy(suite, kind, { publicKey, cacheSize: SIZE });
  const { admin, pid, port } = server;
  /** What a list of tokens costs, in microseconds of processor a request. @param {readonly string[]} some */
  const cost = async (some) => {
    const before = processorTime(pid);
    await ask(port, some);
    return (processorTime(pid) - before) / some.length;
  };
  try {
    const known = list.slice(0, KNOWN);
    for (let time = 0; time < 4; time += 1) await ask(port, known);
    const start = residentMemory(pid);
    const once = await cost(list.slice(KNOWN, KNOWN + FLOOD));
    const onceMemory = residentMemory(pid) - start;
    await ask(port, known);
    const twice = await cost(list.slice(KNOWN + FLOOD, KNOWN + 2 * FLOOD).flatMap((token) => [token, token]));
    const memory = residentMemory(pid) - start;
    const before = await countInLua(admin);
    await ask(port, known);
    const passed = KNOWN - ((await countInLua(admin)) - before);
    const entries = (await say(admin, 'show map /dev/./null\n')).split('\n').filter((line) => line !== '').length;
    return { once, twice, onceMemory, memory, entries: kind === 'lane' ? entries : 0, passed };
  } finally {
    await server.stop();
  }
}

process.once('SIGINT', () => {
  endAll();
  process.exit(130);
});
const tokens = await prepareTokens(KNOWN + 2 * FLOOD, console.log);
for (const suite of SUITES.filter((one) => values.suite.includes(one))) {
  /** @type {Record<'lane' | 'ours', Awaited<ReturnType<typeof flood>>[]>} */
  const measured = { ours: [], lane: [] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const kind of /** @type {const} */ (['ours', 'lane'])) {
      const one = await flood(suite, kind, tokens);
      measured[kind].push(one);
      console.log(suite, kind, JSON.stringify(one));
    }
  }
  for (const kind of /** @type {const} */ (['ours', 'lane'])) {
    /** @param {keyof Awaited<ReturnType<typeof flood>>} what */
    const middle = (what) => Math.round(median(measured[kind].map((one) => one[what])) * 10) / 10;
    console.log(
      `${suite}, ${kind}: ${middle('once')} µs for a token that comes once, ${middle('twice')} for each of two requests, ` +
        `${middle('onceMemory') / 1e6} and ${middle('memory') / 1e6} MB more, ${middle('entries')} entries of ${SIZE}, ` +
        `${middle('passed')} of ${KNOWN} known tokens pass without Lua`,
    );
  }
}
