// A HAProxy with nothing else installed: signatures in plain TypeScript, and how much of them it checks.
import { afterEach, describe, expect, test } from 'vitest';
import { cliLine, runCli, until } from '../helpers/haproxy-cli';
import { shown, startHaproxy, type Haproxy, type HaproxyOptions } from '../helpers/haproxy-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';
import { freePort, SUITES, type SuiteName } from '../helpers/suite';

/** Lua finds no module. */
const STOCK = { LUA_PATH: '', LUA_CPATH: '' };

/** One signature counts as four: what is spent takes four seconds to come back when one a second is allowed. */
const KEY = makeKeyPair('ES512');
const STRANGER = makeKeyPair('ES512');
const FILES = { 'key.pem': KEY.pem };
const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/key.pem' };

let count = 0;

/** A token that was never seen before. */
function makeToken(key = KEY.privateKey, algorithm = 'ES512'): Promise<string> {
  count += 1;
  return signToken(key, algorithm, claims({ jti: String(count) }));
}

describe.each(SUITES)('%s', (suite: SuiteName) => {
  const running: Haproxy[] = [];

  async function start(budget: string, options: Partial<HaproxyOptions> = {}): Promise<Haproxy> {
    const settings = { ...SETTINGS, OAUTH_PLAIN_BUDGET: budget, ...options.settings };
    const haproxy = await startHaproxy(suite, { files: FILES, env: STOCK, ...options, settings });
    running.push(haproxy);
    return haproxy;
  }

  afterEach(async () => {
    for (const haproxy of running.splice(0)) {
      await haproxy.stop();
      expect(haproxy.leaks()).toEqual([]);
      expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
    }
  });

  test('what checks signatures is said once at start, whatever the number of threads, and by `show jwtverify`', async () => {
    for (const load of ['lua-load', 'lua-load-per-thread'] as const) {
      const port = await freePort();
      const haproxy = await start('7', { load, global: ['nbthread 3', cliLine(port)] });
      const what = 'plain TypeScript, 7 a second (RS256/384/512 PS256/384/512 ES256/384/512 EdDSA)';
      const said = haproxy.output().match(/^jwtverify: signatures are checked by .*$/gm);
      expect(said).toEqual([`jwtverify: signatures are checked by ${what}, HAProxy's sha2 (HS256/384/512)`]);
      expect(await runCli(port, 'show jwtverify')).toContain(`\nsignatures: ${what}, `);
    }
  });

  test('the start says what follows and what to install, where public keys are to be checked', async () => {
    const byKey = await start('25');
    await byKey.ask();
    const { OAUTH_ISSUER, OAUTH_AUDIENCE } = SETTINGS;
    const bySecret = await startHaproxy(suite, {
      settings: { OAUTH_ISSUER, OAUTH_AUDIENCE, OAUTH_HMAC_SECRET: 'a secret of thirty-two characters' },
      env: STOCK,
    });
    running.push(bySecret);
    await bySecret.ask();
    expect(byKey.output()).toContain(
      'checked slowly, at most 25 a second (OAUTH_PLAIN_BUDGET), and others get 503; install `lua-luaossl`',
    );
    expect(bySecret.output()).not.toContain('install `lua-luaossl`');
  });

  test('beyond OAUTH_PLAIN_BUDGET a new token gets 503, a remembered one passes, and later the new one does', async () => {
    const haproxy = await start('1');
    const [known, next] = [await makeToken(), await makeToken()];
    expect(shown(await haproxy.askWith(known))).toMatchObject({ authorized: '1' });
    const refused = shown(await haproxy.askWith(next));
    expect(refused).toMatchObject({ authorized: '0', status: '503', reason: 'budget_exhausted' });
    expect(refused['challenge']).toBeUndefined();
    expect(shown(await haproxy.askWith(known))).toMatchObject({ authorized: '1' });
    const later = await until(
      15,
      async () => shown(await haproxy.askWith(next)),
      ({ authorized }) => authorized === '1',
    );
    expect(later).toMatchObject({ authorized: '1', status: '200' });
  });

  test('lua.jwtenforce answers with Retry-After, and no other refusal has it', async () => {
    const haproxy = await start('1', { rules: ['http-request lua.jwtenforce'] });
    expect((await haproxy.askWith(await makeToken())).status).toBe(200);
    const refused = await haproxy.askWith(await makeToken());
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(JSON.parse(refused.body)).toMatchObject({ status: 503, reason: 'budget_exhausted' });
    expect((await haproxy.ask()).headers['retry-after']).toBeUndefined();
  });

  test('a signature that failed costs nothing when it comes again, and refuses no other token', async () => {
    const haproxy = await start('1');
    const forged = await makeToken(STRANGER.privateKey);
    const answers = [];
    for (let time = 0; time < 5; time += 1) answers.push(shown(await haproxy.askWith(forged)));
    for (const answer of answers) expect(answer).toMatchObject({ authorized: '0', reason: 'signature_invalid' });
    const good = await signToken(KEY.privateKey, 'ES512', claims({ jti: 'own' }));
    const [head, payload] = good.split('.');
    const tampered = `${head ?? ''}.${payload ?? ''}.${forged.split('.')[2] ?? ''}`;
    await until(
      15,
      async () => shown(await haproxy.askWith(tampered)),
      ({ reason }) => reason === 'signature_invalid',
    );
    const passed = await until(
      15,
      async () => shown(await haproxy.askWith(good)),
      ({ authorized }) => authorized === '1',
    );
    expect(passed).toMatchObject({ authorized: '1' });
  });

  test('other work of the thread goes on while a signature is checked', async () => {
    const rsa = makeKeyPair('RS256');
    const counter = `
      local turns = 0
      core.register_task(function() while true do turns = turns + 1; core.yield() end end)
      core.register_action('before', { 'http-req' }, function(txn) txn:set_var('txn.before', turns) end, 0)
      core.register_action('after', { 'http-req' }, function(txn)
        txn:set_var('txn.turns', turns - txn:get_var('txn.before'))
      end, 0)`;
    const haproxy = await start('10000', {
      global: ['nbthread 1', 'lua-load DIRECTORY/counter.lua'],
      files: { 'key.pem': rsa.pem, 'counter.lua': counter },
      rules: [
        'http-request lua.before',
        'http-request lua.jwtverify',
        'http-request lua.after',
        'http-request return status 200 hdr X-Turns %[var(txn.turns)] hdr X-Authorized %[var(txn.authorized)]',
      ],
    });
    const token = await makeToken(rsa.privateKey, 'RS256');
    const first = await haproxy.askWith(token);
    expect(first.headers['x-authorized']).toBe('1');
    expect(Number(first.headers['x-turns'])).toBeGreaterThan(20);
    const remembered = await haproxy.askWith(token);
    expect(Number(remembered.headers['x-turns'])).toBeLessThan(5);
  });

  test('many new tokens at once are each judged by themselves', async () => {
    const haproxy = await start('10000', { global: ['nbthread 2'], load: 'lua-load-per-thread' });
    const tokens = await Promise.all(
      Array.from({ length: 40 }, (_, index) => makeToken(index % 2 === 0 ? KEY.privateKey : STRANGER.privateKey)),
    );
    const answers = await Promise.all(tokens.map(async (token) => shown(await haproxy.askWith(token))));
    expect(answers.map(({ authorized }) => authorized)).toEqual(
      tokens.map((_, index) => (index % 2 === 0 ? '1' : '0')),
    );
  });
});
