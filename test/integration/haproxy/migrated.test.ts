// Configurations that verified tokens in other ways, after `jwtverify migrate haproxy-lua-oauth`, in real HAProxy: each lets in
// and refuses whom it did.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../cli/commands/migrate';
import { createRecorder } from '../../unit/cli/recorder';
import { startHaproxy, type Haproxy } from '../helpers/haproxy-server';
import { AUDIENCE, claims as claimsOfNow, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';
import { SUITES } from '../helpers/suite';

const BACKEND = `
frontend apiserver
  mode http
  bind 127.0.0.1:BACKEND
  http-request return status 200 content-type text/plain lf-string "reached: %[method] %[path] %[req.hdr(x-subject)]"
`;

const RSA = makeKeyPair('RS256');
const OTHER = makeKeyPair('RS256');

/** Lua's clock may be a tick behind, and with a small clock skew a token of this very second could be one of the future. */
const claims = (changes: Readonly<Record<string, unknown>> = {}): ReturnType<typeof claimsOfNow> =>
  claimsOfNow({ iat: Math.floor(Date.now() / 1000) - 2, ...changes });

/** The text of the migrated configuration, which has no line without an equal. */
function migrateFixture(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  const given = { to: undefined, directory: folder, listen: '8080', njs: '1.0', issuer: undefined, audience: [] };
  const options = { ...given, module: 'DIRECTORY/jwtverify.lua' };
  const code = migrate('haproxy-lua-oauth', [`test/fixtures/migrate/${name}.cfg`], options, createRecorder().output);
  expect(code).toBe(0);
  const text = readFileSync(join(folder, 'haproxy.cfg'), 'utf8');
  rmSync(folder, { recursive: true });
  return text;
}

interface Migrated {
  readonly name: string;
  /** The status of a refusal. */
  readonly refused: number;
  /** Whether only tokens for this audience count. */
  readonly comparesAudience: boolean;
  /** What a token needs to write, and what its absence is answered with. */
  readonly write?: Readonly<Record<string, unknown>>;
}

const ALL: readonly Migrated[] = [
  { name: 'library', refused: 403, comparesAudience: true, write: { scope: 'write:hamsters' } },
  { name: 'library-claims', refused: 401, comparesAudience: true, write: { scope: 'write:hamsters' } },
  { name: 'converters', refused: 403, comparesAudience: true, write: { scope: 'write:hamsters' } },
  { name: 'converters-acls', refused: 401, comparesAudience: true, write: { role: 'keeper' } },
  { name: 'converters-backend', refused: 401, comparesAudience: false },
];

describe.each(SUITES)('%s', (suite) => {
  describe.each(ALL)('$name', ({ name, refused, comparesAudience, write }) => {
    let haproxy: Haproxy;
    beforeAll(async () => {
      const configuration = migrateFixture(name) + BACKEND;
      const files = { 'key.pem': RSA.pem };
      haproxy = await startHaproxy(suite, { configuration, files, isCheckedByItself: true });
    });
    afterAll(() => haproxy.stop());
    afterEach(() => {
      expect(haproxy.leaks()).toEqual([]);
      expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
    });

    const sign = (changes: Readonly<Record<string, unknown>> = {}, key = RSA): Promise<string> =>
      signToken(key.privateKey, 'RS256', claims({ ...write, ...changes }));
    const post = async (token: string): Promise<number> =>
      (await haproxy.askWith(token, { method: 'POST', path: '/hamsters/turbo' })).status;

    test('A1, A3, A11: lets a good token write, and its request reaches the backend', async () => {
      const answer = await haproxy.askWith(await sign(), { method: 'POST', path: '/hamsters/turbo' });
      expect(answer).toMatchObject({ status: 200 });
      expect(answer.body).toContain('reached: POST /hamsters/turbo');
    });

    test('A7, A8: refuses each single fault', async () => {
      const now = Math.floor(Date.now() / 1000);
      const faults: Readonly<Record<string, string>> = {
        'another key': await sign({}, OTHER),
        'a secret for a key': await signToken(RSA.pem, 'HS256', claims(write)),
        'no signature': `${(await sign()).split('.').slice(0, 2).join('.')}.`,
        'another issuer': await sign({ iss: ISSUER.slice(0, -1) }),
        'expired a moment ago': await sign({ exp: now - 5 }),
        'no expiry': await sign({ exp: undefined }),
        garbage: 'a.b.c',
        nothing: '',
        ...(comparesAudience ? { 'another audience': await sign({ aud: `${AUDIENCE}/` }) } : {}),
      };
      const answers = await Promise.all(
        Object.entries(faults).map(async ([fault, token]) => [fault, await post(token)]),
      );
      expect(answers).toEqual(Object.keys(faults).map((fault) => [fault, refused]));
      const bare = await haproxy.ask({ method: 'POST', path: '/hamsters/turbo' });
      expect(bare.status).toBe(refused);
    });

    if (write !== undefined) {
      test('A9, A11: refuses to write without what the rules require', async () => {
        const without = Object.fromEntries(Object.keys(write).map((claim) => [claim, 'read:hamsters']));
        expect(await post(await sign(without))).toBe(403);
      });
    }

    if (name === 'library') {
      test('A11: reads are open as before', async () => {
        expect(await haproxy.ask({ path: '/hamsters' })).toMatchObject({ status: 200 });
      });
    }

    if (name === 'library-claims') {
      test('A10: the claims are variables as before', async () => {
        expect((await haproxy.askWith(await sign(), { path: '/x' })).body).toContain('reached: GET /x turbo');
        expect((await haproxy.askWith(await sign({ suspended: true }), { path: '/x' })).status).toBe(403);
        expect(await haproxy.ask({ path: '/health' })).toMatchObject({ status: 200, body: 'reached: health' });
      });
    }

    if (name === 'converters-backend') {
      test('the public part stays public, and the subject reaches the backend', async () => {
        expect(await haproxy.ask({ path: '/open/a' })).toMatchObject({ status: 200 });
        expect((await haproxy.askWith(await sign(), { path: '/x' })).body).toContain('reached: GET /x turbo');
      });
    }
  });
});
