// Both proxies as the external authorizer of other gateways: `use-service lua.jwtauthorizer`, and nginx's handler.
import { describe, expect, test } from 'vitest';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { bearer, type Pairs, type Question } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';
import type { HttpAnswer } from '../helpers/suite';
import { FORWARD, LIES, WHO } from '../helpers/systems';

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'open', paths: ['/open/**'], access: 'public' },
    { name: 'shop', paths: ['/shop'], access: 'optional' },
    { name: 'hosted', hosts: ['b.example'], paths: ['/**'], require: { scopes: ['b'] } },
    { name: 'write', methods: ['POST'], paths: ['/**'], require: { scopes: ['write'] } },
    { name: 'read', methods: ['GET'], paths: ['/**'] },
    { name: 'shadow', paths: ['/shadow'], mode: 'shadow' },
  ],
  otherwise: 'deny',
  forward: FORWARD,
  metadata: { resource: 'https://api.example' },
};

const valuesOf = ({ headers }: HttpAnswer): readonly unknown[] =>
  Object.keys(FORWARD).map((name) => headers[name.toLowerCase()]);

describe.each(POLICY_GATEWAYS)('the authorizer of $name', (gateway) => {
  const running = useGateway(gateway, POLICY);

  const sign = (claims: object = {}): readonly [string, string] => bearer(tokenOf({ ...claims }));

  function ask(method: string, target: string, headers: Pairs = [], more: Question = {}): Promise<HttpAnswer> {
    return running().askAbout({ method, target, host: 'a.example', headers, ...more });
  }

  test('B1, C2: 200 allows, 401 and 403 refuse as JSON, whatever the way it is asked; no redirect, no cookie', async () => {
    for (const by of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const query = '?rd=https://evil.example';
      const good = await ask('GET', '/x', [sign()], { by, query });
      expect([by, good.status, good.headers['x-oauth-rule']]).toEqual([by, 200, 'read']);
      const none = await ask('GET', '/x', [], { by, query });
      expect([by, none.status]).toEqual([by, 401]);
      for (const answer of [good, none]) {
        expect([answer.headers['location'], answer.headers['set-cookie']]).toEqual([undefined, undefined]);
      }
    }
    const weak = await ask('POST', '/x', [sign()]);
    expect([weak.status, weak.headers['x-oauth-reason']]).toEqual([403, 'insufficient_scope']);
    expect(weak.headers['www-authenticate']).toContain('scope="write"');
    expect(JSON.parse(weak.body)).toMatchObject({ status: 403, reason: 'insufficient_scope' });
  });

  test('B5: answers with the identity headers; those without a value are empty', async () => {
    const token = tokenOf(WHO);
    for (let round = 0; round < 2; round += 1) {
      const good = await ask('GET', '/x', [bearer(token)]);
      expect(valuesOf(good)).toEqual(['u-1', 'ann@example.com', 'staff,a%2Cb,100%25', 'ann', token]);
      expect(good.body).toBe('');
    }
    // B7: a gateway that sets what it is answered overwrites what its client sent.
    for (const answer of [await ask('GET', '/open/x'), await ask('PUT', '/shadow')]) {
      expect([answer.status, valuesOf(answer)]).toEqual([200, ['', '', '', '', '']]);
    }
  });

  test('a rule with optional access lets anybody pass without a token, and names the user of a good one', async () => {
    const token = tokenOf(WHO);
    for (let round = 0; round < 2; round += 1) {
      const known = await ask('GET', '/shop', [bearer(token)]);
      expect([known.status, valuesOf(known)[0], valuesOf(known)[4]]).toEqual([200, 'u-1', token]);
      const anybody = await ask('GET', '/shop', [['X-Other', 'x']]);
      expect([anybody.status, anybody.headers['x-oauth-rule'], valuesOf(anybody)]).toEqual([
        200,
        'shop',
        ['', '', '', '', ''],
      ]);
      const bad = await ask('GET', '/shop', [bearer(`${token.slice(0, -4)}AAAA`)]);
      expect([bad.status, bad.headers['x-oauth-reason']]).toEqual([401, 'signature_invalid']);
    }
    // Nobody is in the groups that the question names.
    const grouped = await ask('GET', '/shop', [], { query: '?allowed_groups=staff' });
    expect([grouped.status, grouped.headers['x-oauth-reason']]).toEqual([401, 'credentials_missing']);
  });

  test('B10: the authorizer believes only what the configuration names; without it nothing is allowed', async () => {
    const headers = [...LIES, ['X-Forwarded-Host', 'a.example'] as const, sign()];
    const nothing = await running().askAbout({ headers });
    expect([nothing.status, nothing.headers['x-oauth-reason']]).toEqual([400, 'method_missing']);
    const noTarget = await running().askAbout({ method: 'GET', headers });
    expect([noTarget.status, noTarget.headers['x-oauth-reason']]).toEqual([400, 'target_malformed']);
    const noHost = await running().askAbout({ method: 'GET', target: '/x', headers });
    expect([noHost.status, noHost.headers['x-oauth-reason']]).toEqual([400, 'host_malformed']);
    expect((await ask('POST', '/x', headers)).status).toBe(403);
  });

  test('the authorizer judges the host that it is asked about', async () => {
    const host = 'B.example:8443';
    const refused = await ask('GET', '/x', [sign()], { host });
    expect([refused.status, refused.headers['x-oauth-rule']]).toEqual([403, 'hosted']);
    expect((await ask('GET', '/x', [sign({ scope: 'b' })], { host })).status).toBe(200);
  });

  test('D3: `?allowed_groups=` asks for any of its groups, besides the rule', async () => {
    const askFor = async (query: string, claims: object): Promise<readonly unknown[]> => {
      const answer = await ask('GET', '/x', [sign(claims)], { query: `?${query}` });
      return [answer.status, answer.headers['x-oauth-reason']];
    };
    expect(await askFor('allowed_groups=a,b', { groups: ['b'] })).toEqual([200, undefined]);
    expect(await askFor('allowed_groups=a,b', { groups: ['c'] })).toEqual([403, 'groups_refused']);
    expect(await askFor('allowed_groups=a%2Cb', { groups: ['a', 'b'] })).toEqual([403, 'groups_refused']);
    expect(await askFor('allowed_groups=', { groups: ['a'] })).toEqual([403, 'groups_refused']);
    expect(await askFor('allowed_groups=a', { _claim_names: { groups: 'x' } })).toEqual([403, 'groups_overage']);
    expect(await askFor('other=1', {})).toEqual([200, undefined]);
  });

  test('D3: a token that is remembered is asked for its groups each time', async () => {
    const [member, overage] = [sign({ groups: ['b'] }), sign({ _claim_names: { groups: 'x' } })];
    const askFor = async (groups: string, token: typeof member): Promise<unknown> =>
      (await ask('GET', '/x', [token], { query: `?allowed_groups=${groups}` })).headers['x-oauth-reason'];
    for (let round = 0; round < 3; round += 1) {
      expect(await askFor('a,b', member)).toBeUndefined();
      expect(await askFor('c', member)).toBe('groups_refused');
      expect(await askFor('', member)).toBe('groups_refused');
      expect(await askFor('b', overage)).toBe('groups_overage');
    }
  });

  test('C1: cookie and X-Forwarded-For beside Authorization change nothing; garbage is refused', async () => {
    const more: Pairs = [
      ['Cookie', 'session=1'],
      ['X-Forwarded-For', '10.0.0.1'],
    ];
    const garbage = ['Authorization', 'Bearer rubbish'] as const;
    expect((await ask('GET', '/x', [...more, sign()])).status).toBe(200);
    expect((await ask('GET', '/x', more)).status).toBe(401);
    expect((await ask('GET', '/x', [...more, garbage])).status).toBe(401);
    const twice = await ask('GET', '/x', [garbage, garbage]);
    // nginx itself refuses a second Authorization line, and logs both.
    const reason = gateway.proxy === 'nginx' ? undefined : 'authorization_repeated';
    expect([twice.status, twice.headers['x-oauth-reason']]).toEqual([400, reason]);
  });

  test('shadow mode sets its header and logs', async () => {
    const answer = await ask('PUT', '/shadow');
    expect(answer.headers).toMatchObject({ 'x-oauth-rule': 'shadow', 'x-oauth-shadow': 'credentials_missing' });
    await expect
      .poll(() => running().log())
      .toMatch(/shadow mode: rule `shadow` would have refused .*credentials_missing/);
  });

  test('the authorizer answers with the metadata document', async () => {
    const answer = await ask('GET', '/.well-known/oauth-protected-resource');
    const { headers } = answer;
    expect([answer.status, headers['content-type'], headers['x-auth-request-user']]).toEqual([
      200,
      'application/json',
      '',
    ]);
    expect(JSON.parse(answer.body)).toMatchObject({ resource: 'https://api.example' });
  });

  test('B11, C8: the health location says whether tokens can be judged', async () => {
    const answer = await running().askHealth();
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([200, { ready: true }]);
    const head = await running().askHealth('HEAD');
    expect([head.status, head.body]).toEqual([200, '']);
  });
});
