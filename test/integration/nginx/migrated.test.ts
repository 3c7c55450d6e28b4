// Configurations of NGINX Plus after `jwtverify migrate nginx-plus`, in real nginx: each lets in whom it did, and nobody else.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { migrate } from '../../../cli/commands/migrate';
import { createRecorder } from '../../unit/cli/recorder';
import { reachedBy, startEchoBackend, valuesOf, type EchoBackend } from '../helpers/echo-backend';
import { AUDIENCE, claims as claimsOfNow, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';
import {
  freePort,
  makeWorkDirectory,
  request,
  startIn,
  SUITES,
  waitForPort,
  type HttpAnswer,
  type Running,
  type SuiteName,
} from '../helpers/suite';

const NJS: Readonly<Record<SuiteName, string>> = { bookworm: '0.7.9', trixie: '0.8.9', sid: '1.0' };
const RSA = makeKeyPair('RS256');
const OTHER = makeKeyPair('RS256');

let backend: EchoBackend;
beforeAll(async () => {
  backend = await startEchoBackend();
});
afterAll(() => backend.stop());

type Claims = Readonly<Record<string, unknown>>;

/** nginx's clock may be a tick behind, and with a small leeway a token of this very second could be one of the future. */
const claims = (changes: Claims = {}): ReturnType<typeof claimsOfNow> =>
  claimsOfNow({ iat: Math.floor(Date.now() / 1000) - 2, ...changes });

const sign = (changes: Claims = {}, key = RSA): Promise<string> =>
  signToken(key.privateKey, 'RS256', claims({ typ: undefined, ...changes }));

interface Gate {
  readonly code: number;
  readonly ask: (
    path: string,
    token?: string,
    headers?: readonly (readonly [string, string])[],
    method?: string,
  ) => Promise<HttpAnswer>;
  stop(): Promise<void>;
}

async function startMigrated(suite: SuiteName, name: string): Promise<Gate> {
  const work = makeWorkDirectory(suite);
  const port = await freePort();
  const source = readFileSync(`test/fixtures/migrate/${name}.conf`, 'utf8')
    .replaceAll('DIRECTORY', work.inside)
    .replaceAll('PORT', String(port))
    .replaceAll('BACKEND', String(backend.port));
  const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  writeFileSync(join(folder, 'source.conf'), source);
  const given = { to: undefined, listen: '1', njs: NJS[suite], issuer: undefined, audience: [AUDIENCE] };
  const options = { ...given, directory: folder, module: `${work.inside}/jwtverify.js` };
  const code = migrate('nginx-plus', [join(folder, 'source.conf')], options, createRecorder().output);
  for (const file of ['policy.json', 'jwtverify-forward.conf', 'nginx.conf']) {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll(folder, work.inside);
    writeFileSync(join(work.outside, file), text);
  }
  rmSync(folder, { recursive: true });
  writeFileSync(join(work.outside, 'keys.json'), JSON.stringify({ keys: [{ ...RSA.jwk, kid: 'one', alg: 'RS256' }] }));
  cpSync(inject('artifacts').js, join(work.outside, 'jwtverify.js'));
  // Before njs 0.8.8 the policy's path comes from the environment of the service.
  const env = { OAUTH_POLICY: `${work.inside}/policy.json` };
  const running: Running = startIn(suite, ['nginx', '-c', `${work.inside}/nginx.conf`, '-g', 'daemon off;'], { env });
  await waitForPort(port, running);
  return {
    code,
    ask: (path, token, headers = [], method = 'GET') => {
      const bearer = token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const];
      return request({ port, method, path, headers: [...bearer, ...headers] });
    },
    stop: () => running.stop(),
  };
}

async function withGate(suite: SuiteName, name: string, use: (gate: Gate) => Promise<void>): Promise<void> {
  const gate = await startMigrated(suite, name);
  try {
    await use(gate);
  } finally {
    await gate.stop();
  }
}

describe.each(SUITES)('%s', (suite) => {
  test('one API: refuses each single fault, and the public part stays public', async () => {
    await withGate(suite, 'plus-plain', async ({ code, ask }) => {
      expect(code).toBe(0);
      const forged = [['X-Subject', 'FORGED']] as const;
      const good = await ask('/a', await sign(), forged);
      expect([good.status, valuesOf(reachedBy(good), 'X-Subject')]).toEqual([200, ['turbo']]);
      const now = Math.floor(Date.now() / 1000);
      const faults = [
        await sign({}, OTHER),
        await sign({ iss: 'https://other.example/' }),
        await sign({ aud: 'other' }),
        await sign({ exp: now - 5 }),
        await signToken(RSA.pem, 'HS256', claims()),
        'garbage',
      ];
      const answers = await Promise.all(faults.map((token) => ask('/a', token)));
      expect(answers.map(({ status }) => status)).toEqual(faults.map(() => 401));
      const none = await ask('/a');
      expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer realm="hamsters"']);
      const open = await ask('/open/a', undefined, forged);
      expect([open.status, valuesOf(reachedBy(open), 'X-Subject')]).toEqual([200, []]);
      expect((await ask('/open/../a')).status).not.toBe(200);
    });
  });

  test('roles by maps: each location demands its own', async () => {
    await withGate(suite, 'plus-roles', async ({ code, ask }) => {
      expect(code).toBe(0);
      const keeper = { realm_access: { roles: ['guest', 'keeper'] } };
      const red = { 'https://hamsters.example/team': 'red' };
      const statusOf = async (path: string, changes?: Claims): Promise<number> =>
        (await ask(path, changes === undefined ? undefined : await sign(changes))).status;
      expect([await statusOf('/hamsters/a'), await statusOf('/hamsters/a', {})]).toEqual([401, 200]);
      expect([await statusOf('/hamsters/cages/1', {}), await statusOf('/hamsters/cages/1', keeper)]).toEqual([
        403, 200,
      ]);
      expect([await statusOf('/hamsters/%63ages/1', {}), await statusOf('/hamsters/a/../cages/1', {})]).toEqual([
        403, 403,
      ]);
      expect([await statusOf('/teams', {}), await statusOf('/teams/x', red), await statusOf('/teamsters', {})]).toEqual(
        [403, 200, 403],
      );
      expect([await statusOf('/health'), await statusOf('/hamsters/a', { iss: `${ISSUER}x` })]).toEqual([200, 401]);
      const named = await ask('/hamsters/a', await sign(red));
      expect(valuesOf(reachedBy(named), 'X-Team')).toEqual(['red']);
    });
  });

  test('a token in a cookie, and a page of the operator', async () => {
    await withGate(suite, 'plus-cookie', async ({ code, ask }) => {
      expect(code).toBe(0);
      const token = await sign();
      expect((await ask('/a', undefined, [['Cookie', `session=${token}`]])).status).toBe(200);
      expect((await ask('/a', token)).status).toBe(401);
      expect(await ask('/a')).toMatchObject({ status: 401, body: 'who are you' });
      expect((await ask('/a', undefined, [['Cookie', `session=${await sign({ sub: undefined })}`]])).status).not.toBe(
        200,
      );
    });
  });

  test('two servers: each demands its own', async () => {
    await withGate(suite, 'plus-servers', async ({ code, ask }) => {
      expect(code).toBe(0);
      const [person, machine] = [await sign(), await sign({ client_id: 'machine-7' })];
      const at = async (host: string, token?: string, path = '/a'): Promise<number> =>
        (await ask(path, token, [['Host', host]])).status;
      expect([await at('people.example'), await at('people.example', person)]).toEqual([401, 200]);
      expect([await at('machines.example', person), await at('machines.example', machine)]).toEqual([403, 200]);
      expect(await at('machines.example', undefined, '/a.txt')).toBe(200);
      expect(await at('other.example', person)).not.toBe(200);
    });
  });

  test('what no policy can demand refuses everybody, and the rest goes on', async () => {
    await withGate(suite, 'plus-foreign', async ({ code, ask }) => {
      expect(code).toBe(1);
      const token = await sign({ role: 'keeper' });
      const statuses = ['/a', '/inside/a', '/v1/keepers'].map(async (path) => (await ask(path, token)).status);
      expect(await Promise.all(statuses)).toEqual([200, 403, 403]);
      expect([(await ask('/files/a')).status, (await ask('/files/a', token, [], 'PUT')).status]).toEqual([200, 403]);
    });
  });
});
