// HAProxy's own `jwt_verify` for keys that the configuration names: used when it is safe, refused when it is half there.
import { afterEach, describe, expect, test } from 'vitest';
import {
  checkHaproxy,
  failHaproxy,
  shown,
  startHaproxy,
  type Haproxy,
  type HaproxyOptions,
  type Load,
} from '../helpers/haproxy-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';
import { SUITES, type SuiteName } from '../helpers/suite';

const RSA = makeKeyPair('RS256');
const EC = makeKeyPair('ES512');
const ED = makeKeyPair('EdDSA');
const STRANGER = makeKeyPair('RS256');
const FILES = {
  'rsa.pem': RSA.pem,
  'ec.pem': EC.pem,
  'ed.pem': ED.pem,
  'two.pem': RSA.pem + EC.pem,
  'set.json': JSON.stringify({
    keys: [
      { ...RSA.jwk, kid: 'rsa' },
      { ...EC.jwk, kid: 'ec' },
      { ...ED.jwk, kid: 'ed' },
    ],
  }),
};
/** Without luaossl, and with so little plain TypeScript that it could not answer for it. */
const ENVIRONMENT = { LUA_PATH: '', LUA_CPATH: '', OAUTH_PLAIN_BUDGET: '1' };
const line = (file: string, name = 'oauth_native'): string =>
  `set-var proc.${name} str(),jwt_verify(RS256,DIRECTORY/${file})`;

function optionsFor(more: Partial<HaproxyOptions>): HaproxyOptions {
  const settings = {
    OAUTH_ISSUER: ISSUER,
    OAUTH_AUDIENCE: AUDIENCE,
    OAUTH_PUBKEY_PATH: 'DIRECTORY/rsa.pem',
    OAUTH_NATIVE_KEYS: 'DIRECTORY/rsa.pem',
    ...more.settings,
  };
  return { files: FILES, env: ENVIRONMENT, ...more, settings };
}

/** The HAProxy whose `jwt_verify` leaves errors behind. */
const UNCLEARED: SuiteName = 'bookworm';
const CLEARED = SUITES.filter((suite) => suite !== UNCLEARED);

describe.each(CLEARED)('%s', (suite) => {
  const running: Haproxy[] = [];

  async function start(more: Partial<HaproxyOptions>): Promise<Haproxy> {
    const haproxy = await startHaproxy(suite, optionsFor(more));
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

  test.each(['lua-load', 'lua-load-per-thread'] satisfies Load[])(
    '%s: many new tokens pass and forged ones do not, in a chroot and as another user',
    async (load) => {
      const global = [line('rsa.pem'), 'nbthread 2', 'user haproxy', 'group haproxy', 'chroot /var/lib/haproxy'];
      const haproxy = await start({ global, load });
      expect(haproxy.output()).toMatch(/signatures are checked by HAProxy's jwt_verify for 1 key \(RS256\/384\/512 /);
      for (let time = 0; time < 20; time += 1) {
        for (const name of ['RS256', 'RS384', 'RS512']) {
          const payload = claims({ jti: String(time) });
          const good = await signToken(RSA.privateKey, name, payload);
          const forged = await signToken(STRANGER.privateKey, name, payload);
          expect(shown(await haproxy.askWith(good))).toMatchObject({ authorized: '1' });
          expect(shown(await haproxy.askWith(forged))).toMatchObject({ authorized: '0', reason: 'signature_invalid' });
        }
      }
    },
  );

  test('keys of a set are recognised by their value; what HAProxy lacks goes to plain TypeScript', async () => {
    const haproxy = await start({
      global: [line('rsa.pem', 'one'), line('ec.pem', 'two')],
      settings: {
        OAUTH_PUBKEY_PATH: 'DIRECTORY/ed.pem',
        OAUTH_JWKS_PATH: 'DIRECTORY/set.json',
        OAUTH_NATIVE_KEYS: 'DIRECTORY/rsa.pem DIRECTORY/ec.pem',
      },
    });
    for (let time = 0; time < 10; time += 1) {
      const payload = claims({ jti: String(time) });
      const rsa = await signToken(RSA.privateKey, 'RS256', payload, { kid: 'rsa' });
      const ec = await signToken(EC.privateKey, 'ES512', payload, { kid: 'ec' });
      expect(shown(await haproxy.askWith(rsa))).toMatchObject({ authorized: '1' });
      expect(shown(await haproxy.askWith(ec))).toMatchObject({ authorized: '1' });
    }
    const ed = await signToken(ED.privateKey, 'EdDSA', claims(), { kid: 'ed' });
    expect(shown(await haproxy.askWith(ed))).toMatchObject({ authorized: '1' });
  });

  test('a salt of another length is refused for PS256: RFC 7518 section 3.5, which HAProxy does not look at', async () => {
    const { constants, sign } = await import('node:crypto');
    const haproxy = await start({ global: [line('rsa.pem')], env: { ...ENVIRONMENT, OAUTH_PLAIN_BUDGET: '1000' } });
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const input = `${encode({ alg: 'PS256', typ: 'JWT' })}.${encode(claims())}`;
    for (const [saltLength, authorized] of [
      [32, '1'],
      [0, '0'],
      [20, '0'],
    ] as const) {
      const key = { key: RSA.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
      const token = `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
      expect(shown(await haproxy.askWith(token))).toMatchObject({ authorized });
    }
  });

  test('HAProxy logs a line that it skipped, and does not read the file in a request', async () => {
    const haproxy = await start({
      global: ['.if version_before(2.0)', line('ec.pem'), '.endif', 'nbthread 1'],
      settings: { OAUTH_PUBKEY_PATH: 'DIRECTORY/ec.pem', OAUTH_NATIVE_KEYS: 'DIRECTORY/ec.pem' },
    });
    const answers = [];
    for (let time = 0; time < 5; time += 1) {
      answers.push(
        shown(await haproxy.askWith(await signToken(EC.privateKey, 'ES512', claims({ jti: String(time) })))),
      );
    }
    expect(answers[0]).toMatchObject({ authorized: '1' });
    // Plain TypeScript answers, and may check one such signature in four seconds.
    expect(answers.map(({ reason }) => reason)).toContain('budget_exhausted');
    expect(
      haproxy.output().match(/^jwtverify: OAUTH_NATIVE_KEYS: HAProxy skipped the line that loads .*, so/gm),
    ).toHaveLength(1);
  });
});

describe.each(SUITES)('%s', (suite) => {
  test.each([
    [
      'no line',
      [],
      {},
      /rsa\.pem` is not loaded by HAProxy; put `set-var proc\.oauth_native str\(\),jwt_verify\(RS256,/,
    ],
    ['a line for another file', [line('ec.pem')], {}, /rsa\.pem` is not loaded by HAProxy/],
    ['a line in a comment', [`# ${line('rsa.pem')}`], {}, /rsa\.pem` is not loaded by HAProxy/],
    ['a line that sets nothing', ['description jwt_verify(RS256,DIRECTORY/rsa.pem)'], {}, /is not loaded by HAProxy/],
    [
      'one variable for two files',
      [line('rsa.pem'), line('ec.pem')],
      {},
      /`proc\.oauth_native` is set by lines for different files/,
    ],
    [
      'one of two files without a line',
      [line('rsa.pem')],
      { OAUTH_NATIVE_KEYS: 'DIRECTORY/rsa.pem DIRECTORY/ec.pem' },
      /ec\.pem` is not loaded by HAProxy/,
    ],
    [
      'a file with two keys',
      [line('two.pem')],
      { OAUTH_NATIVE_KEYS: 'DIRECTORY/two.pem' },
      /two\.pem` does not hold exactly one usable PEM block `PUBLIC KEY`/,
    ],
  ] as const)('%s stops -c and the start', async (_, global, settings, message) => {
    for (const run of [checkHaproxy, failHaproxy]) {
      const { code, output } = await run(suite, optionsFor({ global, settings }));
      expect(code).toBe(1);
      expect(output).toMatch(/jwtverify: (\(1 of \d\) )?OAUTH_NATIVE_KEYS: /);
      expect(output).toMatch(message);
    }
  });
});

describe(`${UNCLEARED}, whose jwt_verify leaves errors behind`, () => {
  test.each([
    ['a single issuer', {}],
    ['a second file', { OAUTH_NATIVE_KEYS: 'DIRECTORY/rsa.pem DIRECTORY/ec.pem' }],
  ])('HAProxy does not start without luaossl: %s', async (_, settings) => {
    for (const run of [checkHaproxy, failHaproxy]) {
      const global = [line('rsa.pem'), line('ec.pem', 'other')];
      const { code, output } = await run(UNCLEARED, optionsFor({ global, settings }));
      expect(code).toBe(1);
      expect(output).toMatch(
        /OAUTH_NATIVE_KEYS: `jwt_verify` of HAProxy 2\.6\.12\S* closes a TLS connection of another/,
      );
    }
  });

  test('HAProxy starts with luaossl, which checks every signature', async () => {
    const haproxy = await startHaproxy(UNCLEARED, optionsFor({ global: [line('rsa.pem')], env: {} }));
    expect(haproxy.output()).toMatch(/signatures are checked by luaossl/);
    await haproxy.stop();
  });
});
