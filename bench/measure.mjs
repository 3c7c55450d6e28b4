// Runs scenarios in turn, round after round, each time with a fresh server, and takes medians.
import { askAll } from './ask.mjs';
import { measureLoad } from './load.mjs';
import { forge } from './session-cookies.mjs';

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
 * @param {Readonly<Record<import('./scenarios.mjs').Presents, import('./tokens.mjs').Tokens>>} presented
 * @param {{ rounds: number, seconds: number }} options
 * @param {(line: string) => void} say
 * @returns {Promise<{ results: Result[], failures: string[] }>}
 */
export async function measureAll(scenarios, presented, { rounds, seconds }, say) {
  /** @type {Map<string, Measurement[]>} */
  const measured = new Map(scenarios.map(({ id }) => [id, []]));
  const failures = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const scenario of scenarios.filter(({ id }) => measured.has(id))) {
      const { id } = scenario;
      const about = `${round}/${rounds} ${id.padEnd(36)}`;
      try {
        const { rate, microseconds, busy } = await measureOnce(
          scenario,
          presented[scenario.presents ?? 'token'],
          seconds,
        );
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
  const { path, status = 200 } = scenario;
  try {
    if (scenario.verifies) {
      await checkRefusal(server.port, tokens, path);
    }
    const first = tokens.list[0] ?? '';
    const filled = { ...tokens, list: scenario.fill > 0 ? tokens.list.slice(0, scenario.fill) : [first] };
    // What comes again enters the lane.
    if (scenario.id.includes('lane')) await expectStatus(server.port, filled, path, status);
    await expectStatus(server.port, filled, path, status);
    await expectStatus(server.port, { ...tokens, list: Array.from({ length: WARM_UP }, () => first) }, path, status);
    const which = {
      one: { first: 0, count: 1, repeat: true },
      'in turn': { first: 0, count: scenario.fill, repeat: true },
      new: { first: 1, count: tokens.list.length - 1, repeat: false },
      mixed: { first: 1, count: tokens.list.length - 1, repeat: false, share: 50 },
    }[scenario.load];
    return await measureLoad(server, seconds, tokens, which, path, status);
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
async function checkRefusal(port, { list: [one = '', other = ''], field }, path) {
  const statuses = await askAll(port, [forge(one, other)], path, field);
  if (statuses['401'] !== 1 && statuses['403'] !== 1) {
    throw new Error(`a forged token was answered with ${JSON.stringify(statuses)}`);
  }
}

/**
 * @param {number} port
 * @param {import('./tokens.mjs').Tokens} tokens
 * @param {string} path
 * @param {number} status
 */
async function expectStatus(port, { list, field }, path, status) {
  const statuses = await askAll(port, list, path, field);
  if (statuses[status] !== list.length) {
    throw new Error(`not ${status}: ${list.length} tokens were answered with ${JSON.stringify(statuses)}`);
  }
}
