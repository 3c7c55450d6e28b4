// The systems of other people that a policy in HAProxy replaces or serves: Entra ID behind Emissary, Kyma with client
// credentials, Keycloak behind nginx, Shieldoo's broker.
import { describe, expect, test } from 'vitest';
import { reachedBy, valuesOf } from './echo-backend';
import { cliLine, runCli, until } from './haproxy-cli';
import { checkHaproxy } from './haproxy-server';
import { ISSUERS, startWithPolicy, tokenOf, type PolicyOptions, type PolicyProxy } from './haproxy-policy-server';
import { AUDIENCE, makeKey, publicPart, signWith, startIssuer } from './issuer-server';
import { keySet, startKeyServer } from './nginx-provider';
import { freePort, SUITES } from './suite';
import {
  AZ_CLI,
  BROKEN_PLACES,
  BROKEN_POLICY,
  KEYCLOAK_ROLES,
  keycloakPolicy,
  providerPolicy,
  startBroker,
  startEntra,
} from './systems';

describe.each(SUITES)('HAProxy of %s', (suite) => {
  async function withPolicy(
    options: Omit<PolicyOptions, 'env'>,
    use: (proxy: PolicyProxy) => Promise<void>,
  ): Promise<void> {
    const proxy = await startWithPolicy(suite, options);
    try {
      await use(proxy);
    } finally {
      await proxy.stop();
    }
    expect(proxy.leaks()).toEqual([]);
  }

  test('B2, B3, B4, B6: both issuers of an Entra tenant at once; a token of az-CLI passes, with its groups', async () => {
    const entra = await startEntra();
    await withPolicy({ policy: entra.policy }, async (proxy) => {
      const old = await proxy.askWith(entra.old);
      expect([old.status, old.headers['x-oauth-reason']]).toEqual([200, '']);
      const told = ['X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Client'].map((name) =>
        valuesOf(reachedBy(old), name),
      );
      expect(told).toEqual([['ann@example.com'], ['ann@example.com'], [AZ_CLI]]);
      const next = await proxy.askWith(entra.next);
      expect([next.status, valuesOf(reachedBy(next), 'X-Auth-Request-Email')]).toEqual([200, ['turbo']]);
      for (const [token, status, reason] of entra.refused) {
        const answer = await proxy.askWith(token);
        expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([status, reason]);
      }
    });
    await entra.stop();
  });

  test('many issuers have their keys come at once, and none is lost', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => makeKey('RS256')));
    const servers = await Promise.all(keys.map((key) => startKeyServer(keySet([publicPart(key)]))));
    const issuers = servers.map(({ origin }) => ({
      issuer: origin,
      audiences: [AUDIENCE],
      keys: { jwks_url: `${origin}/keys` },
    }));
    const policy = { issuers, allow_http: true, otherwise: 'authenticated' };
    const tokens = await Promise.all(keys.map((key, index) => signWith(key, servers[index]?.origin ?? '')));
    for (let round = 0; round < 4; round += 1) {
      await withPolicy({ policy }, async (proxy) => {
        const answers = await Promise.all(tokens.map((token) => proxy.askWith(token)));
        expect(answers.map(({ headers }) => headers['x-oauth-reason'])).toEqual(tokens.map(() => ''));
      });
    }
    for (const server of servers) await server.stop();
  });

  test('C3, C4, C6, C7: a real provider by discovery, client credentials, a machine without email; it may start late', async () => {
    const provider = await startIssuer();
    await provider.stop();
    const policy = providerPolicy(provider.issuer);
    const rules = ['http-request use-service lua.jwtverify_health if { path /ready }', 'http-request lua.jwtenforce'];
    try {
      await withPolicy({ policy, rules }, async (proxy) => {
        const early = await proxy.askWith(await signWith(await makeKey(), provider.issuer));
        expect([early.status, (await proxy.ask({ path: '/ready' })).status]).toEqual([503, 503]);
        await provider.start();
        const ready = await until(
          20,
          async () => (await proxy.ask({ path: '/ready' })).status,
          (status) => status === 200,
        );
        expect(ready).toBe(200);
        const token = await provider.token();
        const answer = await proxy.askWith(token);
        expect([answer.status, valuesOf(reachedBy(answer), 'X-Auth-Request-User')]).toEqual([200, ['keeper']]);
        expect(valuesOf(reachedBy(answer), 'X-Auth-Request-Access-Token')).toEqual([token]);
        expect((await proxy.ask()).status).toBe(401);
      });
    } finally {
      await provider.stop();
    }
  });

  test('C9: an empty issuer is refused by name, and every problem of a policy with its place', async () => {
    const configuration = `global
  setenv OAUTH_POLICY DIRECTORY/policy.json
  lua-load DIRECTORY/jwtverify.lua
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend api
  bind 127.0.0.1:PORT
  http-request lua.jwtenforce
`;
    const { code, output } = await checkHaproxy(suite, {
      configuration,
      files: { 'policy.json': JSON.stringify(BROKEN_POLICY) },
    });
    expect(code).toBe(1);
    for (const place of BROKEN_PLACES) expect(output).toContain(place);
    expect(output).toContain('did you mean `rules`?');
  });

  test('D2, D7: Keycloak: /app1 for everybody, /app2 for group2, roles of realm and client', async () => {
    await withPolicy({ policy: keycloakPolicy(ISSUERS[0]) }, async (proxy) => {
      const ask = async (path: string, claims: object): Promise<number> =>
        (await proxy.askWith(tokenOf({ ...claims }), { path })).status;
      expect([await ask('/app1/x', {}), await ask('/app2/x', { groups: ['group1'] })]).toEqual([200, 403]);
      expect(await ask('/app2/x', { groups: ['group1', 'group2'] })).toBe(200);
      expect(await ask('/boss', KEYCLOAK_ROLES)).toBe(200);
      expect(await ask('/boss', { ...KEYCLOAK_ROLES, resource_access: {} })).toBe(403);
    });
  });

  test('E1: tokens of a broker without sub, scope and nbf; keys found by a discovery without authorization endpoint', async () => {
    const broker = await startBroker();
    try {
      await withPolicy({ policy: broker.policy }, async (proxy) => {
        const allowed = await proxy.askWith(await broker.token(['ADMINISTRATOR']), { path: '/users' });
        expect([allowed.status, valuesOf(reachedBy(allowed), 'X-User')]).toEqual([200, ['ann@example.com']]);
        expect((await proxy.askWith(await broker.token(['USER']), { path: '/users' })).status).toBe(403);
      });
    } finally {
      await broker.stop();
    }
  });

  test('B11: a health check leaves no line in the log; what was refused and passed in shadow mode is counted', async () => {
    const policy = {
      issuers: ISSUERS,
      rules: [{ name: 'try', paths: ['/try'], mode: 'shadow', require: { scopes: ['never'] } }],
    };
    const rules = [
      'http-request set-log-level silent if { path /ready }',
      'http-request use-service lua.jwtverify_health if { path /ready }',
      'http-request lua.jwtenforce',
    ];
    const socket = await freePort();
    const global = [cliLine(socket)];
    await withPolicy({ policy, rules, global, frontend: ['option httplog'] }, async (proxy) => {
      for (let index = 0; index < 5; index += 1) expect((await proxy.ask({ path: '/ready' })).status).toBe(200);
      expect((await proxy.ask({ path: '/try' })).status).toBe(200);
      expect((await proxy.ask({ path: '/other' })).status).toBe(403);
      await expect.poll(() => proxy.output()).toContain('GET /other');
      expect(proxy.output()).not.toContain('/ready');
      const told = await runCli(socket, 'show jwtverify');
      expect(told).toContain('refused rule_missing: 1');
      expect(told).toContain('passed in shadow mode credentials_missing: 1');
    });
  });
});
