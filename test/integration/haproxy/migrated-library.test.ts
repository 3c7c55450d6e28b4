// A configuration for haproxytech's library, in each of the forms that its users have, after `jwtverify migrate
// haproxy-lua-oauth`: keys, algorithms, spellings, booleans and missing libraries are as they were.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrate } from '../../../cli/commands/migrate';
import { createRecorder } from '../../unit/cli/recorder';
import { AUTH0_KEYS, AUTH0_TOKEN, changeSegment, DAY_OF_THE_TOKEN } from '../helpers/auth0';
import { startHaproxy, type Haproxy, type HaproxyOptions } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';
import { claims, makeKeyPair, signToken } from '../helpers/tokens';

const RSA = makeKeyPair('RS256');
const SECRET = 'a secret of 32 bytes, or of more.';
const FILES = { 'key.pem': RSA.pem };
const LIBRARY = readFileSync('test/fixtures/migrate/library.cfg', 'utf8');

const BACKEND = `
frontend apiserver
  mode http
  bind 127.0.0.1:BACKEND
  http-request return status 200 content-type text/plain lf-string "reached: %[method] %[path]"
`;

/** Lua's clock may be a tick behind, and with a small clock skew a token of this very second could be one of the future. */
const payload = (): ReturnType<typeof claims> => claims({ iat: Math.floor(Date.now() / 1000) - 2 });

/** What comes of the library's configuration. @param change of it before */
function migrated(change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  const source = join(folder, 'source.cfg');
  writeFileSync(source, change(LIBRARY));
  const given = { to: undefined, directory: folder, listen: '8080', njs: '1.0', issuer: undefined, audience: [] };
  const options = { ...given, module: 'DIRECTORY/jwtverify.lua' };
  const code = migrate('haproxy-lua-oauth', [source], options, createRecorder().output);
  const text = readFileSync(join(folder, 'haproxy.cfg'), 'utf8');
  rmSync(folder, { recursive: true });
  expect(code).toBe(0);
  return text;
}

const above = (line: string) => (text: string) => text.replace(/^global$/m, `global\n  ${line}`);

describe.each(SUITES)('%s', (suite) => {
  async function withMigrated(
    change: (text: string) => string,
    use: (haproxy: Haproxy) => Promise<void>,
    more: HaproxyOptions = {},
  ): Promise<void> {
    const configuration = migrated(change) + BACKEND;
    const haproxy = await startHaproxy(suite, { configuration, files: FILES, isCheckedByItself: true, ...more });
    try {
      await use(haproxy);
    } finally {
      await haproxy.stop();
    }
    expect(haproxy.leaks()).toEqual([]);
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  }

  const post = async (haproxy: Haproxy, token: string): Promise<number> =>
    (await haproxy.askWith(token, { method: 'POST', path: '/hamsters/turbo' })).status;

  test.each(['pubkey.pem', 'certificate.pem'] as const)(
    'A2, A12: the real client-credentials token of Auth0 passes with its %s, and none with a changed segment',
    async (file) => {
      const change = (text: string): string =>
        text
          .replace('https://issuer.example/', 'https://nickram44.auth0.com/')
          .replace('https://api.hamsters.example', 'https://api.mywebsite.com');
      const files = { 'key.pem': AUTH0_KEYS[file] };
      await withMigrated(
        change,
        async (haproxy) => {
          expect(await post(haproxy, AUTH0_TOKEN)).toBe(200);
          for (const index of [0, 1, 2]) expect(await post(haproxy, changeSegment(index))).toBe(403);
        },
        { files, faketime: DAY_OF_THE_TOKEN },
      );
    },
  );

  test('A4: HS256, HS384 and HS512 pass by the secret, and neither another secret nor a key', async () => {
    const change = (text: string): string =>
      text.replace('OAUTH_PUBKEY_PATH DIRECTORY/key.pem', `OAUTH_HMAC_SECRET "${SECRET}"`);
    await withMigrated(change, async (haproxy) => {
      for (const algorithm of ['HS256', 'HS384', 'HS512']) {
        expect(await post(haproxy, await signToken(SECRET, algorithm, payload()))).toBe(200);
        expect(await post(haproxy, await signToken(`${SECRET}.`, algorithm, payload()))).toBe(403);
      }
      expect(await post(haproxy, await signToken(RSA.privateKey, 'RS256', payload()))).toBe(403);
    });
  });

  test('A5: the header and the scheme may be in any case, and no other scheme counts', async () => {
    const token = await signToken(RSA.privateKey, 'RS256', payload());
    await withMigrated(String, async (haproxy) => {
      const statusOf = async (name: string, scheme: string): Promise<number> => {
        const headers = [[name, `${scheme} ${token}`] as const];
        return (await haproxy.ask({ method: 'POST', path: '/hamsters/turbo', headers })).status;
      };
      expect(await statusOf('Authorization', 'Bearer')).toBe(200);
      expect(await statusOf('AUTHORIZATION', 'BEARER')).toBe(200);
      expect(await statusOf('authorization', 'bearer')).toBe(200);
      expect(await statusOf('Authorization', 'Basic')).toBe(403);
    });
  });

  // The setting is there from HAProxy 3.1 on; before, there is one behaviour.
  test.each(suite === 'sid' ? ['none', 'normal', 'pre-3.1-bug'] : ['none'])(
    'A6: `-m bool` answers with a tune.lua.bool-sample-conversion of the operator: %s',
    async (value) => {
      const change = value === 'none' ? String : above(`tune.lua.bool-sample-conversion ${value}`);
      await withMigrated(change, async (haproxy) => {
        expect(await post(haproxy, await signToken(RSA.privateKey, 'RS256', payload()))).toBe(200);
        expect(await post(haproxy, 'garbage')).toBe(403);
        expect(haproxy.output()).not.toContain('bool-sample-conversion');
      });
    },
  );

  test("A13: loads where another script of the operator's has taken libraries of Lua away", async () => {
    const files = { ...FILES, 'without.lua': 'debug = nil\npackage = nil\nrequire = nil\n' };
    const load = 'lua-load-per-thread DIRECTORY/without.lua';
    const lines = suite === 'sid' ? `tune.lua.bool-sample-conversion normal\n  ${load}` : load;
    // HAProxy's own line needs the library `package`.
    const change = (text: string): string => above(lines)(text.replace(/^ *lua-prepend-path .*\n/m, ''));
    await withMigrated(
      change,
      async (haproxy) => {
        expect(await post(haproxy, await signToken(RSA.privateKey, 'RS256', payload()))).toBe(200);
        expect(await post(haproxy, 'garbage')).toBe(403);
      },
      { files },
    );
  });
});
