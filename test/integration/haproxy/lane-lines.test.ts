// HAProxy starts with the lane's lines only where they are whole, in their order, directly above the action, and those of the
// present settings: no other lines ever let a request pass.
import { describe, expect, test } from 'vitest';
import { checkHaproxy } from '../helpers/haproxy-server';
import { ACTION, failLane, printLane, startLane, type LaneOptions } from '../helpers/lane';
import { SUITES } from '../helpers/suite';

/** Nothing of this asks for keys. */
const OPTIONS: LaneOptions = { keys: 'http://127.0.0.1:9/jwks' };
const LANES = SUITES.filter((suite) => suite !== 'bookworm');
const BROKEN = 'the lines of the lane are not as jwtverify prints them for these settings';

type Edit = (lines: readonly string[]) => readonly string[];

const remove =
  (word: string): Edit =>
  (lines) =>
    lines.filter((line) => !line.includes(word));
const replace =
  (from: string, to: string): Edit =>
  (lines) =>
    lines.map((line) => line.replace(from, to));
const insert =
  (place: number, line: string): Edit =>
  (lines) => [...lines.slice(0, place), line, ...lines.slice(place)];

/** What somebody may make of the lines, and what HAProxy says. */
const EDITS: readonly (readonly [what: string, edit: Edit, says: string])[] = [
  ['no line that looks at the time', remove('set-var(txn.jwtlane) '), BROKEN],
  ['no line that reads the generation', remove('map_str_int'), BROKEN],
  ['no line that sets a claim', remove('set-var(txn.oauth.sub)'), BROKEN],
  ['no line that takes back an earlier answer', remove('unset-var(txn.authorized)'), BROKEN],
  ['no line that takes back an earlier time', remove('unset-var(txn.jwtlane_time)'), BROKEN],
  ['no entry of the deny list looked up', remove('param(d7,'), BROKEN],
  ['a first half', (lines) => [...lines.slice(0, 30), ACTION], BROKEN],
  ['a second half', (lines) => lines.slice(-8), BROKEN],
  ['the last line first', (lines) => [...lines.slice(-2, -1), ...lines.slice(0, -2), ...lines.slice(-1)], BROKEN],
  [
    'two lines in the place of each other',
    (lines) => [...lines.slice(1, 2), ...lines.slice(0, 1), ...lines.slice(2)],
    BROKEN,
  ],
  ['a longer time', replace('5:300', '5:3000'), BROKEN],
  ['two Authorization fields', replace('{ req.fhdr_cnt(authorization) 1 } ', ''), BROKEN],
  ['a name from the environment', replace('5:300', '"${RANGE}"'), BROKEN],
  ['a line between them', insert(25, 'http-request set-header x-a b'), BROKEN],
  ['a line between them and the action', (lines) => insert(lines.length - 1, 'http-request set-path /')(lines), BROKEN],
  ['no condition behind the action', replace(ACTION, 'http-request lua.jwtverify'), BROKEN],
  ['another condition behind the action', replace(ACTION, `${ACTION} or { path /open }`), BROKEN],
  ['no action', (lines) => lines.slice(0, -1), BROKEN],
  ['an entry of their own', insert(0, 'http-request set-var(txn.jwtlane_entry) str(1)'), BROKEN],
  ['an entry written to their map', insert(0, 'http-request set-map(/dev/./null) %[path] 1'), BROKEN],
  [
    'a variable set above them',
    insert(0, 'http-request set-var(txn.authorized) bool(true)'),
    'sets a variable of jwtverify',
  ],
  [
    'what its states tell each other written by a rule',
    insert(0, 'http-request set-map(/dev/././null) %[path] 1'),
    BROKEN,
  ],
  ['a variable of theirs in quotes', insert(0, 'http-request set-var(txn.jwt"lane"_time) int(0)'), BROKEN],
];

describe.concurrent.each(LANES)('%s', (suite) => {
  test('prints the lines where it has none, and starts with them', async () => {
    const { lines, output } = await printLane(suite, OPTIONS);
    expect(output).toContain('OAUTH_LANE_SIZE: put these lines directly above the action');
    expect(lines.at(-1)).toBe(ACTION);
    const gateway = await startLane(suite, { ...OPTIONS, edit: (all) => all.map((line) => `  ${line} # no jwtlane`) });
    const status = await gateway.cli('show jwtverify');
    await gateway.stop();
    expect(status).toContain('\nlane: 0 of 1000 tokens\n');
  });

  test('starts with comments that name the lane', async () => {
    const comment = '# jwtlane was here, and /dev/./null is its map';
    const gateway = await startLane(suite, { ...OPTIONS, more: [comment] });
    await gateway.stop();
    const global = ['setenv OAUTH_HMAC_SECRET 0123456789abcdef0123456789abcdef', 'setenv OAUTH_AUDIENCE a', comment];
    const without = await checkHaproxy(suite, { global: ['setenv OAUTH_ISSUER https://issuer.example', ...global] });
    expect([without.code, without.output]).toEqual([0, expect.not.stringContaining('jwtlane')]);
  });
});

// One version is enough: the start reads lines alike in all.
describe.concurrent('trixie', () => {
  test.each(EDITS)('does not start with %s', async (_, edit, says) => {
    expect(await failLane('trixie', { ...OPTIONS, edit })).toContain(says);
  });

  test.each(['/dev/./null', '/dev//null', '//dev/.//null'])('does not start with %s as a deny list', async (path) => {
    const settings = { OAUTH_DENY_PATH: path };
    expect(await failLane('trixie', { ...OPTIONS, hasDenyList: false, settings })).toContain(
      'OAUTH_DENY_PATH: is spelled as a list of jwtverify itself',
    );
  });

  test('does not start with lines for other claims, or for no deny list', async () => {
    const others = { ...OPTIONS, settings: { OAUTH_CLAIM_VARIABLES: 'sub' } };
    expect(await failLane('trixie', OPTIONS, others)).toContain(BROKEN);
    expect(await failLane('trixie', OPTIONS, { ...OPTIONS, hasDenyList: false })).toContain(BROKEN);
  });

  test('does not start with the lines where no lane is wanted', async () => {
    const without = { ...OPTIONS, settings: { OAUTH_LANE_SIZE: 'UNSET' } };
    expect(await failLane('trixie', without, OPTIONS)).toContain(
      'has a line of the lane, but OAUTH_LANE_SIZE is not set',
    );
  });

  test.each([
    ['1e3', {}, 'is not a whole number of tokens from 0 to 1000000'],
    ['10', { OAUTH_CLAIM_VARIABLES: 'UNSET' }, 'needs `OAUTH_CLAIM_VARIABLES`'],
    ['10', { OAUTH_CLAIM_VARIABLES: 'a b c d e f g h i j k l m n o p q' }, 'is for at most 16 claims'],
    ['10', { OAUTH_TOKEN_FROM: 'cookie:a' }, 'is for tokens in `Authorization` alone'],
    ['10', { OAUTH_CACHE_SIZE: '0' }, 'needs remembered tokens'],
    ['10', { OAUTH_CACHE_AGE: '29' }, 'needs `OAUTH_CACHE_AGE` of 30 or more'],
  ] as const)('says why there is no lane of %s tokens with %o', async (size, more, says) => {
    const settings = { OAUTH_LANE_SIZE: size, ...more };
    expect((await printLane('trixie', { ...OPTIONS, settings })).output).toContain(`OAUTH_LANE_SIZE: ${says}`);
  });

  test.each([
    'stats socket ipv4@127.0.0.1:9 level user',
    'stats socket :9 level admin',
    'stats socket abns@jwtverify level admin',
    'stats socket "127.0.0.1:${PLACE-9}" level admin',
  ])('does not start with `%s`', async (line) => {
    const said = await failLane('trixie', { ...OPTIONS, global: [line] });
    expect(said).toMatch(/haproxy\.cfg:\d+: whoever reaches `stats socket \S+` can let any token pass in the lane/);
  });

  test('does not start with the name of a socket that is not there', async () => {
    const settings = { OAUTH_LANE_SOCKETS: '/run/none.sock' };
    expect(await failLane('trixie', { ...OPTIONS, settings })).toContain(
      'OAUTH_LANE_SOCKETS: names `/run/none.sock`, and no `stats socket` has this address',
    );
  });

  test.each([
    ['mode 660 level admin', false],
    ['level admin', false],
    ['mode 666 level admin', true],
    ['mode 600 level user', true],
    ['mode 600', true],
  ])('a socket file with `%s`: whether it is logged is %s', async (words, isLogged) => {
    const gateway = await startLane('trixie', { ...OPTIONS, global: [`stats socket DIRECTORY/a.sock ${words}`] });
    await gateway.stop();
    expect(gateway.haproxy.output().includes('can let any token pass in the lane')).toBe(isLogged);
  });

  test('does not start where HAProxy may leave variables or values out', async () => {
    for (const line of ['tune.vars.txn-max-size 4096', 'tune.bufsize 8192']) {
      const said = await failLane('trixie', { ...OPTIONS, global: [line] });
      expect(said).toContain('leaves out variables of the lane that do not fit');
    }
  });
});

test('bookworm: says that HAProxy 2.6 is too slow for it', async () => {
  const { output } = await printLane('bookworm', OPTIONS);
  expect(output).toContain('OAUTH_LANE_SIZE: needs HAProxy 3.0 or later');
});
