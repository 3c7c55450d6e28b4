// Other people's systems that a policy replaces or serves, on both proxies: Entra ID behind Emissary, Kyma with client
// credentials, Keycloak behind nginx, Shieldoo's broker.
import { describe, expect, test } from 'vitest';
import { reachedBy, valuesOf } from '../helpers/echo-backend';
import { until } from '../helpers/haproxy-cli';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { AUDIENCE, makeKey, publicPart, signWith, startIssuer } from '../helpers/issuer-server';
import { keySet, startKeyServer } from '../helpers/nginx-provider';
import { resultOf, type GatewayOptions, type RunningGateway } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS } from '../helpers/policy-gateways';
import {
  AZ_CLI,
  BROKEN_PLACES,
  BROKEN_POLICY,
  KEYCLOAK_ROLES,
  keycloakPolicy,
  providerPolicy,
  startBroker,
  startEntra,
} from '../helpers/systems';

describe.each(POLICY_GATEWAYS)('$name', (gateway) => {
  async function withPolicy(
    policy: object,
    use: (running: RunningGateway) => Promise<void>,
    options: GatewayOptions = {},
  ): Promise<void> {
    const running = await gateway.start(policy, options);
    try {
      await use(running);
    } finally {
      await running.stop();
    }
    expect(running.leaks()).toEqual([]);
  }

  test('B2, B3, B4, B6: both issuers of an Entra tenant at once; a token of az-CLI passes, with its groups', async () => {
    const entra = await startEntra();
    const { policy, keyUrls } = entra;
    await withPolicy(
      policy,
      async (running) => {
        const old = await running.askWith(entra.old);
        expect([old.status, resultOf(old)?.reason]).toEqual([200, '']);
        const headers = ['X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Client'];
        expect(headers.map((name) => valuesOf(reachedBy(old), name))).toEqual([
          ['ann@example.com'],
          ['ann@example.com'],
          [AZ_CLI],
        ]);
        const next = await running.askWith(entra.next);
        expect([next.status, valuesOf(reachedBy(next), 'X-Auth-Request-Email')]).toEqual([200, ['turbo']]);
        for (const [token, status, reason] of entra.refused) {
          const answer = await running.askWith(token);
          expect([answer.status, resultOf(answer)?.reason]).toEqual([status, reason]);
        }
      },
      { keyUrls },
    );
    await entra.stop();
  });

  test('many issuers have their keys come at once, and none is lost', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => makeKey('RS256')));
    const servers = await Promise.all(keys.map((key) => startKeyServer(keySet([publicPart(key)]))));
    const keyUrls = servers.map(({ origin }) => `${origin}/keys`);
    const issuers = servers.map(({ origin }, index) => ({
      issuer: origin,
      audiences: [AUDIENCE],
      keys: { jwks_url: keyUrls[index] },
    }));
    const policy = { issuers, allow_http: true, otherwise: 'authenticated' };
    const tokens = await Promise.all(keys.map((key, index) => signWith(key, servers[index]?.origin ?? '')));
    for (let round = 0; round < 4; round += 1) {
      await withPolicy(
        policy,
        async (running) => {
          const answers = await Promise.all(tokens.map((token) => running.askWith(token)));
          expect(answers.map((answer) => resultOf(answer)?.reason)).toEqual(tokens.map(() => ''));
        },
        { keyUrls },
      );
    }
    for (const server of servers) await server.stop();
  });

  test('C3, C4, C6, C7: a real provider by discovery, client credentials, a machine without email; it may start late', async () => {
    const provider = await startIssuer();
    await provider.stop();
    const policy = providerPolicy(provider.issuer);
    const start = async (running: RunningGateway): Promise<void> => {
      const early = await running.askWith(await signWith(await makeKey(), provider.issuer));
      expect([resultOf(early)?.status, (await running.askHealth()).status]).toEqual([503, 503]);
      await provider.start();
      const ready = await until(
        20,
        async () => (await running.askHealth()).status,
        (status) => status === 200,
      );
      expect(ready).toBe(200);
      const token = await provider.token();
      const answer = await running.askWith(token);
      expect([answer.status, valuesOf(reachedBy(answer), 'X-Auth-Request-User')]).toEqual([200, ['keeper']]);
      expect(valuesOf(reachedBy(answer), 'X-Auth-Request-Access-Token')).toEqual([token]);
      expect((await running.ask()).status).toBe(401);
    };
    try {
      await withPolicy(policy, start, { keyUrls: [provider.jwksUrl] });
    } finally {
      await provider.stop();
    }
  });

  test('C9: an empty issuer is refused by name, and every problem of a policy with its place', async () => {
    const log = await gateway.refusalOf(BROKEN_POLICY);
    for (const place of BROKEN_PLACES) expect(log).toContain(place);
    expect(log).toContain('did you mean `rules`?');
  });

  test('D2, D7: Keycloak: /app1 for everybody, /app2 for group2, roles of realm and client', async () => {
    await withPolicy(keycloakPolicy(ISSUERS[0]), async (running) => {
      const ask = async (path: string, claims: object): Promise<number> =>
        (await running.askWith(tokenOf({ ...claims }), { path })).status;
      expect([await ask('/app1/x', {}), await ask('/app2/x', { groups: ['group1'] })]).toEqual([200, 403]);
      expect(await ask('/app2/x', { groups: ['group1', 'group2'] })).toBe(200);
      expect(await ask('/boss', KEYCLOAK_ROLES)).toBe(200);
      expect(await ask('/boss', { ...KEYCLOAK_ROLES, resource_access: {} })).toBe(403);
    });
  });

  test('E1: tokens of a broker without sub, scope and nbf; keys found by a discovery without authorization endpoint', async () => {
    const broker = await startBroker();
    const use = async (running: RunningGateway): Promise<void> => {
      const allowed = await running.askWith(await broker.token(['ADMINISTRATOR']), { path: '/users' });
      expect([allowed.status, valuesOf(reachedBy(allowed), 'X-User')]).toEqual([200, ['ann@example.com']]);
      expect((await running.askWith(await broker.token(['USER']), { path: '/users' })).status).toBe(403);
    };
    try {
      await withPolicy(broker.policy, use, { keyUrls: [broker.keyUrl] });
    } finally {
      await broker.stop();
    }
  });

  test('B11: a health check leaves no line in the log; what was refused and passed in shadow mode is counted', async () => {
    const policy = {
      issuers: ISSUERS,
      rules: [{ name: 'try', paths: ['/try'], mode: 'shadow', require: { scopes: ['never'] } }],
    };
    await withPolicy(policy, async (running) => {
      for (let index = 0; index < 5; index += 1) expect((await running.askHealth()).status).toBe(200);
      expect((await running.ask({ path: '/try' })).status).toBe(200);
      expect((await running.ask({ path: '/other' })).status).toBe(403);
      await expect.poll(() => running.accessLog()).toContain('GET /other');
      expect(running.accessLog()).not.toContain('/_health');
      // nginx has no place to count for all its workers.
      if (gateway.proxy === 'nginx') return;
      const counts = await running.counts();
      expect(counts).toContain('refused rule_missing: 1');
      expect(counts).toContain('passed in shadow mode credentials_missing: 1');
    });
  });
});
