// `show jwtverify` on the runtime CLI prints what is in force: with a policy and without, and nothing that is secret.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cliLine, runCli } from '../helpers/haproxy-cli';
import { startHaproxy } from '../helpers/haproxy-server';
import { freePort, SUITES } from '../helpers/suite';
import { AUDIENCE, claims, ISSUER, signToken } from '../helpers/tokens';

const SECRET = 'a secret of thirty-two characters';
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
const CHECK = 'http-request deny deny_status 401 unless { var(txn.authorized) -m bool }';
const RULES = ['http-request lua.jwtverify', CHECK];
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE, 'other'], keys: { secret_env: 'HAMSTER_SECRET' } }],
  mode: 'shadow',
  audit: 'refused',
  deny_path: 'DIRECTORY/denied',
  rules: [
    { name: 'first', paths: ['/first'], mode: 'enforce' },
    { name: 'second', paths: ['/**'] },
  ],
};

test.each(SUITES)(
  'HAProxy of %s prints the policy, what it enforces, and what passed in shadow mode',
  async (suite) => {
    const cli = await freePort();
    const haproxy = await startHaproxy(suite, {
      env: { OAUTH_POLICY: 'DIRECTORY/policy.json', HAMSTER_SECRET: SECRET },
      files: { 'policy.json': JSON.stringify(POLICY), denied: 'sub:nobody\n' },
      rules: RULES,
      global: [cliLine(cli)],
    });
    try {
      expect((await haproxy.ask({ path: '/x' })).status).toBe(200);
      expect((await haproxy.askWith(await signToken(SECRET, 'HS256', claims({})), { path: '/x' })).status).toBe(200);
      const shown = await runCli(cli, 'show jwtverify');
      for (const line of [
        `version: ${version}\n`,
        `issuer: ${ISSUER}\n  audiences: ${AUDIENCE} other\n`,
        '\npolicy: 2 rules, mode shadow, audit refused\n  enforced: first\n',
        /\ndeny list: \S+\/denied\n/,
        '\nset: OAUTH_POLICY\n',
        '\npassed in shadow mode credentials_missing: 1\n',
      ]) {
        expect(shown).toEqual(typeof line === 'string' ? expect.stringContaining(line) : expect.stringMatching(line));
      }
      expect(shown).not.toContain(SECRET);
      expect(haproxy.output()).toContain('is `shadow`: no request is refused but by `first`');
    } finally {
      await haproxy.stop();
    }
  },
);

test.each(SUITES)('HAProxy of %s prints the settings that are set, without a policy', async (suite) => {
  const cli = await freePort();
  const haproxy = await startHaproxy(suite, {
    settings: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: '*', OAUTH_HMAC_SECRET: SECRET },
    rules: RULES,
    global: [cliLine(cli)],
  });
  try {
    const shown = await runCli(cli, 'show jwtverify');
    expect(shown).toContain(`issuer: ${ISSUER}\n  audiences: any\n`);
    expect(shown).toContain('\npolicy: none\ndeny list: none\nset: OAUTH_AUDIENCE OAUTH_HMAC_SECRET OAUTH_ISSUER\n');
    expect(shown).not.toContain(SECRET);
  } finally {
    await haproxy.stop();
  }
});
