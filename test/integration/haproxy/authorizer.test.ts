// HAProxy's authorizer (`use-service lua.jwtauthorizer`) where it has no policy, and where it has no more time for signatures.
import { describe, expect, test } from 'vitest';
import { AUDIENCE, ISSUER, startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { startHaproxy } from '../helpers/haproxy-server';
import { makeKey, publicPart, signWith } from '../helpers/issuer-server';
import { keySet, startKeyServer } from '../helpers/nginx-provider';
import { SUITES, type HttpAnswer } from '../helpers/suite';

const RULES = [
  'http-request set-var(txn.oauth_method) req.fhdr(X-Asked-Method)',
  'http-request set-var(txn.oauth_target) req.fhdr(X-Asked-Target)',
  'http-request use-service lua.jwtauthorizer',
];

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
