// A deny list's sessions, subjects with a time, and entries for one issuer alone: alike on both proxies, remembered or not.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDocument } from '../helpers/docs-blocks';
import { cliLine, runCli, until } from '../helpers/haproxy-cli';
import { ISSUER, ISSUERS, SECRET, startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { startPolicyNginx } from '../helpers/nginx-policy-server';
import { ENGINES } from '../helpers/nginx-server';
import { freePort, makeWorkDirectory, SUITES, type SuiteName } from '../helpers/suite';

const OTHER = 'https://customer.example/a,b';
const NOW = Math.floor(Date.now() / 1000);
/** Tokens of the last hour are older than this, or not. */
const TIME = NOW - 600;

const FILE = `# sessions
sid:s1 seen on Monday
sid:a%2Fb
iss:${ISSUER},sid:shared
iss:https://customer.example/a%2Cb,sub:admin
iss:${ISSUER},client:app # theirs alone
sub_issued_before:alice ${String(TIME)}
sub_issued_before:auth0%7C4711 ${String(TIME)} # lost telephone
iss:https://customer.example/a%2Cb,sub_issued_before:bob ${String(TIME)}
sub:%D0%B0lbert
`;

type Claims = Readonly<Record<string, unknown>>;
const CASES: readonly (readonly [Claims, number])[] = [
  [{ sid: 's1' }, 401],
  [{ sid: 's1', iss: OTHER }, 401],
  [{ sid: 's2' }, 200],
  [{ sid: 's' }, 200],
  [{ sid: '' }, 200],
  [{ sid: 'a/b' }, 401],
  [{ sid: 'a%2fb' }, 200],
  [{ sid: 'shared' }, 401],
  [{ sid: 'shared', iss: OTHER }, 200],
  [{ sub: 'admin', iss: OTHER }, 401],
  [{ sub: 'admin' }, 200],
  [{ azp: 'app' }, 401],
  [{ azp: 'app', iss: OTHER }, 200],
  [{ sub: 'alice', iat: TIME - 1 }, 401],
  [{ sub: 'alice', iat: TIME }, 200],
  [{ sub: 'alice', iat: TIME + 1, auth_time: TIME - 9 }, 200],
  [{ sub: 'alice', iat: TIME - 1, auth_time: TIME + 9 }, 401],
  [{ sub: 'alice', iat: undefined }, 401],
  [{ sub: 'alice', iat: TIME - 1, iss: OTHER }, 401],
  [{ sub: 'аlice', iat: TIME - 1 }, 200],
  [{ sub: 'Alice', iat: TIME - 1 }, 200],
  [{ sub: 'auth0|4711', iat: TIME - 1 }, 401],
  [{ sub: 'auth0|4711', iat: TIME }, 200],
  [{ sub: 'bob', iat: TIME - 1 }, 200],
  [{ sub: 'bob', iat: TIME - 1, iss: OTHER }, 401],
  [{ sub: 'bob', iat: TIME, iss: OTHER }, 200],
  [{ sub: 'аlbert' }, 401],
  [{ sub: 'albert' }, 200],
];
const WANTED = CASES.map(([changes, status]) => [changes, status, status]);

function policyFor(
  suite: SuiteName,
  denied: string,
): { readonly policy: object; readonly file: string; readonly path: string } {
  const work = makeWorkDirectory(suite);
  const file = join(work.outside, 'denied');
  writeFileSync(file, denied);
  const issuers = [...ISSUERS, { ...ISSUERS[0], issuer: OTHER }];
  const path = `${work.inside}/denied`;
  return { policy: { issuers, deny_path: path, otherwise: 'authenticated' }, file, path };
}

async function askAll(ask: (token: string) => Promise<number>): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  for (const [changes] of CASES) {
    const token = tokenOf(changes);
    // Verified, then remembered where it passed.
    seen.push([changes, await ask(token), await ask(token)]);
  }
  return seen;
}

/** The token of a subject that was issued at a time. */
const issuedAt = (sub: string, iat: number | undefined, more: Claims = {}): string => tokenOf({ sub, iat, ...more });

describe.each(SUITES)('HAProxy of %s', (suite) => {
  async function start(denied: string) {
    const { policy, path } = policyFor(suite, denied);
    const port = await freePort();
    const global = [cliLine(port), 'nbthread 2'];
    const proxy = await startWithPolicy(suite, { policy, global, load: 'lua-load-per-thread' });
    const ask = async (token: string): Promise<number> => (await proxy.askWith(token)).status;
    return { proxy, ask, cli: (command: string) => runCli(port, command.replace('MAP', path)) };
  }

  test('the file denies sessions, subjects by when their tokens were issued, and by issuer', async () => {
    const { proxy, ask } = await start(FILE);
    expect(await askAll(ask)).toEqual(WANTED);
    await proxy.stop();
  });

  test('the runtime CLI denies at once what is remembered, and changes the time by `set map`', async () => {
    const { proxy, ask, cli } = await start('');
    const [old, later, bare] = [issuedAt('carol', TIME - 1), issuedAt('carol', TIME), issuedAt('carol', undefined)];
    const session = tokenOf({ sub: 'dan', sid: 's9' });
    const foreign = tokenOf({ sub: 'dan', sid: 's9', iss: OTHER });
    const all = async (): Promise<readonly number[]> => {
      const seen: number[] = [];
      for (const token of [old, later, bare, session, foreign]) seen.push(await ask(token));
      return seen;
    };
    for (let round = 0; round < 4; round += 1) expect(await all()).toEqual([200, 200, 200, 200, 200]);
    await cli(`add map MAP sub_issued_before:carol ${String(TIME)}`);
    for (let round = 0; round < 4; round += 1) expect(await all()).toEqual([401, 200, 401, 200, 200]);
    await cli(`set map MAP sub_issued_before:carol ${String(TIME + 1)}`);
    expect(await all()).toEqual([401, 401, 401, 200, 200]);
    // No time never ends.
    await cli('set map MAP sub_issued_before:carol 1');
    expect(await all()).toEqual([401, 401, 401, 200, 200]);
    await cli('del map MAP sub_issued_before:carol');
    await cli(`add map MAP iss:${ISSUER},sid:s9 1`);
    for (let round = 0; round < 4; round += 1) expect(await all()).toEqual([200, 200, 200, 401, 200]);
    await cli(`del map MAP iss:${ISSUER},sid:s9`);
    expect(await all()).toEqual([200, 200, 200, 200, 200]);
    await proxy.stop();
  });
});

/** The command of docs/haproxy.md that denies the tokens of 4711 that were issued before now, as its shell writes it. */
function documentedCommand(map: string, sub: string, time: number): string {
  const lines = /^entry=.*sub_issued_before:4711"\necho "(?=.* \| socat )[^"]*"/m.exec(readDocument('docs/haproxy.md'));
  const script = (lines?.[0] ?? '')
    .replace('/etc/haproxy/deny.map', map)
    .replace(':4711', `:${sub}`)
    .replace('$(($(date +%s) + 1))', String(time));
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim();
}

describe.each(SUITES)('the command of docs/haproxy.md on HAProxy of %s', (suite) => {
  test.each([
    ['where there is no time yet', '', []],
    ['where the file has one', `sub_issued_before:erin ${String(TIME - 99)}\n`, []],
    ['where `add map` added another', `sub_issued_before:erin ${String(TIME - 99)}\n`, [TIME - 90, TIME + 90]],
  ])('sets the time each time that it runs, %s', async (_, denied, added) => {
    const { policy, path } = policyFor(suite, denied);
    const port = await freePort();
    const proxy = await startWithPolicy(suite, { policy, global: [cliLine(port)], load: 'lua-load-per-thread' });
    for (const time of added) await runCli(port, `add map ${path} sub_issued_before:erin ${String(time)}`);
    for (const time of [TIME, TIME + 60, TIME + 30]) {
      const answer = await runCli(port, documentedCommand(path, 'erin', time));
      expect(answer.trim()).toBe(denied === '' && time === TIME ? 'Key not found.' : '');
      const [before, since] = [issuedAt('erin', time - 1), issuedAt('erin', time)];
      const seen = [(await proxy.askWith(before)).status, (await proxy.askWith(since)).status];
      expect([time - TIME, ...seen]).toEqual([time - TIME, 401, 200]);
    }
    await proxy.stop();
  });
});

test('HAProxy 3.2 logs a time that the CLI adds and cannot be read, that is there twice, and an unknown issuer', async () => {
  const { policy, path } = policyFor('sid', '');
  const port = await freePort();
  const proxy = await startWithPolicy('sid', { policy, global: [cliLine(port)] });
  for (const entry of [
    `sub_issued_before:good ${String(TIME)}`,
    'sub_issued_before:carol 1',
    `iss:https://nobody.example,sub:x 1`,
    `sub_issued_before:good ${String(TIME + 9)}`,
  ]) {
    await runCli(port, `add map ${path} ${entry}`);
  }
  const logged = () =>
    Promise.resolve(
      proxy
        .output()
        .split('\n')
        .filter((line) => line.includes('the runtime CLI added an entry')),
    );
  const lines = await until(10, logged, (found) => found.length >= 3);
  expect(lines.map((line) => line.replace(/.* to the deny list that /, '')).sort()).toEqual([
    expect.stringMatching(/^is there already with a time/),
    expect.stringMatching(/^names an issuer that is not configured/),
    expect.stringMatching(/^needs a time after a blank/),
  ]);
  await proxy.stop();
});

describe.each(ENGINES)('nginx, $suite, $name', (engine) => {
  const ZONE = 'js_shared_dict_zone zone=jwtverify_deny:1m;';

  async function start(denied: string) {
    const { policy, file } = policyFor(engine.suite, denied);
    const nginx = await startPolicyNginx(engine, policy, {
      env: { HAMSTER_SECRET: SECRET },
      workers: 2,
      http: () => (engine.hasSharedDict ? ZONE : ''),
      server: 'location = /revoked { auth_request off; js_content jwtverify.deny; }',
    });
    return { nginx, file, ask: async (token: string): Promise<number> => (await nginx.askWith(token)).status };
  }

  test('the file denies sessions, subjects by when their tokens were issued, and by issuer', async () => {
    const { nginx, ask, file } = await start(FILE);
    expect(await askAll(ask)).toEqual(WANTED);
    const old = issuedAt('erin', TIME - 1);
    expect([await ask(old), await ask(old)]).toEqual([200, 200]);
    writeFileSync(file, `sub_issued_before:erin ${String(TIME)}\n`);
    expect([await ask(old), await ask(issuedAt('erin', TIME)), await ask(issuedAt('erin', undefined))]).toEqual([
      401, 200, 401,
    ]);
    await nginx.stop();
    expect(nginx.messages().filter((line) => line.includes('deny list'))).toEqual([]);
  });

  test('a line without its time, or for an issuer that is not configured, is logged and denies what it can', async () => {
    const { nginx, ask } = await start(
      `iss:https://nobody.example,sub:x\nsub_issued_before:frank\nsub_issued_before:gwen 1 # a time?\nsid:s1\n`,
    );
    expect([await ask(issuedAt('frank', NOW)), await ask(issuedAt('gwen', NOW)), await ask(tokenOf({}))]).toEqual([
      401, 401, 200,
    ]);
    expect([await ask(tokenOf({ sid: 's1' })), await ask(tokenOf({ sub: 'x' }))]).toEqual([401, 200]);
    await nginx.stop();
    expect(nginx.errorLog()).toContain('line 1 names an issuer that is not configured');
    expect(nginx.errorLog()).toContain('line 2 needs a time after a blank');
    expect(nginx.errorLog()).toContain('line 3 needs a time after a blank');
    expect(nginx.errorLog()).not.toMatch(/frank|gwen/);
  });

  if (!engine.hasSharedDict) return;

  test('a dictionary that a reload adds denies what was remembered without it', async () => {
    const { policy } = policyFor(engine.suite, '');
    const nginx = await startPolicyNginx(engine, policy, {
      env: { HAMSTER_SECRET: SECRET },
      workers: 1,
      server: 'location = /revoked { auth_request off; js_content jwtverify.deny; }',
    });
    const token = tokenOf({ sub: 'hugo' });
    expect([(await nginx.askWith(token)).status, (await nginx.askWith(token)).status]).toEqual([200, 200]);
    await nginx.reload((configuration) => configuration.replace('http {', `http {\n${ZONE}`));
    expect((await nginx.ask({ method: 'PUT', path: '/revoked?entry=sub:hugo' })).status).toBe(200);
    expect((await nginx.askWith(token)).status).toBe(401);
    await nginx.stop();
  });

  test('a PUT denies at once what is remembered, with its `time`, for one issuer or for all', async () => {
    const { nginx, ask } = await start('');
    const change = async (method: string, entry: string, more = '') =>
      nginx.ask({ method, path: `/revoked?entry=${encodeURIComponent(entry)}${more}` });
    const [old, later, bare] = [issuedAt('carol', TIME - 1), issuedAt('carol', TIME), issuedAt('carol', undefined)];
    const session = tokenOf({ sub: 'dan', sid: 's9' });
    const foreign = tokenOf({ sub: 'dan', sid: 's9', iss: OTHER });
    const all = async (): Promise<readonly number[]> => {
      const seen: number[] = [];
      for (const token of [old, later, bare, session, foreign]) seen.push(await ask(token));
      return seen;
    };
    const NAMED = 'sub_issued_before:carol';
    for (let round = 0; round < 4; round += 1) expect(await all()).toEqual([200, 200, 200, 200, 200]);
    for (const time of ['', '&time=', '&time=1', '&time=soon', `&time=${String(TIME)}000`]) {
      const answer = await change('PUT', NAMED, time);
      expect([time, answer.status, answer.body]).toEqual([
        time,
        400,
        expect.stringContaining('`time` must be') as unknown,
      ]);
    }
    expect(await change('PUT', 'sub:carol', `&time=${String(TIME)}`)).toMatchObject({ status: 400 });
    expect((await change('PUT', 'iss:https://nobody.example,sub:x')).body).toContain('is not configured');
    expect(await all()).toEqual([200, 200, 200, 200, 200]);
    expect((await change('PUT', NAMED, `&time=${String(TIME)}`)).status).toBe(200);
    for (let round = 0; round < 4; round += 1) expect(await all()).toEqual([401, 200, 401, 200, 200]);
    expect((await nginx.ask({ path: '/revoked' })).body).toContain(`"${NAMED} ${String(TIME)}"`);
    expect((await change('GET', NAMED)).body).toContain(`"denied":true,"times":["${String(TIME)}"]`);
    expect((await change('PUT', NAMED, `&time=${String(TIME + 1)}`)).status).toBe(200);
    expect(await all()).toEqual([401, 401, 401, 200, 200]);
    expect((await change('DELETE', NAMED)).status).toBe(200);
    expect((await change('PUT', `iss:${ISSUER},sid:s9`)).status).toBe(200);
    for (let round = 0; round < 4; round += 1) expect(await all()).toEqual([200, 200, 200, 401, 200]);
    expect((await change('DELETE', `iss:${ISSUER},sid:s9`)).status).toBe(200);
    expect(await all()).toEqual([200, 200, 200, 200, 200]);
    await nginx.stop();
  });
});
