// Where both proxies find the token of a request, and what of it the backend gets.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leftBy, reachedBy, valuesOf } from '../helpers/echo-backend';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { askHttp2 } from '../helpers/http2';
import { bearer, resultOf, type Pairs } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';
import { basic, PLAIN_GATEWAYS, type PlainGateway } from '../helpers/token-places';
import type { HttpAnswer } from '../helpers/suite';

const POLICY = {
  issuers: ISSUERS,
  token: {
    from: [
      'bearer',
      { header: 'X-Jwt' },
      { cookie: 'jwt' },
      { query: 'access_token' },
      'basic_password',
      'websocket_protocol',
    ],
  },
  rules: [{ paths: ['/open'], access: 'public' }, { paths: ['/**'] }],
  forward: { 'X-User': 'subject', 'X-Token': 'token' },
  paths: { allow: ['repeated_slash'] },
};

interface Sent {
  readonly path?: string;
  readonly headers?: Pairs;
}

/** A request for each place, and what is left of it. */
function casesOf(token: string): readonly (readonly [string, Sent, object])[] {
  const nothing = { target: '/a', authorization: '', cookie: '', protocols: '' };
  return [
    ['a header', { headers: [['X-JWT', token]] }, nothing],
    ['a cookie', { headers: [['Cookie', `a=1; jwt=${token}; b="2"`]] }, { ...nothing, cookie: 'a=1; b="2"' }],
    ['the query', { path: `/a%2Db//c?x=%20&access_token=${token}&y` }, { ...nothing, target: '/a%2Db//c?x=%20&y' }],
    ['Basic credentials', { headers: [['Authorization', basic(token)]] }, nothing],
    [
      'the subprotocols',
      {
        headers: [
          ['Sec-WebSocket-Protocol', 'chat, bearer'],
          ['Sec-WebSocket-Protocol', token],
        ],
      },
      { ...nothing, protocols: 'chat, bearer' },
    ],
    [
      'one line of subprotocols',
      { headers: [['Sec-WebSocket-Protocol', `chat, bearer, ${token}`]] },
      { ...nothing, protocols: 'chat, bearer' },
    ],
    [
      'Authorization',
      {
        headers: [
          ['Authorization', `Bearer ${token}`],
          ['Cookie', 'a=1'],
          ['Sec-WebSocket-Protocol', 'v1'],
          ['Sec-WebSocket-Protocol', 'v2'],
        ],
      },
      { ...nothing, authorization: `Bearer ${token}`, cookie: 'a=1', protocols: 'v1, v2' },
    ],
  ];
}

describe.each(POLICY_GATEWAYS)('$name', (gateway) => {
  describe('with a policy', () => {
    const running = useGateway(gateway, POLICY);
    const token = tokenOf();

    describe.each(gateway.ways)('%s', (way) => {
      const ask = (sent: Sent): Promise<HttpAnswer> => running().ask({ path: '/a', way, ...sent });
      /** The status of a refusal: `auth_request` has but 401 and 403. */
      const told = (answer: HttpAnswer): readonly unknown[] => [resultOf(answer)?.status, resultOf(answer)?.reason];

      test.each(casesOf(token))(
        'a token in %s passes twice, and the backend gets the rest',
        async (name, sent, left) => {
          for (let turn = 0; turn < 2; turn += 1) {
            const answer = await ask(sent);
            expect(answer.status).toBe(200);
            const reached = reachedBy(answer);
            expect(leftBy(reached)).toEqual(left);
            expect([valuesOf(reached, 'x-user'), valuesOf(reached, 'x-token')]).toEqual([['user-1'], [token]]);
            expect(valuesOf(reached, 'cache-control')).toEqual(['no-store']);
            expect(valuesOf(reached, 'x-jwt')).toEqual([]);
            if (name === 'Authorization') continue;
            const rest = JSON.stringify(reached).replace(JSON.stringify(['x-token', token]), '');
            expect(rest).not.toContain(token);
            expect(rest).not.toContain(basic(token));
          }
        },
      );

      test('no token at a place reaches the backend on a public path, good or bad', async () => {
        const answer = await ask({
          path: `/open?access_token=${token}`,
          headers: [
            ['X-Jwt', 'x'],
            ['X_Jwt', 'y'],
            ['Cookie', 'jwt=1'],
            ['Cookie', 'a=1;jwt=2'],
            ['Authorization', 'Basic eDp5'],
            ['Sec-WebSocket-Protocol', 'bearer'],
            ['Sec-WebSocket-Protocol', 'z'],
          ],
        });
        const reached = reachedBy(answer);
        expect(reached?.target).toBe('/open');
        const names = ['x-jwt', 'cookie', 'authorization', 'sec-websocket-protocol'];
        expect(names.map((name) => valuesOf(reached, name))).toEqual([[], ['a=1'], [], ['bearer']]);
        // An operator of nginx has to turn names with `_` on to have them handed on.
        if (gateway.proxy === 'HAProxy') expect(valuesOf(reached, 'x_jwt')).toEqual([]);
      });

      test('a token that is only remembered at one place is judged anew at another', async () => {
        const other = tokenOf({ sub: 'other' });
        expect((await ask({ headers: [['X-Jwt', other]] })).status).toBe(200);
        expect((await ask({ headers: [['X-Jwt', `${other.slice(0, -4)}AAAA`]] })).status).toBe(401);
        expect((await ask({ headers: [['Authorization', `at 1 ${other}`]] })).status).toBe(401);
        expect((await ask({ headers: [['Cookie', `jwt=${other}x`]] })).status).toBe(401);
        expect((await ask({})).status).toBe(401);
        expect((await ask({ headers: [bearer(other)] })).status).toBe(200);
      });

      test('over HTTP/2 the backend gets the same', async () => {
        const overHttp2 = (headers: Readonly<Record<string, string>>): Promise<HttpAnswer> =>
          askHttp2(running().http2Port(way), headers);
        const query = await overHttp2({ ':path': `/a%2Db?access_token=${token}&x=1` });
        expect([query.status, reachedBy(query)?.target]).toEqual([200, '/a%2Db?x=1']);
        const alone = await overHttp2({ ':path': `/a%2Db?access_token=${token}` });
        expect([alone.status, reachedBy(alone)?.target]).toEqual([200, '/a%2Db']);
        // `proxy_pass` of nginx names its own host.
        if (gateway.proxy === 'HAProxy') expect(valuesOf(reachedBy(alone), 'host')).toEqual(['api.example']);
        const cookie = await overHttp2({ ':path': '/', cookie: `a=1; jwt=${token}` });
        expect([cookie.status, valuesOf(reachedBy(cookie), 'cookie')]).toEqual([200, ['a=1']]);
      });

      test('two tokens are refused, wherever they are', async () => {
        const both = await ask({ path: `/?access_token=${token}`, headers: [bearer(tokenOf({ sub: 'other' }))] });
        expect([told(both), reachedBy(both)]).toEqual([[400, 'token_repeated'], undefined]);
        const same = await ask({ path: `/?access_token=${token}`, headers: [bearer(token)] });
        expect(same.status).toBe(200);
        expect(valuesOf(reachedBy(same), 'authorization')).toEqual([`Bearer ${token}`]);
      });
    });
  });

  test.each(gateway.ways)(
    'an issuer accepts its tokens at its own places alone, remembered or not: %s',
    async (way) => {
      const issuers = [
        { ...ISSUERS[0], token: { from: [{ cookie: 'jwt' }] } },
        { ...ISSUERS[0], issuer: 'https://other.example' },
      ];
      const running = await gateway.start({ issuers, otherwise: 'authenticated' });
      const [token, other] = [tokenOf(), tokenOf({ iss: 'https://other.example' })];
      const ask = (...headers: Pairs): Promise<HttpAnswer> => running.ask({ path: '/a', way, headers });
      for (let turn = 0; turn < 2; turn += 1) {
        expect((await ask(['Cookie', `jwt=${token}`])).status).toBe(200);
        const answer = await ask(bearer(token));
        expect([answer.status, resultOf(answer)?.reason]).toEqual([401, 'place_refused']);
        expect((await ask(bearer(other))).status).toBe(200);
        expect((await ask(['Cookie', `jwt=${other}`])).status).toBe(401);
        expect((await ask(['Cookie', `jwt=${token}`], bearer(token))).status).toBe(200);
      }
      await running.stop();
    },
  );
});

describe.each(PLAIN_GATEWAYS)('without a policy, $name', ({ start }) => {
  let running: PlainGateway;
  const token = tokenOf();

  beforeAll(async () => {
    running = await start();
  });
  afterAll(async () => {
    await running.stop();
  });

  test.each(casesOf(token))('a token in %s passes twice, and the backend gets the rest', async (name, sent, left) => {
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await running.ask({ path: '/a', ...sent });
      expect([answer.status, running.userOf(answer)]).toEqual([200, 'user-1']);
      expect(leftBy(reachedBy(answer))).toEqual(left);
      expect(valuesOf(reachedBy(answer), 'x-jwt')).toEqual([]);
      if (name === 'Authorization') continue;
      const stored = valuesOf(reachedBy(answer), 'cache-control');
      expect(stored).toEqual(running.forbidsStorage ? ['no-store'] : []);
      expect(answer.body).not.toContain(token);
      expect(answer.body).not.toContain(basic(token));
    }
  });

  test('no token, a bad one and two are refused', async () => {
    expect((await running.ask({ path: '/a' })).status).toBe(401);
    expect((await running.ask({ path: '/a', headers: [['Cookie', 'jwt=x']] })).status).toBe(401);
    for (const two of [
      { path: `/a?access_token=${token}`, headers: [['X-Jwt', 'x']] },
      { path: '/a', headers: [['Cookie', `jwt=${token}; jwt=x`]] },
    ] as const) {
      expect((await running.ask(two)).status).toBe(running.malformed);
    }
  });

  test('Bearer credentials that are no place reach no backend', async () => {
    const cookies = await start('cookie:jwt');
    const headers = [['Cookie', `jwt=${token}`] as const];
    for (const sent of [bearer(tokenOf({ sub: 'admin' })), ['Authorization', 'bEARER\tx'] as const]) {
      const answer = await cookies.ask({ path: '/a', headers: [...headers, sent] });
      expect([answer.status, cookies.userOf(answer)]).toEqual([200, 'user-1']);
      expect(leftBy(reachedBy(answer)).authorization).toBe('');
    }
    const digest = await cookies.ask({ path: '/a', headers: [...headers, ['Authorization', 'Digest x']] });
    expect([digest.status, leftBy(reachedBy(digest)).authorization]).toEqual([200, 'Digest x']);
    expect((await cookies.ask({ path: '/a', headers: [bearer(token)] })).status).toBe(401);
    await cookies.stop();
  });
});
