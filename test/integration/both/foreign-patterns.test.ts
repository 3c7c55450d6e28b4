// Policies as other tools would write them: patterns are named in the log, stars for names stop the start; both proxies.
import { describe, expect, test } from 'vitest';
import { ISSUERS, SECRET, startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { failHaproxy } from '../helpers/haproxy-server';
import { startPolicyNginx } from '../helpers/nginx-policy-server';
import { dictionaries } from '../helpers/nginx-policy';
import { ENGINES, startNginx } from '../helpers/nginx-server';
import { SUITES } from '../helpers/suite';

const PATTERNS = ['/y/:id', '/{id}', '/v1/.*'];
const ODD = { issuers: ISSUERS, rules: [{ paths: [...PATTERNS, '/z/*'] }] };
const STAR = { issuers: ISSUERS, rules: [{ paths: ['/**'], require: { subject: ['repo:org/*'] } }] };
const SAYS_STAR = /#\/rules\/0\/require\/subject\/0: `repo:org\/\*` has a `\*`, which would be compared literally/;
const env = { HAMSTER_SECRET: SECRET };

function saysEach(log: string): readonly boolean[] {
  return PATTERNS.map((pattern) =>
    log.includes(`\`${pattern}\` matches \`${pattern.split('/').at(-1) ?? ''}\` literally`),
  );
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test('names each pattern of another language when it starts, and works', async () => {
    const haproxy = await startWithPolicy(suite, { policy: ODD });
    expect((await haproxy.askWith(tokenOf(), { path: '/z/x' })).status).toBe(200);
    expect((await haproxy.askWith(tokenOf(), { path: '/y/7' })).status).toBe(403);
    expect(saysEach(haproxy.output())).toEqual([true, true, true]);
    await haproxy.stop();
  });

  test('does not start with a star in a subject', async () => {
    const { code, output } = await failHaproxy(suite, {
      env: { ...env, OAUTH_POLICY: 'DIRECTORY/policy.json' },
      files: { 'policy.json': JSON.stringify(STAR) },
    });
    expect(code).not.toBe(0);
    expect(output).toMatch(SAYS_STAR);
  });
});

describe.each(ENGINES)('nginx in $suite, $name', (engine) => {
  test('names each pattern of another language, and works', async () => {
    const nginx = await startPolicyNginx(engine, ODD, { env });
    expect((await nginx.askWith(tokenOf(), { path: '/z/x' })).status).toBe(200);
    expect((await nginx.askWith(tokenOf(), { path: '/y/7' })).status).toBe(403);
    if (engine.hasSharedDict) expect(saysEach(nginx.errorLog())).toEqual([true, true, true]);
    await nginx.stop();
  });

  test('lets nobody pass with a star in a subject, and says why', async () => {
    const nginx = await startNginx(engine, {
      env: { ...env, OAUTH_POLICY: 'DIRECTORY/policy.json' },
      files: { 'policy.json': JSON.stringify(STAR) },
      http: dictionaries(engine),
    });
    expect((await nginx.askWith(tokenOf({ sub: 'repo:org/*' }))).status).toBe(403);
    expect(nginx.errorLog()).toMatch(SAYS_STAR);
    await nginx.stop();
  });
});
