// Which rule decides about a method and a path is kept once a good token asked for them: each of these requests is sent three
// times, in turn with all others, and is answered alike each time.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ISSUERS, startWithPolicy, tokenOf, type PolicyProxy } from '../helpers/haproxy-policy-server';
import { bearer } from '../helpers/policy-gateway';
import { SUITES } from '../helpers/suite';

const RULES = [
  { name: 'open', methods: ['GET'], paths: ['/open/**'], access: 'public' },
  { name: 'read', methods: ['GET'], paths: ['/things/*'], require: { scopes: ['read'] } },
  { name: 'write', methods: ['POST'], paths: ['/things/*'], require: { scopes: ['write'] } },
  { name: 'own', paths: ['/users/*'], require: { claims: { sub: { equals_path_segment: 2 } } } },
  { name: 'tenant', paths: ['/tenants/*'], require: { claims: { tenant: { equals_header: 'X-Tenant' } } } },
  { name: 'root', paths: ['/'] },
  { name: 'fresh', paths: ['/fresh'], require: { max_age: 300 } },
];
const now = Math.floor(Date.now() / 1000);
const READER = tokenOf({ sub: 'jan', scope: 'read', tenant: 'zoo', auth_time: now - 10 });
const WRITER = tokenOf({ sub: 'eva', scope: 'read write', tenant: 'sea', auth_time: now - 1000 });

interface Request {
  readonly token: string | undefined;
  readonly method?: string;
  readonly path: string;
  readonly tenant?: string;
  readonly status: number;
}

const REQUESTS: readonly Request[] = [
  { token: READER, path: '/things/1', status: 200 },
  { token: undefined, path: '/things/1', status: 401 },
  { token: 'e30.e30.e30', path: '/things/1', status: 401 },
  { token: READER, path: '/things/1?a=1', status: 200 },
  { token: READER, path: '/things/1?a=%2f', status: 200 },
  { token: READER, path: '/things/%31', status: 200 },
  { token: READER, path: '/things//1', status: 200 },
  { token: READER, path: '/things/1/2', status: 403 },
  { token: READER, method: 'POST', path: '/things/1', status: 403 },
  { token: WRITER, method: 'POST', path: '/things/1', status: 200 },
  { token: READER, method: 'PUT', path: '/things/1', status: 403 },
  { token: READER, method: 'OPTIONS', path: '/things/1', status: 403 },
  { token: READER, path: '/users/jan', status: 200 },
  { token: WRITER, path: '/users/jan', status: 403 },
  { token: WRITER, path: '/users/eva', status: 200 },
  { token: READER, path: '/tenants/1', tenant: 'zoo', status: 200 },
  { token: READER, path: '/tenants/1', tenant: 'sea', status: 403 },
  { token: READER, path: '/tenants/1', status: 403 },
  { token: WRITER, path: '/tenants/1', tenant: 'sea', status: 200 },
  { token: READER, path: '/fresh', status: 200 },
  { token: WRITER, path: '/fresh', status: 401 },
  { token: undefined, path: '/open/1', status: 200 },
  { token: READER, path: `/things/${'x'.repeat(300)}`, status: 200 },
];

describe.each(SUITES)('%s', (suite) => {
  let proxy: PolicyProxy;

  beforeAll(async () => {
    proxy = await startWithPolicy(suite, { policy: { issuers: ISSUERS, rules: RULES, forward: { 'X-User': 'user' } } });
  });
  afterAll(async () => {
    await proxy.stop();
  });

  const send = async ({ token, method, path, tenant }: Request): Promise<number> => {
    const headers = [
      ...(token === undefined ? [] : [bearer(token)]),
      ...(tenant === undefined ? [] : [['X-Tenant', tenant] as const]),
    ];
    return (await proxy.ask({ method: method ?? 'GET', path, headers })).status;
  };

  test('requests are answered alike, whichever came before', async () => {
    const told: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      for (const request of turn === 1 ? [...REQUESTS].reverse() : REQUESTS) {
        const status = await send(request);
        if (status !== request.status) told.push(`${turn} ${request.method ?? 'GET'} ${request.path}: ${status}`);
      }
    }
    expect(told).toEqual([]);
  });

  test('ever other paths drive nothing out that would let another path pass', async () => {
    for (let number = 0; number < 1500; number++) {
      const isRead = number % 3 > 0;
      const path = isRead ? `/things/${number}` : `/users/u${number}`;
      expect(await send({ token: READER, path, status: 200 }), path).toBe(isRead ? 200 : 403);
    }
    expect(await send({ token: READER, path: '/things/1', status: 200 })).toBe(200);
    expect(await send({ token: READER, method: 'POST', path: '/things/1', status: 403 })).toBe(403);
  });

  test('a target with an authority is answered alike, whichever came before', async () => {
    const own = `127.0.0.1:${String(proxy.port)}`;
    const told: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      for (const [token, target, host, status] of [
        [READER, `http://${own}/things/1`, own, 200],
        [READER, `http://${own}/things/1`, 'other.example', 400],
        [READER, `http://${own}/things/1?a=1`, own, 200],
        [READER, `http://${own}/users/eva`, own, 403],
        [WRITER, `http://${own}/users/eva`, own, 200],
        [undefined, `http://${own}/things/1`, own, 401],
        [READER, `http://${own}`, own, 200],
        [READER, `http://${own}?/users/eva`, own, 400],
      ] as const) {
        const headers = [['Host', host] as const, ...(token === undefined ? [] : [bearer(token)])];
        const got = (await proxy.ask({ path: target, headers })).status;
        if (got !== status) told.push(`${String(turn)} ${target} ${host}: ${String(got)}`);
      }
    }
    expect(told).toEqual([]);
  });
});

test.each(SUITES)('where a policy names hosts the host decides, whichever came before, %s', async (suite) => {
  const rules = [
    { name: 'zoo', hosts: ['zoo.example'], paths: ['/**'], require: { scopes: ['read'] } },
    { name: 'sea', hosts: ['sea.example'], paths: ['/**'], require: { scopes: ['write'] } },
  ];
  const proxy = await startWithPolicy(suite, { policy: { issuers: ISSUERS, rules, forward: { 'X-User': 'user' } } });
  const told: string[] = [];
  for (let turn = 0; turn < 3; turn++) {
    for (const [token, host, path, status] of [
      [READER, 'zoo.example', '/a', 200],
      [READER, 'sea.example', '/a', 403],
      [READER, 'zoo.example', '/a?b=c', 200],
      [READER, 'sea.example', '/a?b=c', 403],
      [WRITER, 'sea.example', '/a', 200],
      [WRITER, 'SEA.example', '/a', 200],
      [WRITER, 'lake.example', '/a', 403],
      [WRITER, 'sea.example', 'http://sea.example/a', 200],
      [READER, 'sea.example', 'http://sea.example/a', 403],
    ] as const) {
      const got = (await proxy.ask({ path, headers: [['Host', host], bearer(token)] })).status;
      if (got !== status) told.push(`${String(turn)} ${host} ${path}: ${String(got)}`);
    }
  }
  await proxy.stop();
  expect(told).toEqual([]);
});
