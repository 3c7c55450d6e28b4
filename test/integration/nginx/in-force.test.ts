// Which settings are in force: in the log once, and in the answer of `jwtverify.health`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { pause } from '../helpers/keep-alive';
import { CONTRACT_LOCATIONS, ENGINES, SHARED_DICT, startNginx, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
const SERVER = `${CONTRACT_LOCATIONS} location = /ready { js_content jwtverify.health; }`;

const said = (nginx: Nginx): readonly string[] =>
  nginx
    .errorLog()
    .split('\n')
    .flatMap((line) => /jwtverify: in force: version [\d.]+, build [\w-]{8}; (.*)$/.exec(line)?.[1] ?? []);

describe.concurrent.each(ENGINES)('$suite, $name', { timeout: 60_000 }, (engine) => {
  test('O4: settings without a policy are logged once, and again when they change', async ({ expect }) => {
    const token = await signToken(key.privateKey, 'RS256', claims());
    const nginx = await startNginx(engine, {
      env: {
        OAUTH_ISSUER: ISSUER,
        OAUTH_AUDIENCE: `${AUDIENCE} other`,
        OAUTH_PUBKEY_PATH: 'DIRECTORY/k',
        OAUTH_DENY_PATH: 'DIRECTORY/denied',
        UNRELATED: 'x',
      },
      http: engine.hasSharedDict ? SHARED_DICT : '',
      files: { k: key.pem, denied: 'sub:nobody\n# a note\njti:4711\n' },
      server: SERVER,
    });
    const set = ['OAUTH_AUDIENCE', 'OAUTH_DENY_PATH', 'OAUTH_ISSUER', 'OAUTH_PUBKEY_PATH'];
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await nginx.askWith(token)).status).toBe(200);
      await pause(600);
    }
    const line = (entries: string): string =>
      `${ISSUER} for ${AUDIENCE} other; no policy; a deny list of ${entries}; set: ${set.join(' ')}`;
    expect(said(nginx)).toEqual(engine.hasSharedDict ? [line('2 entries')] : []);
    const answer = JSON.parse((await nginx.ask({ path: '/ready' })).body) as object;
    expect(answer).toMatchObject({
      version,
      issuers: [{ issuer: ISSUER, audiences: [AUDIENCE, 'other'] }],
      set,
      denied: 2,
    });
    expect(answer).not.toHaveProperty('policy');
    writeFileSync(join(nginx.directory, 'denied'), 'sub:nobody\n');
    await pause(1100);
    expect((await nginx.askWith(token)).status).toBe(200);
    expect(said(nginx)).toEqual(engine.hasSharedDict ? [line('2 entries'), line('1 entry')] : []);
    await nginx.stop();
  });

  test('O4: a policy is shown with its mode and the number of its rules, and no secret is', async ({ expect }) => {
    const secret = 'a secret of thirty-two characters';
    const policy = {
      issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'OAUTH_MY_SECRET' } }],
      mode: 'shadow',
      audit: 'refused',
      rules: [
        { name: 'one', paths: ['/one'] },
        { name: 'two', paths: ['/**'] },
      ],
    };
    const nginx = await startNginx(engine, {
      env: { OAUTH_POLICY: 'DIRECTORY/policy.json', OAUTH_MY_SECRET: secret },
      http: engine.hasSharedDict ? SHARED_DICT : '',
      files: { 'policy.json': JSON.stringify(policy) },
      server: SERVER,
    });
    await nginx.ask();
    await nginx.ask();
    const answer = (await nginx.ask({ path: '/ready' })).body;
    expect(JSON.parse(answer)).toMatchObject({
      policy: { mode: 'shadow', rules: 2, audit: 'refused' },
      set: ['OAUTH_MY_SECRET', 'OAUTH_POLICY'],
    });
    const line = `${ISSUER} for ${AUDIENCE}; a policy of 2 rules, mode shadow, audit refused; no deny list; set: OAUTH_MY_SECRET OAUTH_POLICY`;
    const remembers = engine.hasSharedDict;
    expect(said(nginx)).toEqual(remembers ? [line] : []);
    expect(answer + nginx.errorLog()).not.toContain(secret);
    await nginx.stop();
  });
});
