// `jwtverify test --on`: the command runs the table of requests and policies in real proxies, and they answer as it does.
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildCli } from '../../../scripts/build-cli.mjs';
import { suitePath } from '../../../scripts/suites.mjs';
import { credentialsOf, POLICY_ENVIRONMENT, readPolicyTopics, targetOf, type PolicyRow } from '../../vectors/policies';
import { SUITES, type SuiteName } from '../helpers/suite';

const NOW = 1750000000;
const TOPICS = readPolicyTopics();
const ROWS = TOPICS.flatMap(({ requests }) => requests);
type ProxyName = 'haproxy' | 'nginx';

/** In the folder that the suites' programs are shown. */
const folder = mkdtempSync('/tmp/trials-');
let command = '';

/** HTTP/1.1 has one Host; questions about groups are an authorizer's; a line of a case has one blank. */
const isSent = (row: PolicyRow): boolean =>
  row.hosts.length === 1 &&
  row.hosts.every((host) => host.trim() === host) &&
  row.query === undefined &&
  /^[^ ]+ [/*][^ ]*$/.test(`${row.method} ${targetOf(row)}`);

/** nginx drops lines with `_` in their names, and answers these by itself. */
const isSentToNginx = (row: PolicyRow): boolean =>
  row.method !== 'CONNECT' && row.target !== '*' && row.fields?.some(([name]) => name.includes('_')) !== true;

function caseOf(row: PolicyRow, policy: object): object {
  const { allowed, status, reason, rule, wouldBe, headers } = row.expected;
  const names = Object.keys((policy as { forward?: object }).forward ?? {});
  const values = new Map(headers);
  const forwarded = names.map((name) => [name, values.get(name) ?? null] as const);
  const preflight =
    row.preflight === true ? ['Origin: https://app.example', 'Access-Control-Request-Method: POST'] : [];
  const lines = [...row.hosts.map((host) => ['Host', host] as const), ...(row.fields ?? []), ...credentialsOf(row)];
  return {
    name: row.id,
    request: `${row.method} ${targetOf(row)}`,
    headers: [...preflight, ...lines.map(([name, value]) => `${name}: ${value}`)],
    expect: {
      decision: allowed ? 'allow' : 'refuse',
      status,
      reason,
      rule,
      would_be: wouldBe,
      ...(allowed && row.expected.body === undefined ? { headers: Object.fromEntries(forwarded) } : {}),
    },
  };
}

/** Writes each policy with its cases. @returns the folder */
function writeCases(name: string, rows: readonly PolicyRow[]): string {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  for (const { policies } of TOPICS) {
    for (const [policy, document] of Object.entries(policies)) {
      const cases = rows.filter((row) => row.policy === policy).map((row) => caseOf(row, document as object));
      if (cases.length === 0) continue;
      writeFileSync(join(own, `${policy}.json`), JSON.stringify(document));
      writeFileSync(join(own, `${policy}.test.json`), JSON.stringify({ policy: `${policy}.json`, at: NOW, cases }));
    }
  }
  return own;
}

/** A program that runs a suite's proxy, with a clock that stands still, and shows it this machine's folder of trials. */
function writeProgram(suite: SuiteName, proxy: ProxyName): string {
  const path = join(folder, `${suite}-${proxy}`);
  const root = suitePath(suite);
  const time = new Date(NOW * 1000).toISOString().replace('T', ' ').slice(0, 19);
  const clock = `LD_PRELOAD='/usr/$LIB/faketime/libfaketime.so.1 libc.so.6' FAKETIME='@${time} x0' TZ=UTC`;
  const mount = `mount --bind /tmp "${root}/tmp" && exec chroot "${root}" env ${clock} ${proxy} "$@"`;
  writeFileSync(path, `#!/bin/sh\nexec unshare -m sh -c '${mount.replaceAll("'", `'\\''`)}' sh "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...words: readonly string[]): Promise<Ran> {
  const env = { ...process.env, ...POLICY_ENVIRONMENT, TMPDIR: folder };
  return new Promise((done) => {
    execFile(process.execPath, [command, ...words], { env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const onSuite = (suite: SuiteName, proxy: ProxyName): readonly string[] => [
  '--on',
  proxy,
  `--${proxy}`,
  writeProgram(suite, proxy),
  `--${proxy}-module`,
  join(folder, proxy === 'haproxy' ? 'jwtverify.lua' : 'jwtverify.js'),
];

const WAIT = { timeout: 20_000, interval: 5 };

beforeAll(async () => {
  command = await buildCli();
  copyFileSync(inject('artifacts').lua, join(folder, 'jwtverify.lua'));
  copyFileSync(inject('artifacts').js, join(folder, 'jwtverify.js'));
});

afterAll(() => {
  expect(readdirSync(folder).filter((name) => name.startsWith('jwtverify-trial-'))).toEqual([]);
  rmSync(folder, { recursive: true });
});

/** The topics that older suites run: what is decided alike by all needs no second table. */
const FEW = ['hamsters', 'places', 'served', 'shadow'];

function casesFor(suite: SuiteName, proxy: ProxyName): string {
  const rows = TOPICS.filter(({ topic }) => suite === 'sid' || FEW.includes(topic)).flatMap(({ requests }) => requests);
  return writeCases(
    `${suite}-for-${proxy}`,
    rows.filter(isSent).filter(proxy === 'nginx' ? isSentToNginx : () => true),
  );
}

interface Results {
  readonly results: readonly { readonly name: string; readonly faults: readonly string[] }[];
}

describe.each(SUITES)('%s', (suite) => {
  test.each(['haproxy', 'nginx'] as const)(
    '%s answers each row of the table as the desk does',
    async (proxy) => {
      const { code, stdout, stderr } = await run('test', casesFor(suite, proxy), ...onSuite(suite, proxy), '--json');
      expect(stderr).toBe('');
      const { results } = JSON.parse(stdout) as Results;
      expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
      expect(results.filter(({ name }) => name.endsWith(` (${proxy})`)).length).toBe(results.length / 2);
      expect(results.length).toBeGreaterThan(suite === 'sid' ? 2 * (ROWS.length - 100) : 100);
      expect(code).toBe(0);
    },
    180_000,
  );
});

describe('claims', () => {
  const policy = {
    issuers: [{ issuer: 'https://a.example/', audiences: ['api'], keys: { discovery: true } }],
    rules: [{ name: 'read', paths: ['/a'], require: { scopes: ['read'] } }],
    forward: { 'X-User': 'subject' },
  };
  const caller = { iss: 'https://a.example/', aud: 'api', sub: 'ada', exp: NOW + 60, scope: 'read' };
  const written = (expected: object): object => ({
    policy: 'claims.json',
    at: '2020-01-01T00:00:00Z',
    callers: { ada: { ...caller, exp: 1577836860 }, late: { ...caller, exp: 1577836000 } },
    cases: [
      { request: 'GET https://api.example/a', as: 'ada', expect: expected },
      { request: 'GET https://api.example/a', as: 'late', expect: { status: 401, reason: 'expired' } },
      { request: 'GET https://api.example/a', expect: { status: 401, reason: 'credentials_missing' } },
    ],
  });

  test.each(['haproxy', 'nginx'] as const)(
    '%s accepts them, signed by a throw-away key, at their time',
    async (proxy) => {
      writeFileSync(join(folder, 'claims.json'), JSON.stringify(policy));
      const file = join(folder, `${proxy}.test.json`);
      writeFileSync(file, JSON.stringify(written({ status: 200, headers: { 'X-User': 'ada', 'X-Other': null } })));
      const good = await run('test', file, ...onSuite('trixie', proxy));
      expect([good.stdout, good.stderr, good.code]).toEqual([expect.stringMatching(/^6 passed, 0 failed\n/), '', 0]);
      writeFileSync(file, JSON.stringify(written({ headers: { 'X-User': 'eve' } })));
      const bad = await run('test', file, ...onSuite('trixie', proxy), '--reporter', 'tap');
      expect(bad.stdout).toContain(`https://api.example/a as ada (${proxy})\n# header X-User: expected eve, found ada`);
      expect(bad.code).toBe(1);
    },
  );
});

test('a proxy that does not start says why', async () => {
  const file = join(folder, 'nginx.test.json');
  const broken = join(folder, 'broken');
  writeFileSync(broken, '#!/bin/sh\necho it is broken\nexit 3\n');
  chmodSync(broken, 0o755);
  const { code, stderr } = await run('test', file, ...onSuite('sid', 'nginx'), '--nginx', broken);
  expect([code, stderr]).toEqual([1, expect.stringContaining('does not start:\nit is broken')]);
});

/** The processes whose command line names a folder. */
const processesOf = (name: string): readonly string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name);
      } catch {
        return false;
      }
    });

test.each(['SIGKILL', 'SIGTERM'] as const)('the proxy ends with the command: %s', async (signal) => {
  const file = join(casesFor('sid', 'nginx'), 'hamsters.test.json');
  const env = { ...process.env, ...POLICY_ENVIRONMENT, TMPDIR: folder };
  const child = spawn(process.execPath, [command, 'test', file, ...onSuite('sid', 'nginx')], { env, stdio: 'ignore' });
  const ended = new Promise((done) => child.once('close', done));
  const findTrial = (): string | undefined => readdirSync(folder).find((name) => name.startsWith('jwtverify-trial-'));
  await expect.poll(() => findTrial() !== undefined && processesOf(findTrial() ?? '').length > 0, WAIT).toBe(true);
  const trial = findTrial() ?? '';
  child.kill(signal);
  await ended;
  await expect.poll(() => processesOf(trial), WAIT).toEqual([]);
  expect(readdirSync(folder).includes(trial)).toBe(signal === 'SIGKILL');
  rmSync(join(folder, trial), { recursive: true, force: true });
});
