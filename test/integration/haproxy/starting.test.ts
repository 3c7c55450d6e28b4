// What HAProxy needs to start: settings out of either environment, the libraries of Lua, something to check signatures.
import { readFileSync } from 'node:fs';
import { describe, expect, inject, test } from 'vitest';
import {
  checkHaproxy,
  failHaproxy,
  shown,
  startHaproxy,
  type HaproxyOptions,
  type Load,
} from '../helpers/haproxy-server';
import { AUDIENCE, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';
import { runIn, SUITES } from '../helpers/suite';

const RSA = makeKeyPair('RS256');
const SECRET = 'a secret of more than sixty-four bytes, so that any of the three will take it';
const FILES = {
  'key.pem': RSA.pem,
  'keys.json': JSON.stringify({ keys: [RSA.jwk] }),
  'ed.json': JSON.stringify({ keys: [makeKeyPair('EdDSA').jwk] }),
};
const GOOD = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/key.pem' };
const LOADS: readonly Load[] = ['lua-load', 'lua-load-per-thread'];

/** Leaves settings out and puts others in. */
function change(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries<string | undefined>({ ...GOOD, ...changes });
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Lua files that run before and leave a library out, as `tune.lua.openlibs` of HAProxy 3.4 does. */
function without(...libraries: readonly string[]): Partial<HaproxyOptions> {
  const names = libraries.includes('package') ? [...libraries, 'require'] : libraries;
  return {
    global: ['lua-load DIRECTORY/restrict.lua'],
    files: { ...FILES, 'restrict.lua': names.map((name) => `${name} = nil`).join('\n') },
  };
}

describe.each(SUITES)('%s', (suite) => {
  test.each(LOADS)('-c accepts good settings, with %s above every setenv', async (load) => {
    for (const settings of [GOOD, change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_PATH: 'DIRECTORY/keys.json' })]) {
      const checked = await checkHaproxy(suite, { settings, files: FILES, load });
      expect(checked.output).not.toMatch(/jwtverify:|cannot start/);
      expect(checked.code).toBe(0);
    }
  });

  test.each(LOADS)('-c prints a rule that never decides, once, and accepts the policy, with %s', async (load) => {
    const issuers = [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { jwks_file: 'DIRECTORY/keys.json' } }];
    const rules = [
      { name: 'all', paths: ['/**'] },
      { name: 'late', paths: ['/a'], access: 'deny' },
    ];
    for (const [order, lines] of [
      [rules, 1],
      [[...rules].reverse(), 0],
    ] as const) {
      const files = { ...FILES, 'policy.json': JSON.stringify({ issuers, rules: order }) };
      const settings = { OAUTH_POLICY: 'DIRECTORY/policy.json' };
      const checked = await checkHaproxy(suite, { settings, files, load, global: ['nbthread 2'] });
      expect(checked.output.match(/^jwtverify: .*`late` is never reached/gm) ?? []).toHaveLength(lines);
      expect(checked.code).toBe(0);
    }
  });

  test('a missing algorithm stops -c and the start where plain TypeScript is switched off', async () => {
    const settings = change({
      OAUTH_PUBKEY_PATH: undefined,
      OAUTH_JWKS_PATH: 'DIRECTORY/ed.json',
      OAUTH_PLAIN_BUDGET: '0',
    });
    for (const load of LOADS) {
      const options = { settings, files: FILES, load };
      for (const ended of [await checkHaproxy(suite, options), await failHaproxy(suite, options)]) {
        expect(ended).toMatchObject({ code: 1, output: expect.stringContaining('jwtverify cannot start') as string });
        expect(ended.output).toMatch(/OAUTH_ALGORITHMS: .*EdDSA/);
      }
    }
  });

  test('HAProxy logs each problem once, and counts it', async () => {
    const settings = change({ OAUTH_ISSUER: undefined, OAUTH_AUDIENCE: ' ' });
    const { output } = await checkHaproxy(suite, { settings, files: FILES });
    expect(output.match(/^jwtverify: .*$/gm)).toHaveLength(2);
    expect(output).toMatch(/\(1 of 2\) OAUTH_ISSUER.*\n.*\(2 of 2\) OAUTH_AUDIENCE/);
  });

  test("a setting that the process's environment has, but empty, is named", async () => {
    const settings = change({ OAUTH_AUDIENCE: undefined });
    const checked = await checkHaproxy(suite, { settings, files: FILES, env: { OAUTH_AUDIENCE: '' } });
    expect(checked.code).toBe(1);
    expect(checked.output).toMatch(/OAUTH_AUDIENCE: is empty/);
  });

  test("settings may come from the process's environment alone", async () => {
    const haproxy = await startHaproxy(suite, { env: GOOD, files: FILES });
    const seen = shown(await haproxy.askWith(await signToken(RSA.privateKey, 'RS256')));
    await haproxy.stop();
    expect(seen).toMatchObject({ authorized: '1' });
  });

  test('A1: nothing is compiled, and nothing but the packages of the proxies is there', async () => {
    const found = await runIn(suite, ['sh', '-c', 'command -v node nodejs npm gcc cc make luarocks; true']);
    expect(found).toEqual({ code: 0, output: '' });
  });

  test('A13: loads without the libraries that it does not need', async () => {
    const settings = change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: SECRET });
    // Without `io` nobody reads the configuration again: the operator says that the check is there.
    const env = { OAUTH_CHECKED_ELSEWHERE: 'DIRECTORY/haproxy.cfg' };
    const haproxy = await startHaproxy(suite, { settings, env, ...without('io', 'package', 'debug') });
    const seen = shown(await haproxy.askWith(await signToken(SECRET, 'HS256')));
    await haproxy.stop();
    expect(seen).toMatchObject({ authorized: '1' });

    const withKey = await startHaproxy(suite, { settings: GOOD, ...without('debug') });
    const passed = shown(await withKey.askWith(await signToken(RSA.privateKey, 'RS256')));
    await withKey.stop();
    expect(passed).toMatchObject({ authorized: '1' });
  });

  test.each([
    [['os', 'io', 'package', 'debug'], /libraries are missing: os;.*tune\.lua\.openlibs/],
    [['string', 'utf8'], /libraries are missing: string utf8;/],
    [['table', 'math'], /libraries are missing: table math;/],
    [['io'], /OAUTH_PUBKEY_PATH: .*library `io` is missing/],
  ])('A13: names the missing libraries %j', async (libraries, message) => {
    const options = { settings: GOOD, ...without(...libraries) };
    for (const ended of [await checkHaproxy(suite, options), await failHaproxy(suite, options)]) {
      expect(ended.code).toBe(1);
      expect(ended.output).toMatch(message);
      expect(ended.output).not.toMatch(/attempt to|stack traceback/);
    }
  });

  test('a public key needs no library `package`, and so no luaossl', async () => {
    const haproxy = await startHaproxy(suite, { settings: GOOD, ...without('package') });
    const seen = shown(await haproxy.askWith(await signToken(RSA.privateKey, 'RS256')));
    await haproxy.stop();
    expect(seen).toMatchObject({ authorized: '1' });
    expect(haproxy.output()).toMatch(/signatures are checked by plain TypeScript/);
  });

  test('without luaossl and with OAUTH_PLAIN_BUDGET=0 a public key is a named problem, a secret is none', async () => {
    const hidden = { ...without('package'), env: { OAUTH_PLAIN_BUDGET: '0' } };
    const checked = await checkHaproxy(suite, { settings: GOOD, ...hidden });
    expect(checked.code).toBe(1);
    expect(checked.output).toMatch(/OAUTH_ALGORITHMS: this proxy cannot check RS256, /);

    const settings = change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: SECRET });
    expect(await checkHaproxy(suite, { settings, ...hidden })).toMatchObject({ code: 0 });
  });
});

test('the file says what it is, and nothing of where it was built', () => {
  const text = readFileSync(inject('artifacts').lua, 'utf8');
  expect(text.split('\n')[0]).toMatch(/^-- jwtverify \d+\.\d+\.\d+.*Apache-2\.0$/);
  expect(text).not.toContain(process.cwd());
});
