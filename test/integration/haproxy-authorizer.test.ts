// HAProxy as the external authorizer of other gateways: `use-service lua.jwtauthorizer`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIENCE, ISSUER, ISSUERS, startWithPolicy, tokenOf, type PolicyProxy } from './haproxy-policy-server';
import { startHaproxy } from './haproxy-server';
import { makeKey, publicPart, signWith } from './issuer-server';
import { keySet, startKeyServer } from './nginx-provider';
import { SUITES, type HttpAnswer } from './suite';

const FORWARD = {
  'X-Auth-Request-User': 'user',
  'X-Auth-Request-Email': 'email',
  'X-Auth-Request-Groups': 'groups',
  'X-Auth-Request-Access-Token': 'token',
};

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'open', paths: ['/open/**'], access: 'public' },
    { name: 'hosted', hosts: ['b.example'], paths: ['/**'], require: { scopes: ['b'] } },
    { name: 'write', methods: ['POST'], paths: ['/**'], require: { scopes: ['write'] } },
    { name: 'read', methods: ['GET'], paths: ['/**'] },
    { name: 'shadow', paths: ['/shadow'], mode: 'shadow' },
  ],
  otherwise: 'deny',
  forward: FORWARD,
  metadata: { resource: 'https://api.example' },
};

const RULES = [
  'http-request use-service lua.jwtverify_health if { path /ready }',
  'http-request set-var(txn.oauth_method) req.fhdr(X-Asked-Method)',
  'http-request set-var(txn.oauth_target) req.fhdr(X-Asked-Target)',
  'http-request set-var(txn.oauth_host) req.fhdr(X-Asked-Host)',
  'http-request use-service lua.jwtauthorizer',
];

type Pairs = readonly (readonly [string, string])[];

describe.each(SUITES)('the authorizer of HAProxy of %s', (suite) => {
  let proxy: PolicyProxy;

  beforeAll(async () => {
    proxy = await startWithPolicy(suite, { policy: POLICY, rules: RULES });
  });
  afterAll(async () => {
    await proxy.stop();
    expect(proxy.leaks()).toEqual([]);
  });

  async function asked(method: string, target: string, more: Pairs = [], path = '/auth'): Promise<HttpAnswer> {
    const question = [
      ['X-Asked-Method', method],
      ['X-Asked-Target', target],
      ['X-Asked-Host', 'a.example'],
    ] as const;
    return proxy.ask({ path, headers: [...question, ...more] });
  }

  function bearer(claims: object = {}): Pairs {
    return [['Authorization', `Bearer ${tokenOf({ ...claims })}`]];
  }

  test('B1: 200 allows, 401 and 403 refuse, whatever the way it is asked; no redirect, no cookie', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const question = [
        ['X-Asked-Method', 'GET'],
        ['X-Asked-Target', '/x'],
        ['X-Asked-Host', 'a.example'],
      ] as const;
      const path = '/any/path/at/all?rd=https://evil.example';
      const good = await proxy.ask({ method, path, headers: [...question, ...bearer()] });
      expect([method, good.status, good.headers['x-oauth-rule']]).toEqual([method, 200, 'read']);
      const none = await proxy.ask({ method, path, headers: question });
      expect([method, none.status]).toEqual([method, 401]);
      for (const answer of [good, none]) {
        expect([answer.headers['location'], answer.headers['set-cookie']]).toEqual([undefined, undefined]);
      }
    }
    const weak = await asked('POST', '/x', bearer());
    expect([weak.status, weak.headers['x-oauth-reason']]).toEqual([403, 'insufficient_scope']);
    expect(weak.headers['www-authenticate']).toContain('scope="write"');
    expect(JSON.parse(weak.body)).toMatchObject({ status: 403, reason: 'insufficient_scope' });
  });

  test('B5: answers with the identity headers; those without a value are empty', async () => {
    const token = tokenOf({ email: 'a@b.example', groups: ['x', 'y,z'] });
    for (let round = 0; round < 2; round += 1) {
      const good = await asked('GET', '/x', [['Authorization', `Bearer ${token}`]]);
      expect(Object.keys(FORWARD).map((name) => good.headers[name.toLowerCase()])).toEqual([
        'user-1',
        'a@b.example',
        'x,y%2Cz',
        token,
      ]);
      expect(good.body).toBe('');
    }
    for (const answer of [await asked('GET', '/open/x'), await asked('PUT', '/shadow')]) {
      expect([answer.status, ...Object.keys(FORWARD).map((name) => answer.headers[name.toLowerCase()])]).toEqual([
        200,
        '',
        '',
        '',
        '',
      ]);
    }
  });

  test('B10: only the variables say what is asked; without them nothing is allowed', async () => {
    const lies: Pairs = [
      ['X-Forwarded-Uri', '/open/x'],
      ['X-Original-URL', '/open/x'],
      ['X-Forwarded-Method', 'GET'],
      ['X-Forwarded-Host', 'a.example'],
    ];
    const nothing = await proxy.ask({ path: '/open/x', headers: [...lies, ...bearer()] });
    expect([nothing.status, nothing.headers['x-oauth-reason']]).toEqual([400, 'method_malformed']);
    const noTarget = await proxy.ask({ path: '/open/x', headers: [...lies, ['X-Asked-Method', 'GET'], ...bearer()] });
    expect([noTarget.status, noTarget.headers['x-oauth-reason']]).toEqual([400, 'target_malformed']);
    const noHost = await proxy.ask({
      path: '/open/x',
      headers: [...lies, ['X-Asked-Method', 'GET'], ['X-Asked-Target', '/x'], ...bearer()],
    });
    expect([noHost.status, noHost.headers['x-oauth-reason']]).toEqual([400, 'host_malformed']);
    expect((await asked('POST', '/x', [...lies, ...bearer()])).status).toBe(403);
  });

  test('the host that was asked for is judged', async () => {
    const question = [
      ['X-Asked-Method', 'GET'],
      ['X-Asked-Target', '/x'],
      ['X-Asked-Host', 'B.example:8443'],
    ] as const;
    const refused = await proxy.ask({ path: '/', headers: [...question, ...bearer()] });
    expect([refused.status, refused.headers['x-oauth-rule']]).toEqual([403, 'hosted']);
    const allowed = await proxy.ask({ path: '/', headers: [...question, ...bearer({ scope: 'b' })] });
    expect(allowed.status).toBe(200);
  });

  test('D3: `?allowed_groups=` asks for any of its groups, besides the rule', async () => {
    const ask = async (query: string, claims: object): Promise<readonly unknown[]> => {
      const answer = await asked('GET', '/x', bearer(claims), `/auth?${query}`);
      return [answer.status, answer.headers['x-oauth-reason']];
    };
    expect(await ask('allowed_groups=a,b', { groups: ['b'] })).toEqual([200, undefined]);
    expect(await ask('allowed_groups=a,b', { groups: ['c'] })).toEqual([403, 'groups_refused']);
    expect(await ask('allowed_groups=a%2Cb', { groups: ['a', 'b'] })).toEqual([403, 'groups_refused']);
    expect(await ask('allowed_groups=', { groups: ['a'] })).toEqual([403, 'groups_refused']);
    expect(await ask('allowed_groups=a', { _claim_names: { groups: 'x' } })).toEqual([403, 'groups_overage']);
    expect(await ask('other=1', {})).toEqual([200, undefined]);
  });

  test('C1: cookie and X-Forwarded-For beside Authorization change nothing; garbage is refused', async () => {
    const more: Pairs = [
      ['Cookie', 'session=1'],
      ['X-Forwarded-For', '10.0.0.1'],
    ];
    expect((await asked('GET', '/x', [...more, ...bearer()])).status).toBe(200);
    expect((await asked('GET', '/x', [...more, ['Authorization', 'Bearer rubbish']])).status).toBe(401);
    const twice = await asked('GET', '/x', [...bearer(), ...bearer()]);
    expect([twice.status, twice.headers['x-oauth-reason']]).toEqual([400, 'authorization_repeated']);
  });

  test('shadow mode is told and logged', async () => {
    const answer = await asked('PUT', '/shadow');
    expect(answer.headers).toMatchObject({ 'x-oauth-rule': 'shadow', 'x-oauth-shadow': 'credentials_missing' });
  });

  test('the metadata document is answered', async () => {
    const answer = await asked('GET', '/.well-known/oauth-protected-resource');
    expect([answer.status, answer.headers['content-type'], answer.headers['x-auth-request-user']]).toEqual([
      200,
      'application/json',
      '',
    ]);
    expect(JSON.parse(answer.body)).toMatchObject({ resource: 'https://api.example' });
  });

  test('B11, C8: the health service says whether tokens can be judged', async () => {
    const answer = await proxy.ask({ path: '/ready' });
    expect([answer.status, answer.body]).toEqual([200, '{"ready":true}']);
    const head = await proxy.ask({ path: '/ready', method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
  });
});

describe.each(SUITES)('an authorizer of HAProxy of %s without a policy', (suite) => {
  test('D3: refuses a question for groups, with a remembered token too', async () => {
    const proxy = await startHaproxy(suite, {
      configuration: `global
  log stdout format raw local0
  setenv OAUTH_ISSUER ${ISSUER}
  setenv OAUTH_AUDIENCE ${AUDIENCE}
  lua-load DIRECTORY/jwtverify.lua
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend authorizer
  bind 127.0.0.1:PORT
  http-request use-service lua.jwtauthorizer
`,
      env: { OAUTH_HMAC_SECRET: 'a secret of thirty-two characters' },
    });
    const headers = [['Authorization', `Bearer ${tokenOf({ groups: ['staff'] })}`]] as const;
    for (let round = 0; round < 2; round += 1) {
      expect((await proxy.ask({ path: '/auth?rd=/x', headers })).status).toBe(200);
      const refused = await proxy.ask({ path: '/auth?rd=/x&allowed_groups=staff', headers });
      expect([refused.status, refused.headers['x-oauth-reason']]).toEqual([503, 'settings_invalid']);
    }
    await proxy.stop();
  });
});

describe.each(SUITES)('an authorizer of HAProxy of %s that has no more time for signatures', (suite) => {
  test('answers 503 and when to ask again', async () => {
    const key = await makeKey('EdDSA');
    const server = await startKeyServer(keySet([publicPart(key)]));
    const issuers = [
      { issuer: server.origin, audiences: ['https://api.example'], keys: { jwks_url: `${server.origin}/keys` } },
    ];
    const policy = { issuers, allow_http: true, plain_budget: 1, otherwise: 'authenticated' };
    const proxy = await startWithPolicy(suite, { policy, rules: RULES });
    const tokens = await Promise.all(Array.from({ length: 12 }, () => signWith(key, server.origin)));
    const answers: HttpAnswer[] = [];
    for (const token of tokens) {
      const question = [
        ['X-Asked-Method', 'GET'],
        ['X-Asked-Target', '/x'],
      ] as const;
      answers.push(await proxy.ask({ headers: [...question, ['Authorization', `Bearer ${token}`]] }));
    }
    await proxy.stop();
    await server.stop();
    const late = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(late.length).toBeGreaterThan(0);
    for (const { headers } of late) {
      expect([headers['x-oauth-reason'], headers['retry-after']]).toEqual(['budget_exhausted', '1']);
    }
  });
});
