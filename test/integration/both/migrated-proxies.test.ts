// Policies that `jwtverify migrate oauth2-proxy` makes of the options of three published systems, on both proxies: they let in
// whom OAuth2-Proxy let in. Keys come from servers of the test.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrate } from '../../../cli/commands/migrate';
import { createRecorder } from '../../unit/cli/recorder';
import { reachedBy, valuesOf } from '../helpers/echo-backend';
import { makeKey, publicPart, signWith } from '../helpers/issuer-server';
import { keySet, startKeyServer } from '../helpers/nginx-provider';
import { resultOf, type RunningGateway } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS } from '../helpers/policy-gateways';
import { startEntra } from '../helpers/systems';

interface Policy {
  readonly issuers: readonly Readonly<Record<string, unknown>>[];
}

/** The policy of these options. @param keyUrls where each issuer's keys are for the test */
function policyOf(options: readonly string[], keyUrls: readonly string[]): object {
  const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  const source = join(folder, 'options');
  writeFileSync(source, options.join(' '));
  const given = { to: undefined, listen: '8080', njs: '1.0', module: undefined, issuer: undefined, audience: [] };
  expect(migrate('oauth2-proxy', [source], { ...given, directory: folder }, createRecorder().output)).toBe(0);
  const policy = JSON.parse(readFileSync(join(folder, 'policy.json'), 'utf8')) as Policy;
  rmSync(folder, { recursive: true });
  const issuers = policy.issuers.map((issuer, index) => ({ ...issuer, keys: { jwks_url: keyUrls[index] } }));
  return { ...policy, issuers, allow_http: true };
}

describe.each(POLICY_GATEWAYS)('$name', (gateway) => {
  async function withOptions(
    options: readonly string[],
    keyUrls: readonly string[],
    use: (running: RunningGateway) => Promise<void>,
  ): Promise<void> {
    const running = await gateway.start(policyOf(options, keyUrls), { keyUrls });
    try {
      await use(running);
    } finally {
      await running.stop();
    }
    expect(running.leaks()).toEqual([]);
  }

  test('B2, B4, B5: Emissary with Entra ID: both issuers, any of the groups, the headers', async () => {
    const entra = await startEntra();
    const [one = '', two = ''] = (entra.policy as Policy).issuers.map(({ issuer }) => String(issuer));
    const options = [
      `--provider=entra-id --oidc-issuer-url=${one} --client-id=client-id`,
      `--extra-jwt-issuers=${two}=api://client-id --allowed-group=g1,g2 --email-domain=*`,
      '--set-xauthrequest=true --skip-jwt-bearer-tokens=true --upstream=static://200',
    ];
    await withOptions(options, entra.keyUrls, async (running) => {
      for (const token of [entra.old, entra.next]) {
        const answer = await running.askWith(token);
        expect([answer.status, resultOf(answer)?.reason]).toEqual([200, '']);
        expect(valuesOf(reachedBy(answer), 'X-Auth-Request-User')).toEqual(['turbo']);
      }
      const others = entra.refused.filter(([, , reason]) => reason !== 'required_claim');
      for (const [token, status, reason] of others) {
        const answer = await running.askWith(token);
        expect([answer.status, resultOf(answer)?.reason]).toEqual([status, reason]);
      }
    });
    await entra.stop();
  });

  test('C1, C4: Kyma: a machine passes by its client identifier, without an email; D2: one group', async () => {
    const key = await makeKey('RS256');
    const server = await startKeyServer(keySet([publicPart(key)]));
    const issuer = server.origin;
    const common = ['--provider=oidc', `--oidc-issuer-url=${issuer}`, '--client-id=client', '--email-domain=*'];
    const options = [...common, '--allowed-group=group2', '--skip-auth-route=GET=^/health$'];
    await withOptions(options, [`${server.origin}/keys`], async (running) => {
      const sign = (claims: object): Promise<string> => signWith(key, issuer, 600, { aud: 'client', ...claims });
      const statusOf = async (claims: object): Promise<readonly unknown[]> => {
        const answer = await running.askWith(await sign(claims));
        return [answer.status, resultOf(answer)?.reason];
      };
      expect(await statusOf({ groups: ['group2'] })).toEqual([200, '']);
      expect(await statusOf({ groups: ['group1'] })).toEqual([403, 'groups_refused']);
      expect(await statusOf({ aud: 'other', groups: ['group2'] })).toEqual([401, 'audience_refused']);
      expect((await running.ask({ path: '/a' })).status).toBe(401);
      expect((await running.ask({ path: '/health' })).status).toBe(200);
    });
    await server.stop();
  });
});
