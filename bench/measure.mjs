// Runs scenarios in turn, round after round, each time with a fresh server, and takes medians.
import { askAll } from './ask.mjs';
import { measureLoad } from './load.mjs';

/** Requests with one token before the clock starts. */
const WARM_UP = 2000;

/**
 * @typedef {import('./load.mjs').Measurement} Measurement
 * @typedef {Measurement & { id: string, group: string, label: string, rounds: Measurement[] }} Result
 */

/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/**
 * Measures each scenario once in every round: A, B, C, A, B, C, so that a busy minute slows all of them alike. One that
 * fails is left out from then on.
 * @param {readonly import('./scenarios.mjs').Scenario[]} scenarios
 * @param {import('./tokens.mjs').Tokens} tokens
 * @param {{ rounds: number, seconds: number }} options
 * @param {(line: string) => void} say
 * @returns {Promise<{ results: Result[], failures: string[] }>}
 */
export async function measureAll(scenarios, tokens, { rounds, seconds }, say) {
  /** @type {Map<string, Measurement[]>} */
  const measured = new Map(scenarios.map(({ id }) => [id, []]));
  const failures = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const scenario of scenarios.filter(({ id }) => measured.has(id))) {
      const { id } = scenario;
      const about = `${round}/${rounds} ${id.padEnd(36)}`;
      try {
        const { rate, microseconds, busy } = await measureOnce(scenario, tokens, seconds);
        measured.get(id)?.push({ rate, microseconds, busy });
        say(`${about} ${Math.round(rate)}/s, ${microseconds.toFixed(1)} µs, ${Math.round(busy * 100)} %`);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        say(`${about} FAILED: ${message}`);
        failures.push(`${id}: ${message.split('\n')[0]}`);
        measured.delete(id);
      }
    }
  }
  const results = scenarios.flatMap(({ id, group, label }) => {
    const all = measured.get(id);
    const middle = (/** @type {keyof Measurement} */ what) => median((all ?? []).map((one) => one[what]));
    const medians = { rate: middle('rate'), microseconds: middle('microseconds'), busy: middle('busy') };
    return all === undefined ? [] : [{ id, group, label, ...medians, rounds: all }];
  });
  return { results, failures };
}

/**
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {import('./tokens.mjs').Tokens} tokens
 * @param {number} seconds
 */
async function measureOnce(scenario, tokens, seconds) {
  const server = await scenario.start(tokens.publicKey);
  const { path } = scenario;
  try {
    if (scenario.verifies) {
      await checkRefusal(server.port, tokens, path);
    }
    const first = tokens.list[0] ?? '';
    await expectAllowed(server.port, scenario.fill > 0 ? tokens.list.slice(0, scenario.fill) : [first], path);
    await expectAllowed(
      server.port,
      Array.from({ length: WARM_UP }, () => first),
      path,
    );
    const which = {
      one: { first: 0, count: 1, repeat: true },
      'in turn': { first: 0, count: scenario.fill, repeat: true },
      new: { first: 1, count: tokens.list.length - 1, repeat: false },
    }[scenario.load];
    return await measureLoad(server, seconds, tokens, which, path);
  } finally {
    await server.stop();
  }
}

/**
 * INVARIANT: nothing is measured that lets a forged token through.
 * @param {number} port
 * @param {import('./tokens.mjs').Tokens} tokens
 * @param {string} path
 */
async function checkRefusal(port, { list }, path) {
  const [header, payload] = (list[0] ?? '').split('.');
  const signature = (list[1] ?? '').split('.')[2];
  const statuses = await askAll(port, [`${header}.${payload}.${signature}`], path);
  if (statuses['401'] !== 1 && statuses['403'] !== 1) {
    throw new Error(`a forged token was answered with ${JSON.stringify(statuses)}`);
  }
}

/**
 * @param {number} port
 * @param {readonly string[]} tokens
 * @param {string} path
 */
async function expectAllowed(port, tokens, path) {
  const statuses = await askAll(port, tokens, path);
  if (statuses['200'] !== tokens.length) {
    throw new Error(`${tokens.length} good tokens were answered with ${JSON.stringify(statuses)}`);
  }
}
