// Settings as nginx's workers have them: what reaches them of files, of values in the configuration, of dictionaries.
import { describe, expect, test } from 'vitest';
import { ENGINES, SHARED_DICT, startNginx, type Engine, type NginxOptions } from '../helpers/nginx-server';
import { AUDIENCE, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const SECRET = 'a shared secret of hamsters, which is long enough to be one';
const FILES = { k: key.pem };
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };

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
  test('names a variable that is nearly a setting which is not set, and no other', async () => {
    const messages = await expectRefused(engine, { env: { ...ENV, OAUTH_DENY_PTAH: '/etc/denied' } });
    expect(messages[0]).toContain(
      'OAUTH_DENY_PTAH: has no effect, for no setting has this name; did you mean `OAUTH_DENY_PATH`?',
    );
    // Of other things, or of a setting that is set as well.
    const others = { OAUTH_PROXY_NAME: 'x', OAUTH_AUDIENCES: 'x', OTHER_DENY_PTAH: 'x' };
    const nginx = await startNginx(engine, { env: { ...ENV, ...others }, files: FILES });
    expect((await nginx.askWith(await signToken(key.privateKey, 'RS256'))).status).toBe(200);
    await nginx.stop();
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

  test('reads values in the configuration where njs hands them on, and says so where it does not', async () => {
    const main = Object.entries(ENV)
      .map(([name, value]) => `env "${name}=${value}";`)
      .join('\n');
    if (!engine.seesEnvValues) {
      const messages = await expectRefused(engine, { main });
      expect(messages[0]).toContain('njs 0.7.9 cannot read the value of `env NAME=value;`');
      return;
    }
    const nginx = await startNginx(engine, { main, files: FILES });
    expect((await nginx.askWith(await signToken(key.privateKey, 'RS256'))).status).toBe(200);
    expect((await nginx.askWith(await signToken(makeKeyPair('RS256').privateKey, 'RS256'))).status).toBe(401);
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });
});

describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('dictionaries on $suite, $name', (engine) => {
  test('a misspelt name is a problem, and a reload that corrects it ends the problem', async () => {
    const zones = 'js_shared_dict_zone zone=jwtverify:1m; js_shared_dict_zone zone=jwtverify_kesy:1m;';
    const nginx = await startNginx(engine, { env: ENV, http: zones, files: FILES });
    const token = await signToken(key.privateKey, 'RS256');
    const status = async (): Promise<number> => (await nginx.askWith(token, { path: '/authorizer' })).status;
    expect(await status()).toBe(503);
    expect(nginx.messages()[0]).toContain(
      'js_shared_dict_zone: jwtverify does not use `jwtverify_kesy`; did you mean `jwtverify_keys`?',
    );
    await nginx.reload((text) => text.replace('jwtverify_kesy', 'jwtverify_keys'));
    expect(await status()).toBe(200);
    await nginx.reload((text) => text.replace('jwtverify_keys', 'jwtverify_kesy'));
    expect(await status()).toBe(503);
    await nginx.stop();
  });

  test("jwtverify reports no problem of a dictionary that belongs to the operator's own scripts", async () => {
    const names = ['jwtverify', 'jwtverify_keys', 'jwtverify_rates', 'keys', 'deny', 'jwt'];
    const zones = names.map((name) => `js_shared_dict_zone zone=${name}:1m;`).join(' ');
    const nginx = await startNginx(engine, { env: ENV, http: zones, files: FILES });
    const answer = await nginx.askWith(await signToken(key.privateKey, 'RS256'), { path: '/authorizer' });
    expect(answer.status).toBe(200);
    expect(nginx.messages()).toEqual([]);
    await nginx.stop();
  });
});
