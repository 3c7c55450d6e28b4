// The ways in which HAProxy can run the Lua file: one state or one a thread, threads, chroot, interrupted actions.
import { afterEach, describe, expect, test } from 'vitest';
import { shown, startHaproxy, SHOW_ALL, type Haproxy, type HaproxyOptions, type Load } from '../helpers/haproxy-server';
import { AUDIENCE, ISSUER, claims, makeKeyPair, signToken } from '../helpers/tokens';
import { SUITES, type SuiteName } from '../helpers/suite';

const RSA = makeKeyPair('RS256');
const SECRET = 'a secret of more than sixty-four bytes, so that any of the three will take it';
const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
const WITH_KEY = { ...SETTINGS, OAUTH_PUBKEY_PATH: 'DIRECTORY/key.pem' };
const WITH_SECRET = { ...SETTINGS, OAUTH_HMAC_SECRET: SECRET };
const FILES = { 'key.pem': RSA.pem };

const matrix = (['lua-load', 'lua-load-per-thread'] as const).flatMap((load: Load) =>
  [1, 2, 4].flatMap((threads) => ['no chroot', 'chroot'].map((chroot) => [load, threads, chroot] as const)),
);

describe.each(SUITES)('%s', (suite: SuiteName) => {
  let haproxy: Haproxy;
  const start = async (options: HaproxyOptions): Promise<void> => {
    haproxy = await startHaproxy(suite, { files: FILES, ...options });
  };

  afterEach(async () => {
    await haproxy.stop();
    expect(haproxy.leaks()).toEqual([]);
  });

  /** Many requests at once, every other one with a bad token: each must get its own answer. */
  async function askAtOnce(good: string, bad: string, reason: string): Promise<void> {
    const asked = Array.from({ length: 40 }, (_, index) => haproxy.askWith(index % 2 === 0 ? good : bad));
    for (const [index, answer] of (await Promise.all(asked)).entries()) {
      const refused = { authorized: '0', status: '401', reason, 'scopes-length': '0' };
      const allowed = { authorized: '1', status: '200', 'claim-sub': 'turbo', scopes: 'read:hamsters write:hamsters' };
      expect(shown(answer)).toMatchObject(index % 2 === 0 ? allowed : refused);
    }
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  }

  test.each(matrix)('%s, %i threads, %s: judges many requests at once', async (load, threads, chroot) => {
    const jail = chroot === 'chroot' ? ['chroot /var/lib/haproxy', 'user haproxy', 'group haproxy'] : [];
    await start({ settings: WITH_KEY, load, global: [`nbthread ${String(threads)}`, ...jail] });
    const good = await signToken(RSA.privateKey, 'RS256');
    await askAtOnce(good, await signToken(makeKeyPair('RS256').privateKey, 'RS256'), 'signature_invalid');
  });

  test.each(['lua-load', 'lua-load-per-thread'] as const)(
    '%s: an action that HAProxy interrupts every few instructions judges its own request',
    async (load) => {
      const global = ['nbthread 2', 'tune.lua.forced-yield 50'];
      const large = { list: Array.from({ length: 200 }, (_, index) => `entry-${String(index)}`) };
      await start({ settings: WITH_SECRET, load, global });
      const good = await signToken(SECRET, 'HS256', claims(large));
      await askAtOnce(good, await signToken(`${SECRET}.`, 'HS256', claims(large)), 'signature_invalid');
      await haproxy.stop();
      await start({ settings: WITH_KEY, load, global });
      const signed = await signToken(RSA.privateKey, 'RS256', claims(large));
      await askAtOnce(signed, await signToken(RSA.privateKey, 'RS256', claims({ ...large, exp: 1 })), 'expired');
    },
  );

  // The setting is there from HAProxy 3.1 on; before, there is one behaviour.
  test.each(suite === 'sid' ? ['normal', 'pre-3.1-bug'] : ['(not there yet)'])(
    'A6: -m bool answers with tune.lua.bool-sample-conversion %s',
    async (value) => {
      const rules = [
        'http-request lua.jwtverify',
        'http-request set-header x-again "%[var(txn.oauth_scopes),lua.oauth_has(write:hamsters)]"',
        'http-request lua.jwtverify',
        'http-request deny unless { var(txn.authorized) -m bool }',
        'http-request deny if !{ var(txn.oauth_scopes),lua.oauth_has(write:hamsters) -m bool }',
      ];
      const global = value.startsWith('(') ? [] : [`tune.lua.bool-sample-conversion ${value}`];
      await start({ settings: WITH_KEY, global, rules });
      expect(await haproxy.askWith(await signToken(RSA.privateKey, 'RS256'))).toMatchObject({ status: 200 });
      expect(await haproxy.askWith('garbage')).toMatchObject({ status: 403 });
      const reading = await signToken(RSA.privateKey, 'RS256', claims({ scope: 'read:hamsters' }));
      expect(await haproxy.askWith(reading)).toMatchObject({ status: 403 });
      expect(haproxy.output()).not.toContain('bool-sample-conversion');
    },
  );

  test('an error in Lua becomes a refusal of its own, logged and counted without the token', async () => {
    // Another script breaks a library function, in the way that would tell the most.
    const broken =
      'local length = utf8.len\nutf8.len = function(text) if #text > 60 then error("cannot read " .. text) end return length(text) end';
    await start({
      settings: WITH_KEY,
      global: ['lua-load DIRECTORY/broken.lua'],
      files: { ...FILES, 'broken.lua': broken },
      rules: ['http-request lua.jwtenforce if { path_beg /enforce }', ...SHOW_ALL],
    });
    const token = await signToken(RSA.privateKey, 'RS256');
    const refused = shown(await haproxy.askWith(token));
    expect(refused).toMatchObject({ authorized: '0', status: '503', reason: 'internal_error', 'scopes-length': '0' });
    const enforced = await haproxy.askWith(token, { path: '/enforce' });
    expect(enforced.status).toBe(503);
    expect(JSON.parse(enforced.body)).toMatchObject({ reason: 'internal_error' });
    expect(haproxy.output()).toMatch(/jwtverify: internal error, the request was refused: number 1 /);
    expect(haproxy.output()).toMatch(/jwtverify: internal error, the request was refused: number 2 /);
    expect(haproxy.output()).not.toMatch(/cannot read|turbo|hamsters"/);
  });

  test('a token whose variables do not fit is refused, and the log says what to raise', async () => {
    await start({ settings: WITH_KEY, global: ['tune.vars.txn-max-size 3000'] });
    const fits = await signToken(RSA.privateKey, 'RS256');
    const large = await signToken(RSA.privateKey, 'RS256', claims({ list: 'x'.repeat(4000) }));
    const room = await haproxy.askWith(fits);
    const noRoom = shown(await haproxy.askWith(large));
    expect(noRoom).toMatchObject({ authorized: '0', reason: 'internal_error', status: '503' });
    expect(noRoom['claim-sub']).toBeUndefined();
    expect(shown(room)).toMatchObject({ authorized: '1' });
    expect(haproxy.output()).toMatch(/jwtverify: a request was refused: there is no room .*tune\.vars\.txn-max-size/);
  });

  test('several keys in one file, a certificate among them, are all used', async () => {
    const other = makeKeyPair('RS256');
    await start({ settings: WITH_KEY, files: { 'key.pem': `# the old one\n${other.pem}\n# the new one\n${RSA.pem}` } });
    for (const key of [other, RSA]) {
      expect(shown(await haproxy.askWith(await signToken(key.privateKey, 'RS256')))).toMatchObject({ authorized: '1' });
    }
    const foreign = await signToken(makeKeyPair('RS256').privateKey, 'RS256');
    expect(shown(await haproxy.askWith(foreign))).toMatchObject({ reason: 'signature_invalid' });
  });
});
