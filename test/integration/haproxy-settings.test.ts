// Broken settings stop HAProxy, its `-c` and its start alike, with every problem in one message.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, inject, test } from 'vitest';
import { checkHaproxy, failHaproxy, shown, startHaproxy, type HaproxyOptions, type Load } from './haproxy-server';
import { AUDIENCE, ISSUER, makeKeyPair, signToken } from './nginx-tokens';
import { runIn, SUITES } from './suite';

const RSA = makeKeyPair('RS256');
const PRIVATE = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const SECRET = 'a secret of more than sixty-four bytes, so that any of the three will take it';
const FILES = {
  'key.pem': RSA.pem,
  'empty.pem': '',
  'garbage.pem': 'no key in here\n',
  'private.pem': PRIVATE.toString(),
  'keys.json': JSON.stringify({ keys: [RSA.jwk] }),
  'ed.json': JSON.stringify({ keys: [makeKeyPair('EdDSA').jwk] }),
  'broken.json': '{"keys":',
};
const GOOD = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/key.pem' };
const LOADS: readonly Load[] = ['lua-load', 'lua-load-per-thread'];

/** Leaves settings out and puts others in. */
function change(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries<string | undefined>({ ...GOOD, ...changes });
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Each: what is wrong, the settings, and what the message must say, problem by problem. */
const BROKEN: readonly (readonly [string, Record<string, string>, readonly RegExp[]])[] = [
  [
    'a file that is not there',
    change({ OAUTH_PUBKEY_PATH: '/nowhere/key.pem' }),
    [/OAUTH_PUBKEY_PATH: .*No such file/],
  ],
  ['a directory', change({ OAUTH_PUBKEY_PATH: '/etc' }), [/OAUTH_PUBKEY_PATH: .*directory/]],
  ['an empty file', change({ OAUTH_PUBKEY_PATH: 'DIRECTORY/empty.pem' }), [/OAUTH_PUBKEY_PATH: .*empty/]],
  ['a file without a key', change({ OAUTH_PUBKEY_PATH: 'DIRECTORY/garbage.pem' }), [/OAUTH_PUBKEY_PATH: /]],
  ['a private key', change({ OAUTH_PUBKEY_PATH: 'DIRECTORY/private.pem' }), [/OAUTH_PUBKEY_PATH: /]],
  [
    'a JWK set that is no JSON',
    change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_PATH: 'DIRECTORY/broken.json' }),
    [/OAUTH_JWKS_PATH: /],
  ],
  [
    'no keys at all, and an issuer that is no URL to discover them from',
    change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_ISSUER: 'hamsters' }),
    [/OAUTH_PUBKEY_PATH: is not set, nor is OAUTH_JWKS_PATH, OAUTH_JWKS_URL or OAUTH_HMAC_SECRET/],
  ],
  ['a secret beside a public key', change({ OAUTH_HMAC_SECRET: SECRET }), [/OAUTH_HMAC_SECRET: contradicts/]],
  [
    'a secret that is too short',
    change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: 'hamster' }),
    [/OAUTH_HMAC_SECRET: .*32 bytes/],
  ],
  ['an unknown algorithm', change({ OAUTH_ALGORITHMS: 'RS257' }), [/OAUTH_ALGORITHMS: `RS257`/]],
  ['the algorithm none', change({ OAUTH_ALGORITHMS: 'RS256,none' }), [/OAUTH_ALGORITHMS: `none`/]],
  ['an algorithm that no key fits', change({ OAUTH_ALGORITHMS: 'ES256' }), [/OAUTH_ALGORITHMS: `ES256`/]],
  ['an empty audience', change({ OAUTH_AUDIENCE: ' ' }), [/OAUTH_AUDIENCE: is empty/]],
  ['no issuer', change({ OAUTH_ISSUER: undefined }), [/OAUTH_ISSUER: is not set/]],
  ['a clock skew that is no number', change({ OAUTH_CLOCK_SKEW: '1m' }), [/OAUTH_CLOCK_SKEW: /]],
  ['a policy beside other settings', change({ OAUTH_POLICY: '/etc/policy.json' }), [/OAUTH_POLICY: /]],
  [
    'an algorithm that HAProxy has nothing for, since plain TypeScript is switched off',
    change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_PATH: 'DIRECTORY/ed.json', OAUTH_PLAIN_BUDGET: '0' }),
    [/OAUTH_ALGORITHMS: .*EdDSA/],
  ],
  [
    'several things at once',
    {
      OAUTH_AUDIENCE: ' ',
      OAUTH_PUBKEY_PATH: '/nowhere/key.pem',
      OAUTH_HMAC_SECRET: 'hamster',
      OAUTH_ALGORITHMS: 'RS257 none',
      OAUTH_CLOCK_SKEW: '-1',
    },
    [
      /OAUTH_ISSUER: is not set/,
      /OAUTH_AUDIENCE: is empty/,
      /OAUTH_PUBKEY_PATH: .*No such file/,
      /OAUTH_HMAC_SECRET: contradicts/,
      /OAUTH_HMAC_SECRET: .*32 bytes/,
      /OAUTH_ALGORITHMS: `RS257`/,
      /OAUTH_ALGORITHMS: `none`/,
      /OAUTH_CLOCK_SKEW: /,
    ],
  ],
];

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

  test.each(BROKEN)('%s stops -c and the start, and is named', async (_, settings, messages) => {
    for (const load of LOADS) {
      const options = { settings, files: FILES, load };
      for (const ended of [await checkHaproxy(suite, options), await failHaproxy(suite, options)]) {
        expect(ended.code).toBe(1);
        expect(ended.output).toContain('jwtverify cannot start');
        for (const message of messages) expect(ended.output).toMatch(message);
        expect(ended.output).not.toMatch(/stack traceback|attempt to|hamster`|PRIVATE KEY/);
      }
    }
  });

  test('each problem stands once, and is counted', async () => {
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
    const haproxy = await startHaproxy(suite, { settings, ...without('io', 'package', 'debug') });
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
    expect(checked.output).toMatch(/OAUTH_ALGORITHMS: this proxy has nothing to check RS256, .* with/);

    const settings = change({ OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: SECRET });
    expect(await checkHaproxy(suite, { settings, ...hidden })).toMatchObject({ code: 0 });
  });
});

test('the file says what it is, and nothing of where it was built', () => {
  const text = readFileSync(inject('artifacts').lua, 'utf8');
  expect(text.split('\n')[0]).toMatch(/^-- jwtverify \d+\.\d+\.\d+.*Apache-2\.0$/);
  expect(text).not.toContain(process.cwd());
});
