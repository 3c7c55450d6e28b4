// The caller's headers for a backend behind either proxy, and the client's own headers that never reach it.
import { describe, expect, test } from 'vitest';
import { reachedBy, valuesOf } from '../helpers/echo-backend';
import { tokenOf } from '../helpers/haproxy-policy-server';
import { askHttp2 } from '../helpers/http2';
import { bearer, resultOf, type Pairs } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';
import type { HttpAnswer } from '../helpers/suite';
import { FORGED, forgeries, FORWARD, FORWARDING, LIES, WHO } from '../helpers/systems';

const NAMES = Object.keys(FORWARD);

describe.each(POLICY_GATEWAYS)('headers through $name', (gateway) => {
  const running = useGateway(gateway, FORWARDING, { haproxy: { load: 'lua-load-per-thread' } });

  describe.each(gateway.ways)('%s', (way) => {
    const ask = (path: string, headers: Pairs = [], method = 'GET'): Promise<HttpAnswer> =>
      running().ask({ way, path, headers, method });
    const sign = (claims: object = {}): readonly [string, string] => bearer(tokenOf({ ...claims }));

    test('B5, C6: the backend gets the user, the email, the groups, the name and on request the token', async () => {
      const token = tokenOf(WHO);
      for (const scheme of ['Bearer', 'Bearer', 'bearer']) {
        const reached = reachedBy(await ask('/x', [['Authorization', `${scheme} ${token}`]]));
        const wanted = [['u-1'], ['ann@example.com'], ['staff,a%2Cb,100%25'], ['ann'], [token]];
        expect(NAMES.map((name) => valuesOf(reached, name))).toEqual(wanted);
      }
    });

    test('B5: a value that could break out of its header never becomes one', async () => {
      for (const claims of [{ email: 'a@b\r\nX-Admin: 1' }, { groups: ['a\nb'] }, { preferred_username: 'a\u0000b' }]) {
        const token = tokenOf(claims);
        const reached = reachedBy(await ask('/x', [bearer(token)]));
        expect(NAMES.flatMap((name) => valuesOf(reached, name))).toEqual(['user-1', token]);
        expect(valuesOf(reached, 'X-Admin')).toEqual([]);
      }
      expect(valuesOf(reachedBy(await ask('/x', [sign()])), 'X-Auth-Request-Groups')).toEqual([]);
    });

    test('B6: an email that is said to be unverified is refused; without one the user is the subject', async () => {
      const unverified = await ask('/x', [sign({ ...WHO, email_verified: false })]);
      expect([unverified.status, resultOf(unverified)?.reason]).toEqual([403, 'email_unverified']);
      const reached = reachedBy(await ask('/x', [sign({ sub: 'machine' })]));
      expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(['machine']);
    });

    test.each(['/x', '/open/x', '/shadow/x'])('B7, B8: nothing that the client forges reaches %s', async (path) => {
      for (const authorization of [[], [sign(WHO)]]) {
        const reached = reachedBy(await ask(path, [...FORGED, ...authorization, ['X-Other', 'kept']]));
        expect(reached === undefined).toBe(path === '/x' && authorization.length === 0);
        if (reached === undefined) continue;
        expect(forgeries(reached)).toEqual([]);
        expect(valuesOf(reached, 'X-Other')).toEqual(['kept']);
        expect(valuesOf(reached, 'Authorization')).toEqual([]);
        const known = path !== '/open/x' && authorization.length > 0;
        expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(known ? ['u-1'] : []);
        expect(valuesOf(reached, 'X-Auth-Request-Access-Token').length).toBe(known ? 1 : 0);
      }
    });

    test('B7: what a client sends by those names never reaches the backend: with a token, without, in shadow mode', async () => {
      const token = sign(WHO);
      for (let round = 0; round < 2; round += 1) {
        for (const forged of FORGED) {
          for (const [path, headers] of [
            ['/open/x', [forged]],
            ['/shadow/x', [forged]],
            ['/shadow/x', [forged, token]],
            ['/x', [forged, token]],
          ] as const) {
            const answer = await ask(path, headers);
            expect([forged[0], path, answer.status, forgeries(reachedBy(answer))]).toEqual([forged[0], path, 200, []]);
          }
        }
      }
    });

    test('B7: nor over HTTP/2, nor twice, nor among a hundred others', async () => {
      const forged = Object.fromEntries(FORGED.map(([name, value]) => [name.toLowerCase(), value]));
      const answer = await askHttp2(running().http2Port(way), { ':path': '/open/x', ...forged });
      expect([answer.status, forgeries(reachedBy(answer))]).toEqual([200, []]);
      const many = Array.from({ length: 70 }, (_, index) => [`X-Filler-${index}-${'x'.repeat(30)}`, 'kept'] as const);
      const crowd = await ask('/open/x', [...many, ...FORGED.slice(0, 8), ...FORGED.slice(0, 8)]);
      expect([crowd.status, forgeries(reachedBy(crowd))]).toEqual([200, []]);
      expect(reachedBy(crowd)?.headers.filter(([, value]) => value === 'kept').length).toBe(70);
    });

    test('B7: nor after requests whose names of headers begin, or end, alike', async () => {
      const alike = [`X-${'a'.repeat(60)}`, 'kept'] as const;
      for (const forged of FORGED) {
        await ask('/open/x', [alike, ['X-Other', 'kept'], alike]);
        const answer = await ask('/open/x', [alike, forged, alike]);
        expect([forged[0], answer.status, forgeries(reachedBy(answer))]).toEqual([forged[0], 200, []]);
      }
    });

    test('B8: the backend does not see Authorization, not even on a public route', async () => {
      for (const path of ['/x', '/open/x', '/shadow/x']) {
        const reached = reachedBy(await ask(path, [sign()]));
        expect([path, reached === undefined, valuesOf(reached, 'authorization')]).toEqual([path, false, []]);
      }
    });

    test.each([
      ['close, X-Auth-Request-User', 'x-auth-request-groups, Authorization'],
      ['X-Auth-Request-User', 'close'],
      ['close, X-Auth-Request-User', 'te'],
      ['close', 'X-Auth-Request-User'],
      ['close', 'X-Auth-Request-User', 'keep-alive'],
    ])('B7: a Connection header that names an identity header has no effect: %s | %s', async (...lines) => {
      const headers = lines.map((line): [string, string] => ['Connection', line]);
      const reached = reachedBy(await ask('/x', [...headers, sign(WHO)]));
      expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(['u-1']);
      expect(valuesOf(reached, 'connection').join(',').toLowerCase()).not.toMatch(/auth/);
    });

    test('B10: X-Forwarded-* and kin decide nothing', async () => {
      expect((await ask('/x', LIES)).status).toBe(401);
      const post = await ask('/x', [...LIES, sign()], 'POST');
      expect([post.status, resultOf(post)?.reason]).toEqual([403, 'insufficient_scope']);
    });

    test('C5: no space is needed after the colon of Authorization', async () => {
      // The helper writes one space after a name's colon: this name brings its own colon.
      const answer = await ask('/x', [['X-A', `b\r\nAuthorization:Bearer ${tokenOf()}`]]);
      expect(answer.status).toBe(200);
    });

    test('D1: nothing but 2xx, 401 and 403 comes of what auth_request asks', async () => {
      const statuses = [
        (await ask('/x', [sign()])).status,
        (await ask('/x')).status,
        (await ask('/x', [['Authorization', 'Basic eDp5']])).status,
        (await ask('/x', [sign()], 'POST')).status,
        (await ask('/a%2Fb', [sign()])).status,
      ];
      expect(statuses).toEqual([200, 401, 401, 403, way === 'auth_request' ? 403 : 400]);
    });

    test('shadow mode decides, reports and lets through', async () => {
      const nobody = await ask('/shadow/x');
      expect(resultOf(nobody)).toMatchObject({ allowed: true, status: 200, reason: '', rule: 'shadow' });
      expect(resultOf(nobody)?.wouldBe).toBe('credentials_missing');
      const known = resultOf(await ask('/shadow/x', [sign(WHO)]));
      expect(known).toMatchObject({ wouldBe: 'insufficient_scope', subject: 'u-1' });
      const other = resultOf(await ask('/x', [sign(WHO)]));
      expect(other).toMatchObject({ wouldBe: '', rule: 'read' });
      await expect
        .poll(() => running().log())
        .toContain('jwtverify: shadow mode: rule `shadow` would have refused a request: insufficient_scope');
    });
  });
});
