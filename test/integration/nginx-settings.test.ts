// Broken settings on nginx: no request is ever allowed, and the error log says everything that is wrong.
import { describe, expect, test } from 'vitest';
import { ENGINES, SHARED_DICT, startNginx, type Engine, type NginxOptions } from './nginx-server';
import { AUDIENCE, ISSUER, makeKeyPair, signToken } from './tokens';

const key = makeKeyPair('RS256');
const SECRET = 'a shared secret of hamsters, which is long enough to be one';
const FILES = { k: key.pem, empty: '', text: 'no key in here\n', 'set.json': '{"keys":[]}' };
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };

const BROKEN: readonly (readonly [string, Readonly<Record<string, string>>, readonly RegExp[]])[] = [
  ['nothing set at all', {}, [/OAUTH_ISSUER: is not set/, /OAUTH_AUDIENCE: is not set/]],
  [
    'a missing file',
    { ...ENV, OAUTH_PUBKEY_PATH: '/nowhere/k' },
    [/OAUTH_PUBKEY_PATH: cannot read `\/nowhere\/k`: no such file/],
  ],
  ['a file without a key', { ...ENV, OAUTH_PUBKEY_PATH: 'DIRECTORY/text' }, [/OAUTH_PUBKEY_PATH: no key can be used/]],
  ['an empty file', { ...ENV, OAUTH_PUBKEY_PATH: 'DIRECTORY/empty' }, [/OAUTH_PUBKEY_PATH: no key can be used/]],
  ['a directory', { ...ENV, OAUTH_PUBKEY_PATH: 'DIRECTORY' }, [/OAUTH_PUBKEY_PATH: cannot read/]],
  [
    'a JWK set without keys',
    { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS_PATH: 'DIRECTORY/set.json' },
    [/OAUTH_JWKS_PATH: no key can be used/],
  ],
  [
    'a secret beside a public key',
    { ...ENV, OAUTH_HMAC_SECRET: SECRET },
    [/OAUTH_HMAC_SECRET: contradicts OAUTH_PUBKEY_PATH/],
  ],
  ['an unknown algorithm', { ...ENV, OAUTH_ALGORITHMS: 'RS256 RS999' }, [/OAUTH_ALGORITHMS: `RS999` is not known/]],
  ['none as an algorithm', { ...ENV, OAUTH_ALGORITHMS: 'none' }, [/OAUTH_ALGORITHMS: `none` means no signature/]],
  ['an empty audience', { ...ENV, OAUTH_AUDIENCE: '' }, [/OAUTH_AUDIENCE: is empty/]],
  ['an empty issuer', { ...ENV, OAUTH_ISSUER: '' }, [/OAUTH_ISSUER: is empty/]],
  [
    'a policy that is not there, and settings beside it',
    { ...ENV, OAUTH_POLICY: '/nowhere/policy.json' },
    [/OAUTH_POLICY: stands beside OAUTH_ISSUER, OAUTH_AUDIENCE/, /OAUTH_POLICY: cannot read `\/nowhere\/policy.json`/],
  ],
  [
    'several faults at once',
    { OAUTH_AUDIENCE: ' ', OAUTH_PUBKEY_PATH: '/nowhere/k', OAUTH_ALGORITHMS: 'RS999', OAUTH_CLOCK_SKEW: '-1' },
    [/OAUTH_ISSUER: /, /OAUTH_AUDIENCE: /, /OAUTH_PUBKEY_PATH: /, /OAUTH_ALGORITHMS: /, /OAUTH_CLOCK_SKEW: /],
  ],
];

async function expectRefused(engine: Engine, options: NginxOptions): Promise<readonly string[]> {
  const nginx = await startNginx(engine, { files: FILES, ...options });
  const tokens = [await signToken(key.privateKey, 'RS256'), await signToken(SECRET, 'HS256'), 'x'];
  for (const token of tokens) {
    const answer = await nginx.askWith(token);
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain('reached');
  }
  const exact = await nginx.ask({ path: '/authorizer' });
  expect([exact.status, exact.headers['x-oauth-reason']]).toEqual([503, 'settings_invalid']);
  await nginx.stop();
  expect(nginx.leaks()).toEqual([]);
  expect(nginx.errorLog()).not.toContain(SECRET);
  return nginx.messages();
}

describe.each(ENGINES)('$suite, $name', (engine: Engine) => {
  test.each(BROKEN)('refuses every request under %s, and one message lists the problems', async (_, env, problems) => {
    const messages = await expectRefused(engine, { env });
    for (const problem of problems) expect(messages[0]).toMatch(problem);
    expect(messages[0]).toContain('jwtverify: every request is refused: ');
  });

  test('says what is wrong once for each worker where the engine can remember it', async () => {
    const http = engine.hasSharedDict ? SHARED_DICT : '';
    const messages = await expectRefused(engine, { env: {}, http });
    expect(messages.length).toBe(engine.hasSharedDict ? 1 : 4);
  });

  test('a key file that the workers may not read is named, and lets nothing pass', async () => {
    const main = 'env OAUTH_PUBKEY_PATH;';
    const messages = await expectRefused(engine, { env: { ...ENV, OAUTH_PUBKEY_PATH: '/etc/shadow' }, main });
    expect(messages[0]).toContain('OAUTH_PUBKEY_PATH: cannot read `/etc/shadow`: nginx workers are not permitted');
  });

  test('takes values out of the configuration where njs hands them on, and says so where it does not', async () => {
    const main = Object.entries(ENV)
      .map(([name, value]) => `env "${name}=${value}";`)
      .join('\n');
    if (!engine.seesEnvValues) {
      const messages = await expectRefused(engine, { main });
      expect(messages[0]).toContain('njs 0.7.9 sees no value given as `env NAME=value;`');
      return;
    }
    const nginx = await startNginx(engine, { main, files: FILES });
    expect((await nginx.askWith(await signToken(key.privateKey, 'RS256'))).status).toBe(200);
    expect((await nginx.askWith(await signToken(makeKeyPair('RS256').privateKey, 'RS256'))).status).toBe(401);
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test('any audience passes under *, and only under *', async () => {
    const nginx = await startNginx(engine, { env: { ...ENV, OAUTH_AUDIENCE: '*' }, files: FILES });
    expect((await nginx.askWith(await signToken(key.privateKey, 'RS256'))).status).toBe(200);
    await nginx.stop();
    const other = await startNginx(engine, { env: { ...ENV, OAUTH_AUDIENCE: 'x' }, files: FILES });
    expect((await other.askWith(await signToken(key.privateKey, 'RS256'))).status).toBe(401);
    await other.stop();
  });
});
