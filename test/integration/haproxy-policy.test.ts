// A policy in real HAProxy: which requests pass, what they are told, and what is told of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reachedBy } from './echo-backend';
import { ISSUERS, startWithPolicy, tokenOf, type PolicyProxy } from './haproxy-policy-server';
import { SUITES, type HttpAnswer } from './suite';

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'list', methods: ['GET'], paths: ['/api/hamsters/**'], access: 'public' },
    {
      name: 'adopt',
      methods: ['POST', 'DELETE'],
      paths: ['/api/hamsters/**'],
      require: { scopes: ['write:hamsters'] },
    },
    { name: 'admin', paths: ['/admin/**'], require: { groups: { any: ['admins', 'staff'] } } },
    { name: 'fresh', paths: ['/payments'], require: { acr_values: ['gold'], max_age: 60 } },
    { name: 'any', paths: ['/me'] },
    { name: 'closed', paths: ['/internal/**'], access: 'deny' },
  ],
  otherwise: 'deny',
  challenge: { realm: 'hamsters' },
  metadata: { resource: 'https://api.example/v1' },
};

function told(answer: HttpAnswer): readonly (string | undefined)[] {
  return ['authorized', 'oauth-status', 'oauth-reason', 'oauth-rule'].map((name) => answer.headers[`x-${name}`]);
}

describe.each(SUITES)('a policy in HAProxy of %s', (suite) => {
  let proxy: PolicyProxy;

  beforeAll(async () => {
    proxy = await startWithPolicy(suite, { policy: POLICY });
  });
  afterAll(async () => {
    await proxy.stop();
    expect(proxy.leaks()).toEqual([]);
  });

  test('B9: a public route passes without a token, and a token on it is not looked at', async () => {
    for (const headers of [[], [['Authorization', 'Bearer rubbish']]] as const) {
      const answer = await proxy.ask({ path: '/api/hamsters/turbo', headers });
      expect([answer.status, ...told(answer)]).toEqual([200, '1', '200', '', 'list']);
      expect(reachedBy(answer)?.line).toBe('GET /api/hamsters/turbo HTTP/1.1');
      expect(answer.headers['x-oauth-sub']).toBe('');
    }
  });

  test('C1: no token 401, a bad one 401, a good one 200', async () => {
    const none = await proxy.ask({ path: '/me' });
    expect([none.status, ...told(none)]).toEqual([401, '0', '401', 'credentials_missing', 'any']);
    const metadata = 'resource_metadata="https://api.example/.well-known/oauth-protected-resource/v1"';
    expect(none.headers['www-authenticate']).toBe(`Bearer realm="hamsters", ${metadata}`);
    const bad = await proxy.askWith(`${tokenOf()}x`, { path: '/me' });
    expect([bad.status, ...told(bad)]).toEqual([401, '0', '401', 'signature_malformed', 'any']);
    const good = await proxy.askWith(tokenOf(), { path: '/me' });
    expect([good.status, ...told(good)]).toEqual([200, '1', '200', '', 'any']);
    expect(good.headers['x-oauth-sub']).toBe('user-1');
  });

  test('a remembered token is judged by the rule of each request', async () => {
    const token = tokenOf({ scope: 'write:hamsters2 read:hamsters' });
    for (let round = 0; round < 3; round += 1) {
      const refused = await proxy.askWith(token, { method: 'POST', path: '/api/hamsters/turbo' });
      expect([refused.status, ...told(refused)]).toEqual([403, '0', '403', 'insufficient_scope', 'adopt']);
      expect(refused.headers['www-authenticate']).toContain('error="insufficient_scope"');
      expect(refused.headers['www-authenticate']).toContain('scope="write:hamsters"');
      expect((await proxy.askWith(token, { path: '/me' })).status).toBe(200);
    }
    const writer = tokenOf({ scope: 'write:hamsters' });
    for (let round = 0; round < 3; round += 1) {
      const answer = await proxy.askWith(writer, { method: 'DELETE', path: '/api/hamsters/turbo' });
      expect([answer.status, ...told(answer)]).toEqual([200, '1', '200', '', 'adopt']);
      expect(answer.headers['x-oauth-scopes']).toBe('write:hamsters');
    }
  });

  test('B4: any of the allowed groups will do; outside them 403; left out for their number is a reason of its own', async () => {
    const ask = async (claims: object): Promise<readonly unknown[]> => {
      const answer = await proxy.askWith(tokenOf({ ...claims }), { path: '/admin' });
      return [answer.status, answer.headers['x-oauth-reason']];
    };
    expect(await ask({ groups: ['users', 'staff'] })).toEqual([200, '']);
    expect(await ask({ groups: ['users'] })).toEqual([403, 'groups_refused']);
    expect(await ask({})).toEqual([403, 'groups_refused']);
    expect(await ask({ _claim_names: { groups: 'src1' } })).toEqual([403, 'groups_overage']);
  });

  test('a stronger authentication is asked for as RFC 9470 says', async () => {
    const now = Math.floor(Date.now() / 1000);
    const weak = await proxy.askWith(tokenOf({ acr: 'silver', auth_time: now }), { path: '/payments' });
    expect([weak.status, weak.headers['x-oauth-reason']]).toEqual([401, 'insufficient_authentication']);
    expect(weak.headers['www-authenticate']).toContain('error="insufficient_user_authentication"');
    expect(weak.headers['www-authenticate']).toContain('acr_values="gold", max_age="60"');
    const strong = await proxy.askWith(tokenOf({ acr: 'gold', auth_time: now }), { path: '/payments' });
    expect(strong.status).toBe(200);
  });

  test('what no rule allows is refused, and so is what a rule refuses, with any token', async () => {
    const missing = await proxy.askWith(tokenOf(), { path: '/nowhere' });
    expect([missing.status, ...told(missing)]).toEqual([403, '0', '403', 'rule_missing', 'otherwise']);
    const closed = await proxy.askWith(tokenOf(), { path: '/internal/x' });
    expect([closed.status, ...told(closed)]).toEqual([403, '0', '403', 'rule_refuses', 'closed']);
  });

  test('C2: a refusal is a JSON problem, never a redirect, and sets no cookie', async () => {
    for (const path of ['/me', '/nowhere', '/api/%2e%2e/hamsters']) {
      const answer = await proxy.ask({ path });
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(answer.body)).toMatchObject({
        status: answer.status,
        reason: answer.headers['x-oauth-reason'],
      });
      expect([answer.headers['location'], answer.headers['set-cookie']]).toEqual([undefined, undefined]);
    }
  });

  test('the metadata document is served at its well-known path', async () => {
    const answer = await proxy.ask({ path: '/.well-known/oauth-protected-resource/v1' });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(answer.body)).toEqual({
      resource: 'https://api.example/v1',
      authorization_servers: [ISSUERS[0]?.issuer],
      scopes_supported: ['write:hamsters'],
      bearer_methods_supported: ['header'],
    });
    const head = await proxy.ask({ method: 'HEAD', path: '/.well-known/oauth-protected-resource/v1' });
    expect(head.status).toBe(200);
    const other = await proxy.ask({ path: '/.well-known/oauth-protected-resource' });
    expect(other.status).toBe(403);
  });

  test('C5: no space after the colon is needed', async () => {
    const answer = await proxy.ask({ path: '/me', headers: [['Authorization', `Bearer ${tokenOf()}`]] });
    expect(answer.status).toBe(200);
  });
});
