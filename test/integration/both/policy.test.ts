// A policy in both proxies: the requests that pass, the answers to others, and the variables of both.
import { describe, expect, test } from 'vitest';
import { reachedBy } from '../helpers/echo-backend';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { resultOf, type Wanted } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';
import type { HttpAnswer } from '../helpers/suite';

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
const DOCUMENT = '/.well-known/oauth-protected-resource/v1';
const METADATA = `resource_metadata="https://api.example${DOCUMENT}"`;
/** nginx serves the document where its configuration has a location for it. */
const SERVER = `location = ${DOCUMENT} { include DIRECTORY/forward.conf; js_content jwtverify.metadata; }`;

/** Status, reason and rule of a refusal, or of a request that passed. */
function told(answer: HttpAnswer): readonly unknown[] {
  const { allowed, status, reason, rule } = resultOf(answer) ?? {};
  return [allowed, status, reason, rule];
}

describe.each(POLICY_GATEWAYS)('a policy in $name', (gateway) => {
  const running = useGateway(gateway, POLICY, { nginx: { server: SERVER } });

  describe.each(gateway.ways)('%s', (way) => {
    const ask = (wanted: Wanted): Promise<HttpAnswer> => running().ask({ ...wanted, way });
    const askWith = (token: string, wanted: Wanted): Promise<HttpAnswer> =>
      running().askWith(token, { ...wanted, way });

    test('B9: a public route passes without a token, and a token on it is not looked at', async () => {
      for (const headers of [[], [['Authorization', 'Bearer rubbish']], [['Authorization', 'Bearer x.y.z']]] as const) {
        const answer = await ask({ path: '/api/hamsters/turbo', headers });
        expect([answer.status, ...told(answer)]).toEqual([200, true, 200, '', 'list']);
        expect(reachedBy(answer)?.line).toMatch(/^GET \/api\/hamsters\/turbo HTTP\/1\.[01]$/);
        expect(resultOf(answer)?.subject).toBe('');
      }
    });

    test('C1: no token 401, a bad one 401, a good one 200', async () => {
      const none = await ask({ path: '/me' });
      expect([none.status, ...told(none)]).toEqual([401, false, 401, 'credentials_missing', 'any']);
      expect(none.headers['www-authenticate']).toBe(`Bearer realm="hamsters", ${METADATA}`);
      const bad = await askWith(`${tokenOf()}x`, { path: '/me' });
      expect([bad.status, ...told(bad)]).toEqual([401, false, 401, 'signature_malformed', 'any']);
      const good = await askWith(tokenOf(), { path: '/me' });
      expect([good.status, ...told(good)]).toEqual([200, true, 200, '', 'any']);
      expect(resultOf(good)?.subject).toBe('user-1');
    });

    test('a remembered token is judged by the rule of each request', async () => {
      const poor = tokenOf({ scope: 'write:hamsters2 read:hamsters' });
      for (let round = 0; round < 3; round += 1) {
        const refused = await askWith(poor, { method: 'POST', path: '/api/hamsters/turbo' });
        expect([refused.status, ...told(refused)]).toEqual([403, false, 403, 'insufficient_scope', 'adopt']);
        const description = 'The token does not have the scopes that this request requires.';
        expect(refused.headers['www-authenticate']).toContain(
          `Bearer realm="hamsters", error="insufficient_scope", error_description="${description}", scope="write:hamsters"`,
        );
        expect((await askWith(poor, { path: '/me' })).status).toBe(200);
      }
      const writer = tokenOf({ scope: 'write:hamsters' });
      for (let round = 0; round < 3; round += 1) {
        for (const method of ['DELETE', 'POST']) {
          const answer = await askWith(writer, { method, path: '/api/hamsters/turbo' });
          expect([answer.status, ...told(answer)]).toEqual([200, true, 200, '', 'adopt']);
          expect(resultOf(answer)?.scopes).toBe('write:hamsters');
        }
        const without = await ask({ method: 'POST', path: '/api/hamsters/turbo' });
        expect(told(without)).toEqual([false, 401, 'credentials_missing', 'adopt']);
        expect(told(await askWith(writer, { path: '/admin/' }))).toEqual([false, 403, 'groups_refused', 'admin']);
        expect(told(await askWith(writer, { path: '/elsewhere' }))).toEqual([false, 403, 'rule_missing', 'otherwise']);
      }
    });

    test('B4: any of the allowed groups will do; outside them 403; left out for their number is a reason of its own', async () => {
      const asked = async (claims: object): Promise<readonly unknown[]> => {
        const answer = await askWith(tokenOf({ ...claims }), { path: '/admin' });
        return [answer.status, resultOf(answer)?.reason];
      };
      expect(await asked({ groups: ['users', 'staff'] })).toEqual([200, '']);
      expect(await asked({ groups: ['users'] })).toEqual([403, 'groups_refused']);
      expect(await asked({})).toEqual([403, 'groups_refused']);
      expect(await asked({ _claim_names: { groups: 'src1' } })).toEqual([403, 'groups_overage']);
    });

    test('a stronger authentication is asked for as RFC 9470 says', async () => {
      const now = Math.floor(Date.now() / 1000);
      const weak = await askWith(tokenOf({ acr: 'silver', auth_time: now }), { path: '/payments' });
      expect([weak.status, resultOf(weak)?.reason]).toEqual([401, 'insufficient_authentication']);
      expect(weak.headers['www-authenticate']).toContain('error="insufficient_user_authentication"');
      expect(weak.headers['www-authenticate']).toContain('acr_values="gold", max_age="60"');
      const strong = await askWith(tokenOf({ acr: 'gold', auth_time: now }), { path: '/payments' });
      expect(strong.status).toBe(200);
    });

    test('what no rule allows is refused, and so is what a rule refuses, with any token', async () => {
      const missing = await askWith(tokenOf(), { path: '/nowhere' });
      expect([missing.status, ...told(missing)]).toEqual([403, false, 403, 'rule_missing', 'otherwise']);
      const closed = await askWith(tokenOf(), { path: '/internal/x' });
      expect([closed.status, ...told(closed)]).toEqual([403, false, 403, 'rule_refuses', 'closed']);
    });

    test('C2: a refusal is a JSON problem, never a redirect, and sets no cookie', async () => {
      for (const path of ['/me', '/nowhere', '/api/%2e%2e/hamsters']) {
        const answer = await ask({ path });
        expect([answer.headers['location'], answer.headers['set-cookie']]).toEqual([undefined, undefined]);
        // `auth_request` shows the client a page of nginx's own.
        if (way === 'auth_request') continue;
        expect(answer.headers['content-type']).toBe('application/problem+json');
        expect(JSON.parse(answer.body)).toMatchObject({ status: answer.status, reason: resultOf(answer)?.reason });
      }
    });

    test('C5: no space after the colon is needed', async () => {
      const answer = await ask({ path: '/me', headers: [['Authorization', `Bearer ${tokenOf()}`]] });
      expect(answer.status).toBe(200);
    });
  });

  test('the metadata document is served at its well-known path', async () => {
    const answer = await running().ask({ path: DOCUMENT });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(answer.body)).toEqual({
      resource: 'https://api.example/v1',
      authorization_servers: [ISSUERS[0]?.issuer],
      scopes_supported: ['write:hamsters'],
      bearer_methods_supported: ['header'],
    });
    const head = await running().ask({ method: 'HEAD', path: DOCUMENT });
    expect(head.status).toBe(200);
    const other = await running().ask({ path: '/.well-known/oauth-protected-resource' });
    expect(other.status).toBe(403);
  });
});
