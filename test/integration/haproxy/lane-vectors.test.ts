// Every vector with the lane on: the answer when the token is new, when the action recalls it and when the lane has it is one.
import { expect, test } from 'vitest';
import { cliLine, runCli } from '../helpers/haproxy-cli';
import { failHaproxy, SHOW, shown, startHaproxy, VARIABLES, type HaproxyOptions } from '../helpers/haproxy-server';
import { ACTION } from '../helpers/lane';
import { freePort } from '../helpers/suite';
import { FAKETIME, headersOf, WIRE_GROUPS, type WireGroup } from '../helpers/vectors';

/** The lines are the same in all versions that have a lane. */
const SUITE = 'sid';
const CLAIMS = Object.keys(VARIABLES)
  .filter((name) => name.startsWith('claim-'))
  .map((name) => name.slice('claim-'.length));
const WANTED = {
  OAUTH_LANE_SIZE: '1000',
  OAUTH_CLAIM_VARIABLES: CLAIMS.join(' '),
  // What the action says is asked for here, not what a check makes of it.
  OAUTH_CHECKED_ELSEWHERE: 'api',
};
/** The lane's own settings, or what there is no lane with. */
const OTHERS = /^OAUTH_(?:POLICY|TOKEN_FROM|CLAIM_VARIABLES|CACHE_SIZE|DENY_PATH)$/;

const GROUPS = WIRE_GROUPS.filter(
  ({ broken, environment }) => !broken && !Object.keys(environment).some((name) => OTHERS.test(name)),
);

function optionsFor({ environment, files }: WireGroup, rules: readonly string[]): HaproxyOptions {
  return { env: { ...environment, ...WANTED }, files, faketime: FAKETIME, rules: [...rules, ...SHOW] };
}

/** They depend on the claims alone. */
async function printLines(): Promise<readonly string[]> {
  const [group] = GROUPS;
  if (group === undefined) return [];
  const { output } = await failHaproxy(SUITE, optionsFor(group, ['http-request lua.jwtverify']));
  const lines = output.split('\n').filter((line) => line.startsWith('  http-request '));
  return [...lines.slice(0, -1), ACTION];
}

/** Asks with each vector of a group again and again; how many of its tokens are in the lane then. */
async function askGroup(group: WireGroup, lines: readonly string[]): Promise<number> {
  const port = await freePort();
  const options = optionsFor(group, lines);
  const env = { ...options.env, OAUTH_LANE_SOCKETS: `ipv4@127.0.0.1:${String(port)}` };
  const haproxy = await startHaproxy(SUITE, { ...options, env, global: [cliLine(port)] });
  try {
    for (const vector of group.vectors) {
      const headers = headersOf(vector);
      const first = shown(await haproxy.ask({ headers }));
      for (let time = 2; time <= 4; time += 1)
        expect([vector.id, time, shown(await haproxy.ask({ headers }))]).toEqual([vector.id, time, first]);
    }
    expect(haproxy.leaks()).toEqual([]);
    return (await runCli(port, 'show map /dev/./null')).split('\n').filter((line) => line !== '').length;
  } finally {
    await haproxy.stop();
  }
}

test('a vector is answered alike whether its token is new, remembered or in the lane', async () => {
  const lines = await printLines();
  const waiting = [...GROUPS];
  let count = 0;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) count += await askGroup(group, lines);
    }),
  );
  expect(GROUPS.length).toBeGreaterThan(20);
  expect(count).toBeGreaterThan(20);
}, 180_000);
