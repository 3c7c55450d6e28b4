// The systems of other people that a policy in HAProxy replaces or serves: Entra ID behind Emissary, Kyma with client
// credentials, Keycloak behind nginx, Shieldoo's broker.
import { createServer, type Server } from 'node:http';
import { describe, expect, test } from 'vitest';
import { reachedBy, valuesOf } from './echo-backend';
import { cliLine, runCli, until } from './haproxy-cli';
import { checkHaproxy } from './haproxy-server';
import { ISSUERS, startWithPolicy, tokenOf, type PolicyOptions, type PolicyProxy } from './haproxy-policy-server';
import { AUDIENCE, makeKey, publicPart, signWith, startIssuer } from './issuer-server';
import { keySet, startKeyServer } from './nginx-provider';
import { freePort, SUITES } from './suite';

const TENANT = '11111111-2222-3333-4444-555555555555';
const AZ_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

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
    const [one, two] = [await makeKey('RS256'), await makeKey('RS256')];
    const servers = [await startKeyServer(keySet([publicPart(one)])), await startKeyServer(keySet([publicPart(two)]))];
    const issuers = [`https://login.microsoftonline.com/${TENANT}/v2.0`, `https://sts.windows.net/${TENANT}/`] as const;
    const claims = { user: ['unique_name', 'preferred_username', 'sub'], email: ['email', 'sub'] };
    const policy = {
      issuers: issuers.map((issuer, index) => ({
        issuer,
        audiences: ['client-id', 'api://client-id'],
        keys: { jwks_url: `${servers[index]?.origin ?? ''}/keys` },
        algorithms: ['RS256'],
        claims,
        require: { tid: TENANT },
      })),
      allow_http: true,
      rules: [{ name: 'all', paths: ['/**'], require: { groups: { any: ['g1', 'g2'] } } }],
      forward: { 'X-Auth-Request-User': 'user', 'X-Auth-Request-Email': 'email', 'X-Client': { claim: 'appid' } },
    };
    const cli = {
      aud: 'api://client-id',
      tid: TENANT,
      appid: AZ_CLI,
      unique_name: 'ann@example.com',
      email: 'ann@example.com',
      groups: ['g2'],
    };
    await withPolicy({ policy }, async (proxy) => {
      const old = await proxy.askWith(await signWith(two, issuers[1], 600, cli, { typ: 'JWT' }));
      expect([old.status, old.headers['x-oauth-reason']]).toEqual([200, '']);
      const told = ['X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Client'].map((name) =>
        valuesOf(reachedBy(old), name),
      );
      expect(told).toEqual([['ann@example.com'], ['ann@example.com'], [AZ_CLI]]);
      const next = { ...cli, aud: 'client-id', unique_name: undefined, preferred_username: 'ann', email: undefined };
      const v2 = await proxy.askWith(await signWith(one, issuers[0], 600, next, { typ: 'JWT' }));
      expect([v2.status, valuesOf(reachedBy(v2), 'X-Auth-Request-Email')]).toEqual([200, ['turbo']]);
      for (const [key, issuer, changes, status, reason] of [
        // The other issuer's key, another tenant, outside of the groups, too many of them.
        [two, issuers[0], {}, 401, 'key_unknown'],
        [one, issuers[0], { tid: 'other' }, 401, 'required_claim'],
        [one, issuers[0], { groups: ['g3'] }, 403, 'groups_refused'],
        [one, issuers[0], { groups: undefined, _claim_names: { groups: 'src1' } }, 403, 'groups_overage'],
      ] as const) {
        const answer = await proxy.askWith(await signWith(key, issuer, 600, { ...cli, ...changes }, { typ: 'JWT' }));
        expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([status, reason]);
      }
    });
    for (const server of servers) await server.stop();
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
    const policy = {
      issuers: [{ issuer: provider.issuer, audiences: [AUDIENCE], keys: { discovery: true }, types: ['at+jwt'] }],
      allow_http: true,
      jwks_cooldown: 1,
      rules: [{ name: 'read', paths: ['/**'], require: { client: ['keeper'] } }],
      forward: { 'X-Auth-Request-User': 'user', 'X-Auth-Request-Access-Token': 'token' },
    };
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
    const policy = {
      issuers: [{ issuer: '', audiences: [], keys: { discovery: true } }],
      ruels: [],
      rules: [{ name: 'a', paths: ['api'] }],
    };
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
      files: { 'policy.json': JSON.stringify(policy) },
    });
    expect(code).toBe(1);
    for (const place of ['#/issuers/0/issuer', '#/issuers/0/audiences', '#/ruels', '#/rules/0/paths/0']) {
      expect(output).toContain(place);
    }
    expect(output).toContain('did you mean `rules`?');
  });

  test('D2, D7: Keycloak: /app1 for everybody, /app2 for group2, roles of realm and client', async () => {
    const policy = {
      issuers: [
        {
          ...ISSUERS[0],
          claims: { roles: { all: ['realm_access.roles', 'resource_access.app.roles'] } },
        },
      ],
      rules: [
        { name: 'app1', paths: ['/app1/**'] },
        { name: 'app2', paths: ['/app2/**'], require: { groups: { any: ['group2'] } } },
        { name: 'boss', paths: ['/boss'], require: { roles: { all: ['boss', 'editor'] } } },
      ],
    };
    await withPolicy({ policy }, async (proxy) => {
      const ask = async (path: string, claims: object): Promise<number> =>
        (await proxy.askWith(tokenOf({ ...claims }), { path })).status;
      expect([await ask('/app1/x', {}), await ask('/app2/x', { groups: ['group1'] })]).toEqual([200, 403]);
      expect(await ask('/app2/x', { groups: ['group1', 'group2'] })).toBe(200);
      const roles = { realm_access: { roles: ['boss'] }, resource_access: { app: { roles: ['editor'] } } };
      expect([await ask('/boss', roles), await ask('/boss', { ...roles, resource_access: {} })]).toEqual([200, 403]);
    });
  });

  test('E1: tokens of a broker without sub, scope and nbf; keys found by a discovery without authorization endpoint', async () => {
    const key = await makeKey('RS256', 'kid-1');
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const documents: Readonly<Record<string, object>> = {
      '/.well-known/openid-configuration': {
        issuer: origin,
        authorization_endpoint: '',
        jwks_uri: `${origin}/oauth2/v1/certs`,
      },
      '/oauth2/v1/certs': { keys: [publicPart(key)] },
    };
    const broker: Server = createServer((request, response) => {
      const document = documents[request.url ?? ''];
      response.writeHead(document === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(document ?? {}));
    });
    await new Promise<void>((done) => broker.listen(port, '127.0.0.1', done));
    const policy = {
      issuers: [{ issuer: origin, audiences: ['admin'], keys: { discovery: true }, claims: { user: ['upn'] } }],
      allow_http: true,
      rules: [{ name: 'users', paths: ['/users'], require: { roles: { any: ['ADMINISTRATOR'] } } }],
      forward: { 'X-User': 'user' },
    };
    const claims = { aud: 'admin', upn: 'ann@example.com', sub: undefined, scope: undefined, provider: 'microsoft' };
    try {
      await withPolicy({ policy }, async (proxy) => {
        const ask = async (roles: readonly string[]): ReturnType<PolicyProxy['ask']> =>
          proxy.askWith(await signWith(key, origin, 86400, { ...claims, roles }, { typ: 'JWT' }), { path: '/users' });
        const allowed = await ask(['ADMINISTRATOR']);
        expect([allowed.status, valuesOf(reachedBy(allowed), 'X-User')]).toEqual([200, ['ann@example.com']]);
        expect((await ask(['USER'])).status).toBe(403);
      });
    } finally {
      broker.closeAllConnections();
      await new Promise((done) => broker.close(done));
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
