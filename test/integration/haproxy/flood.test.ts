// Forged tokens from some clients, each different, and verified ones from others: nobody who was verified is refused, whatever
// checks signatures. How fast is another matter (bench/flood.mjs).
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { cliLine, runCli, until } from '../helpers/haproxy-cli';
import { startHaproxy, type HaproxyOptions } from '../helpers/haproxy-server';
import { startLoad } from '../helpers/keep-alive';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';
import { freePort, SUITES, type SuiteName } from '../helpers/suite';

const KEY = makeKeyPair('RS256');
const FORGED = 600;
const VERIFIED = 8;

const STOCK = { LUA_PATH: '', LUA_CPATH: '' };
const BACKENDS: Readonly<Record<string, Partial<HaproxyOptions>>> = {
  'plain TypeScript': { env: { ...STOCK, OAUTH_PLAIN_BUDGET: '2' } },
  luaossl: {},
  "HAProxy's jwt_verify": {
    env: { ...STOCK, OAUTH_PLAIN_BUDGET: '2', OAUTH_NATIVE_KEYS: 'DIRECTORY/key.pem' },
    global: ['set-var proc.oauth_native str(),jwt_verify(RS256,DIRECTORY/key.pem)'],
  },
};

/** The one of 2.6 is not used (native.test.ts). */
const backendsOf = (suite: SuiteName): readonly string[] =>
  Object.keys(BACKENDS).filter((name) => suite !== 'bookworm' || !name.startsWith('HAProxy'));

describe.each(SUITES)('%s', (suite) => {
  test.each(backendsOf(suite))('verified clients pass while others send forged tokens: %s', async (name) => {
    const options = BACKENDS[name];
    const cli = await freePort();
    const haproxy = await startHaproxy(suite, {
      settings: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/key.pem' },
      files: { 'key.pem': KEY.pem },
      rules: ['http-request lua.jwtenforce', 'http-request return status 200'],
      ...options,
      global: ['nbthread 1', cliLine(cli), ...(options?.global ?? [])],
    });
    expect(haproxy.output()).toContain(`signatures are checked by ${name}`);
    const tokens = await Promise.all(
      Array.from({ length: VERIFIED }, (_, number) =>
        signToken(KEY.privateKey, 'RS256', claims({ jti: String(number) })),
      ),
    );
    for (const token of tokens) {
      await until(
        20,
        () => haproxy.askWith(token),
        ({ status }) => status === 200,
      );
    }
    const input = (tokens[0] ?? '').split('.').slice(0, 2).join('.');
    const forge = (): string => {
      const signature = randomBytes(256);
      signature[0] = 1;
      return `${input}.${signature.toString('base64url')}`;
    };
    const forged = startLoad(haproxy.port, () => ['forged', forge()], { clients: 8 });
    const verified = startLoad(haproxy.port, (turn) => ['verified', tokens[turn % VERIFIED] ?? ''], { clients: 4 });
    await forged.more('forged', FORGED);
    await verified.more('verified', FORGED);
    await Promise.all([forged.end(), verified.end()]);
    const status = await runCli(cli, 'show jwtverify');
    await haproxy.stop();

    expect(verified.seen('verified')).toEqual(['200']);
    // Beyond the budget nobody can tell whether a token is forged. The others need none.
    expect(forged.seen('forged')).toEqual(name === 'plain TypeScript' ? ['401', '503'] : ['401']);
    expect(status).toMatch(/^refused signature_invalid: /m);
    if (name === 'plain TypeScript') expect(status).toMatch(/^refused budget_exhausted: /m);
    else expect(status).not.toContain('budget_exhausted');
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  });
});
