// The systems of other people that a policy in nginx replaces or serves: Entra ID behind Emissary, Kyma with client
// credentials, Keycloak behind nginx, Shieldoo's broker.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reachedBy, valuesOf } from './echo-backend';
import { ISSUERS, tokenOf } from './haproxy-policy-server';
import { until } from './haproxy-cli';
import { makeKey, signWith, startIssuer, type IssuerServer } from './issuer-server';
import { KEYS_CACHE, keysLocation } from './keys-location';
import { askingsOf } from './nginx-policy';
import { startPolicyNginx, type PolicyNginx } from './nginx-policy-server';
import { ENGINES, startNginx, type Engine } from './nginx-server';
import type { HttpAnswer } from './suite';
import {
  AZ_CLI,
  BROKEN_PLACES,
  BROKEN_POLICY,
  FORGED,
  forgeries,
  KEYCLOAK_ROLES,
  keycloakPolicy,
  providerPolicy,
  startBroker,
  startEntra,
} from './systems';

const ENV = { HAMSTER_SECRET: 'a secret of thirty-two characters' };
const FETCH = 'js_fetch_timeout 5s;';
/** Those that can fetch keys themselves. */
const FETCHING = ENGINES.filter((engine) => engine.hasSharedDict);
/** Those for which nginx itself fetches them. */
const ASKING = ENGINES.filter((engine) => !engine.hasSharedDict);

const FORWARD = {
  'X-Auth-Request-User': 'user',
  'X-Auth-Request-Email': 'email',
  'X-Auth-Request-Groups': 'groups',
  'X-Auth-Request-Preferred-Username': 'preferred_username',
  'X-Auth-Request-Access-Token': 'token',
};
const NAMES = Object.keys(FORWARD);

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'open', paths: ['/open/**'], access: 'public' },
    { name: 'shadow', paths: ['/shadow/**'], mode: 'shadow', require: { scopes: ['never'] } },
    { name: 'read', methods: ['GET'], paths: ['/**'] },
    { name: 'write', paths: ['/**'], require: { scopes: ['write'] } },
  ],
  otherwise: 'deny',
  forward: FORWARD,
  authorization: 'remove',
};

const WHO = { sub: 'u-1', email: 'ann@example.com', preferred_username: 'ann', groups: ['staff', 'a,b', '100%'] };

type Pairs = readonly (readonly [string, string])[];

const bearer = (claims: object = {}): Pairs => [['Authorization', `Bearer ${tokenOf({ ...claims })}`]];
const LIES: Pairs = [
  ...['X-Forwarded-Uri', 'X-Original-URI', 'X-Original-URL', 'X-Forwarded-Path', 'X-Auth-Request-Redirect'].map(
    (name) => [name, '/open/x'] as const,
  ),
  ['X-Forwarded-Method', 'GET'],
  ['X-Original-Method', 'GET'],
];

async function withPolicy(engine: Engine, policy: object, use: (nginx: PolicyNginx) => Promise<void>): Promise<void> {
  const nginx = await startPolicyNginx(engine, policy, { env: ENV, http: () => FETCH });
  try {
    await use(nginx);
  } finally {
    await nginx.stop();
  }
  expect(nginx.leaks()).toEqual([]);
}

/** C3, C4, C6, C7 with a provider that has been stopped; `nginx` has a policy that follows it. */
async function meetProvider(nginx: PolicyNginx, provider: IssuerServer): Promise<void> {
  const early = await nginx.askWith(await signWith(await makeKey(), provider.issuer));
  expect([early.headers['x-told-status'], (await nginx.ask({ path: '/_health' })).status]).toEqual(['503', 503]);
  await provider.start();
  const ready = await until(
    20,
    async () => (await nginx.ask({ path: '/_health' })).status,
    (status) => status === 200,
  );
  expect(ready).toBe(200);
  const token = await provider.token();
  const answer = await nginx.askWith(token);
  expect([answer.status, valuesOf(reachedBy(answer), 'X-Auth-Request-User')]).toEqual([200, ['keeper']]);
  expect(valuesOf(reachedBy(answer), 'X-Auth-Request-Access-Token')).toEqual([token]);
  expect((await nginx.ask()).status).toBe(401);
}

describe.each(ENGINES)('nginx of $suite, $name', (engine) => {
  let nginx: PolicyNginx;

  beforeAll(async () => {
    nginx = await startPolicyNginx(engine, POLICY, {
      env: ENV,
      // The hardest case: nginx itself hands names with `_` on.
      http: () => 'underscores_in_headers on;',
      server: 'location /old/ { include DIRECTORY/forward.conf; rewrite ^/old/(.*)$ /open/$1 last; }',
    });
  });
  afterAll(async () => {
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
    expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
  });

  async function asked(method: string, target: string, more: Pairs = [], query = ''): Promise<HttpAnswer> {
    const question = [
      ['X-Asked-Method', method],
      ['X-Asked-Target', target],
      ['X-Asked-Host', 'a.example'],
    ] as const;
    return nginx.ask({ path: `/_authorizer${query}`, headers: [...question, ...more] });
  }

  test('B1, C2: the authorizer allows by 200 and refuses by 401 and 403, as JSON; no redirect, no cookie', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const question = [
        ['X-Asked-Method', 'GET'],
        ['X-Asked-Target', '/x'],
      ] as const;
      const path = '/_authorizer?rd=https://evil.example';
      const good = await nginx.ask({ method, path, headers: [...question, ...bearer()] });
      expect([method, good.status, good.headers['x-oauth-rule']]).toEqual([method, 200, 'read']);
      const none = await nginx.ask({ method, path, headers: question });
      expect([method, none.status]).toEqual([method, 401]);
      for (const answer of [good, none]) {
        expect([answer.headers['location'], answer.headers['set-cookie']]).toEqual([undefined, undefined]);
      }
    }
    const weak = await asked('POST', '/x', bearer());
    expect(weak.headers['www-authenticate']).toContain('scope="write"');
    expect(JSON.parse(weak.body)).toMatchObject({ status: 403, reason: 'insufficient_scope' });
  });

  test('B5: the authorizer answers with the identity headers; those without a value are empty', async () => {
    const token = tokenOf(WHO);
    const values = (answer: HttpAnswer): unknown => NAMES.map((name) => answer.headers[name.toLowerCase()]);
    for (let round = 0; round < 2; round += 1) {
      const good = await asked('GET', '/x', [['Authorization', `Bearer ${token}`]]);
      expect(values(good)).toEqual(['u-1', 'ann@example.com', 'staff,a%2Cb,100%25', 'ann', token]);
    }
    // B7: a gateway that sets what it is answered overwrites what its client sent.
    for (const target of ['/open/x', '/shadow/x']) {
      const answer = await asked('GET', target);
      expect([answer.status, values(answer)]).toEqual([200, NAMES.map(() => '')]);
    }
  });

  test('B10: the authorizer believes only what the configuration tells it', async () => {
    const nothing = await nginx.ask({ path: '/_authorizer', headers: [...LIES, ...bearer()] });
    expect(nothing.status).toBe(400);
    expect((await asked('POST', '/x', [...LIES, ...bearer()])).status).toBe(403);
  });

  test('D3: `?allowed_groups=` asks for any of its groups, besides the rule', async () => {
    const ask = async (query: string, claims: object): Promise<readonly unknown[]> => {
      const answer = await asked('GET', '/x', bearer(claims), `?${query}`);
      return [answer.status, answer.headers['x-oauth-reason']];
    };
    expect(await ask('allowed_groups=a,b', { groups: ['b'] })).toEqual([200, undefined]);
    expect(await ask('allowed_groups=a,b', { groups: ['c'] })).toEqual([403, 'groups_refused']);
    expect(await ask('allowed_groups=', { groups: ['a'] })).toEqual([403, 'groups_refused']);
    expect(await ask('allowed_groups=a', { _claim_names: { groups: 'x' } })).toEqual([403, 'groups_overage']);
  });

  test('C1: cookie and X-Forwarded-For beside Authorization change nothing; garbage is refused', async () => {
    const more: Pairs = [
      ['Cookie', 'session=1'],
      ['X-Forwarded-For', '10.0.0.1'],
    ];
    expect((await asked('GET', '/x', [...more, ...bearer()])).status).toBe(200);
    expect((await asked('GET', '/x', more)).status).toBe(401);
    expect((await asked('GET', '/x', [...more, ['Authorization', 'Bearer rubbish']])).status).toBe(401);
  });

  test('B11, C8: the health location says whether tokens can be judged, and leaves no line in the log', async () => {
    const answer = await nginx.ask({ path: '/_health' });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([200, { ready: true }]);
    await nginx.ask({ path: '/open/after' });
    const log = (): string => readFileSync(join(nginx.directory, 'access.log'), 'utf8');
    await expect.poll(log).toContain('/open/after');
    expect(log()).not.toContain('/_health');
  });

  test('B9: the policy judges the path that was sent, whatever nginx rewrites it to', async () => {
    expect((await nginx.ask({ path: '/old/x' })).status).toBe(401);
    expect((await nginx.askWith(tokenOf(), { path: '/old/x' })).status).toBe(200);
  });

  describe.each(askingsOf(engine))('%s', (asking) => {
    const ask = async (path: string, headers: Pairs = [], method = 'GET'): Promise<HttpAnswer> =>
      nginx.ask({ port: nginx.portOf(asking), method, path, headers });

    test('B5: the backend is told the user, the email, the groups, the name and on request the token', async () => {
      const token = tokenOf(WHO);
      for (let round = 0; round < 2; round += 1) {
        const reached = reachedBy(await ask('/x', [['Authorization', `Bearer ${token}`]]));
        const told = NAMES.map((name) => valuesOf(reached, name));
        expect(told).toEqual([['u-1'], ['ann@example.com'], ['staff,a%2Cb,100%25'], ['ann'], [token]]);
      }
    });

    test('B5: a value that could break out of its header never becomes one', async () => {
      for (const claims of [{ email: 'a@b\r\nX-Admin: 1' }, { groups: ['a\nb'] }, { preferred_username: 'a\u0000b' }]) {
        const answer = await ask('/x', bearer(claims));
        expect([answer.status, answer.headers['x-told-reason']]).toEqual([401, 'claim_malformed']);
      }
      expect(valuesOf(reachedBy(await ask('/x', bearer())), 'X-Auth-Request-Groups')).toEqual([]);
    });

    test('B6: an email that is said to be unverified is refused; without one the user is the subject', async () => {
      const unverified = await ask('/x', bearer({ ...WHO, email_verified: false }));
      expect([unverified.status, unverified.headers['x-told-reason']]).toEqual([403, 'email_unverified']);
      const reached = reachedBy(await ask('/x', bearer({ sub: 'machine' })));
      expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(['machine']);
    });

    test.each(['/x', '/open/x', '/shadow/x'])('B7, B8: nothing that the client forges reaches %s', async (path) => {
      for (const authorization of [[], bearer(WHO)]) {
        const reached = reachedBy(await ask(path, [...FORGED, ...authorization, ['X-Other', 'kept']]));
        expect(reached === undefined).toBe(path === '/x' && authorization.length === 0);
        if (reached === undefined) continue;
        expect(forgeries(reached)).toEqual([]);
        expect(valuesOf(reached, 'X-Other')).toEqual(['kept']);
        expect(valuesOf(reached, 'Authorization')).toEqual([]);
        const known = path !== '/open/x' && authorization.length > 0;
        expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(known ? ['u-1'] : []);
      }
    });

    test('B10: X-Forwarded-* and kin decide nothing', async () => {
      expect((await ask('/x', LIES)).status).toBe(401);
      const post = await ask('/x', [...LIES, ...bearer()], 'POST');
      expect([post.status, post.headers['x-told-reason']]).toEqual([403, 'insufficient_scope']);
    });

    test('C5: no space is needed after the colon of Authorization', async () => {
      // The helper writes one space after a name's colon: this name brings its own colon.
      const answer = await ask('/x', [['X-A', `b\r\nAuthorization:Bearer ${tokenOf()}`]]);
      expect(answer.status).toBe(200);
    });

    test('D1: nothing but 2xx, 401 and 403 comes of what is asked', async () => {
      const statuses = [
        (await ask('/x', bearer())).status,
        (await ask('/x')).status,
        (await ask('/x', [['Authorization', 'Basic eDp5']])).status,
        (await ask('/x', bearer(), 'POST')).status,
        (await ask('/a%2Fb', bearer())).status,
      ];
      expect(statuses).toEqual([200, 401, 401, 403, asking === 'js_access' ? 400 : 403]);
    });
  });

  test('D2, D7: Keycloak: /app1 for everybody, /app2 for group2, roles of realm and client', async () => {
    await withPolicy(engine, keycloakPolicy(ISSUERS[0]), async (keycloak) => {
      const ask = async (path: string, claims: object): Promise<number> =>
        (await keycloak.askWith(tokenOf({ ...claims }), { path })).status;
      expect([await ask('/app1/x', {}), await ask('/app2/x', { groups: ['group1'] })]).toEqual([200, 403]);
      expect(await ask('/app2/x', { groups: ['group1', 'group2'] })).toBe(200);
      expect(await ask('/boss', KEYCLOAK_ROLES)).toBe(200);
      expect(await ask('/boss', { ...KEYCLOAK_ROLES, resource_access: {} })).toBe(403);
    });
  });

  test('C9: an empty issuer is refused by name, and every problem of a policy with its place', async () => {
    const broken = await startNginx(engine, {
      env: { OAUTH_POLICY: 'DIRECTORY/policy.json' },
      files: { 'policy.json': JSON.stringify(BROKEN_POLICY) },
    });
    const answer = await broken.ask({ path: '/authorizer' });
    await broken.stop();
    expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([503, 'settings_invalid']);
    for (const place of BROKEN_PLACES) expect(broken.messages().join('\n')).toContain(place);
    expect(broken.messages().join('\n')).toContain('did you mean `rules`?');
  });
});

describe.each(FETCHING)('nginx of $suite, $name, by keys that it fetches', (engine) => {
  test('B2, B3, B4, B6: both issuers of an Entra tenant at once; a token of az-CLI passes, with its groups', async () => {
    const entra = await startEntra();
    await withPolicy(engine, entra.policy, async (nginx) => {
      const old = await nginx.askWith(entra.old);
      expect([old.status, old.headers['x-told-reason']]).toEqual([200, undefined]);
      const told = ['X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Client'];
      expect(told.map((name) => valuesOf(reachedBy(old), name))).toEqual([
        ['ann@example.com'],
        ['ann@example.com'],
        [AZ_CLI],
      ]);
      const next = await nginx.askWith(entra.next);
      expect([next.status, valuesOf(reachedBy(next), 'X-Auth-Request-Email')]).toEqual([200, ['turbo']]);
      for (const [token, status, reason] of entra.refused) {
        const answer = await nginx.askWith(token);
        expect([answer.status, answer.headers['x-told-reason']]).toEqual([status, reason]);
      }
    });
    await entra.stop();
  });

  test('C3, C4, C6, C7: a real provider by discovery, client credentials, a machine without email; it may start late', async () => {
    const provider = await startIssuer();
    await provider.stop();
    try {
      await withPolicy(engine, providerPolicy(provider.issuer), async (nginx) => {
        await meetProvider(nginx, provider);
      });
    } finally {
      await provider.stop();
    }
  });

  test('E1: tokens of a broker without sub, scope and nbf; keys found by a discovery without authorization endpoint', async () => {
    const broker = await startBroker();
    try {
      await withPolicy(engine, broker.policy, async (nginx) => {
        const allowed = await nginx.askWith(await broker.token(['ADMINISTRATOR']), { path: '/users' });
        expect([allowed.status, valuesOf(reachedBy(allowed), 'X-User')]).toEqual([200, ['ann@example.com']]);
        expect((await nginx.askWith(await broker.token(['USER']), { path: '/users' })).status).toBe(403);
      });
    } finally {
      await broker.stop();
    }
  });
});

describe.each(ASKING)('nginx of $suite, $name, by keys of a location that nginx caches', (engine) => {
  async function withLocation(
    policy: object,
    urls: readonly string[],
    use: (nginx: PolicyNginx) => Promise<void>,
  ): Promise<void> {
    const cases = urls.map((url, index) => `${String(index)} ${url};`).join(' ');
    const nginx = await startPolicyNginx(engine, policy, {
      http: () => `${KEYS_CACHE} map $arg_issuer $jwtverify_url { volatile; ${cases} }`,
      server: keysLocation(''),
    });
    try {
      await use(nginx);
    } finally {
      await nginx.stop();
    }
    expect(nginx.leaks()).toEqual([]);
  }

  test('B2, B3, B4, B6: both issuers of an Entra tenant at once; a token of az-CLI passes, with its groups', async () => {
    const entra = await startEntra();
    await withLocation(entra.policy, entra.keyUrls, async (nginx) => {
      const old = await nginx.askWith(entra.old);
      const told = ['X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Client'];
      expect(told.map((name) => valuesOf(reachedBy(old), name))).toEqual([
        ['ann@example.com'],
        ['ann@example.com'],
        [AZ_CLI],
      ]);
      expect(valuesOf(reachedBy(await nginx.askWith(entra.next)), 'X-Auth-Request-Email')).toEqual(['turbo']);
      for (const [token, status, reason] of entra.refused) {
        const answer = await nginx.askWith(token);
        expect([answer.status, answer.headers['x-told-reason']]).toEqual([status, reason]);
      }
    });
    await entra.stop();
  });

  test('C3, C4, C6, C7: a real provider, client credentials, a machine without email; it may start late', async () => {
    const provider = await startIssuer();
    await provider.stop();
    try {
      await withLocation(providerPolicy(provider.issuer), [provider.jwksUrl], async (nginx) => {
        await meetProvider(nginx, provider);
      });
    } finally {
      await provider.stop();
    }
  });
});
