// Real gateways that ask an authorizer on another port: Caddy's `forward_auth`, nginx's `auth_request`, HAProxy's Lua, each as
// docs/gateways.md configures it, in front of a backend that answers with what reached it.
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPaths } from '../../vectors/policies';
import { CALLERS, callerText, startAuthorizer, startCaller, type Started } from '../helpers/callers';
import { policyOf } from '../helpers/docs-blocks';
import { bad, good, type Running } from '../helpers/docs-runner';
import { reachedBy, startEchoBackend, valuesOf, type EchoBackend } from '../helpers/echo-backend';
import { isPublic, READERS, targetsOf } from '../helpers/path-readers';
import { CONDITIONS, freePort, request, SUITES, type HttpAnswer } from '../helpers/suite';
import { FORGED, forgeries } from '../helpers/systems';

type Pairs = readonly (readonly [string, string])[];

const DOCUMENTED = JSON.parse(policyOf('docs/haproxy.md')) as { readonly issuers: readonly object[] };
const RULES = [
  { name: 'home', paths: ['/'], access: 'public' },
  { name: 'public', paths: ['/public/**'], access: 'public' },
  { name: 'read', methods: ['GET', 'HEAD'], paths: ['/api/**'], require: { scopes: ['read:hamsters'] } },
  { name: 'write', paths: ['/api/**'], require: { scopes: ['write:hamsters'] } },
];
const INSIDE = { name: 'inside', hosts: ['inside.example'], paths: ['/inside'], access: 'public' };
const METADATA = { resource: 'https://api.mywebsite.com' };
const POLICY = JSON.stringify({ ...DOCUMENTED, rules: RULES, metadata: METADATA });

/** The headers that nginx removes; the others go by the beginnings of names, and so remove more. */
const FORGED_BY_NAME = FORGED.filter(([name]) => !/groups|preferred|token/i.test(name));

const HOST = ['Host', 'api.mywebsite.com'] as const;
const TARGETS = targetsOf(readPaths()).map((target) => Buffer.from(target, 'utf8').toString('latin1'));

const bearer = async (changes: Readonly<Record<string, unknown>> = {}): Promise<readonly [string, string]> => [
  'Authorization',
  `Bearer ${await good(changes)}`,
];

/** What every reader makes of the target that reached the backend, where that is not public. */
function strayed(answer: HttpAnswer): readonly string[] {
  const target = reachedBy(answer)?.line.split(' ')[1];
  if (target === undefined) return [];
  return Object.entries(READERS)
    .map(([reader, read]) => [reader, read(target)] as const)
    .filter(([, resource]) => !isPublic(resource) && resource !== '/')
    .map(([reader, resource]) => `${target}: ${reader}: ${resource}`);
}

const CASES = SUITES.flatMap((suite) =>
  CALLERS.flatMap((caller) => (['HAProxy', 'nginx'] as const).map((proxy) => ({ suite, caller, proxy }))),
);

test.each(CASES)(
  '$caller.name of $suite asks $proxy about the host that the backend gets',
  async ({ suite, caller, proxy }) => {
    const hosts = [
      { hosts: ['public.example'], paths: ['/**'], access: 'public' },
      { hosts: ['admin.example'], paths: ['/**'], require: { scopes: ['admin'] } },
    ];
    const backend = await startEchoBackend();
    const authorizer = await startAuthorizer(suite, proxy, caller, JSON.stringify({ ...DOCUMENTED, rules: hosts }));
    const gateway = await startCaller(suite, caller, authorizer.port, backend.port);
    const ask = (path: string, host: string): Promise<HttpAnswer> =>
      request({ port: gateway.port, path, headers: [['Host', host]] });
    try {
      const open = await ask('/users', 'public.example');
      expect([open.status, valuesOf(reachedBy(open), 'Host')]).toEqual([200, ['public.example']]);
      expect((await ask('/users', 'admin.example')).status).toBe(401);
      // RFC 9112 §3.2.2: the host of an absolute form counts; whoever takes the other has to hand that on.
      for (const [line, host] of [
        ['http://admin.example/users', 'public.example'],
        ['http://public.example/users', 'admin.example'],
        ['http://admin.example:80/users', 'public.example'],
        ['HTTP://ADMIN.example/users', 'public.example'],
      ] as const) {
        const reached = reachedBy(await ask(line, host));
        expect([line, valuesOf(reached, 'Host').filter((value) => value !== 'public.example')]).toEqual([line, []]);
        expect(reached?.target ?? '').not.toMatch(/admin/i);
      }
    } finally {
      await gateway.stop();
      await authorizer.stop();
      await backend.stop();
    }
  },
);

describe.each(CASES)('$caller.name of $suite that asks $proxy', ({ suite, caller, proxy }) => {
  let authorizer: Running;
  let backend: EchoBackend;
  let gateway: Started;

  beforeAll(async () => {
    backend = await startEchoBackend();
    authorizer = await startAuthorizer(suite, proxy, caller, POLICY);
    gateway = await startCaller(suite, caller, authorizer.port, backend.port);
  });
  afterAll(async () => {
    await gateway.stop();
    await authorizer.stop();
    await backend.stop();
    for (const one of [gateway, authorizer]) expect(one.output()).not.toMatch(/eyJ|Lua function|js exception/);
  });

  async function ask(method: string, path: string, headers: Pairs = [], body?: string): Promise<HttpAnswer> {
    const given = headers.some(([name]) => name === 'Host') ? headers : [HOST, ...headers];
    return request({ port: gateway.port, method, path, headers: given, ...(body === undefined ? {} : { body }) });
  }

  test('hands the right request on: target, body, who is calling; not the token', async () => {
    const answer = await ask('POST', '/api/hamsters/turbo?x=1&allowed_groups=none&y=%2F', [await bearer()], 'hay');
    const reached = reachedBy(answer);
    expect(reached?.line).toMatch(/^POST \/api\/hamsters\/turbo\?x=1&allowed_groups=none&y=%2F HTTP/);
    expect([reached?.body, valuesOf(reached, 'X-Auth-Request-User')]).toEqual(['hay', ['turbo']]);
    expect(valuesOf(reached, 'X-Auth-Request-Email').filter((value) => value !== '')).toEqual([]);
    expect(valuesOf(reached, 'Authorization')).toEqual([]);
    const named = reachedBy(await ask('GET', '/api/x', [await bearer({ email: 'ann@example.com' })]));
    expect(valuesOf(named, 'X-Auth-Request-Email')).toEqual(['ann@example.com']);
  });

  test('hands the refusal to the client, and nothing to the backend', async () => {
    const before = backend.count();
    const rows: readonly (readonly [Pairs, string, number, string | undefined])[] = [
      [[], '/api/x', 401, 'Bearer scope="write:hamsters"'],
      [[['Authorization', `Bearer ${await bad()}`]], '/api/x', 401, 'Bearer error="invalid_token"'],
      [[await bearer({ scope: 'read:hamsters' })], '/api/x', 403, 'scope="write:hamsters"'],
      [[await bearer()], '/nowhere', 403, undefined],
      [[await bearer(), await bearer()], '/api/x', 400, undefined],
      [[await bearer()], '/api/..;/admin', 400, undefined],
    ];
    for (const [headers, path, status, challenge] of rows) {
      const answer = await ask('POST', path, headers, 'hay');
      expect([path, answer.status, reachedBy(answer)]).toEqual([path, status, undefined]);
      const told = answer.headers['www-authenticate'];
      if (status === 401 && headers.length === 0)
        expect(told).toMatch(/^Bearer scope="write:hamsters", resource_metadata="[^"]+"$/);
      else if (status !== 400 && challenge !== undefined) expect(told).toContain(challenge);
      // A second Authorization nginx itself refuses.
      if (!caller.tellsBody || headers.length > 1) continue;
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(answer.body)).toMatchObject({ status });
    }
    const head = await ask('HEAD', '/api/x');
    expect(head.status).toBe(401);
    expect(backend.count()).toBe(before);
  });

  test.each(['/public/x', '/api/x'])('removes what the client forges: %s', async (path) => {
    for (const authorization of path === '/api/x' ? [[await bearer()]] : [[], [await bearer()]]) {
      const forged = caller.name === 'nginx' ? FORGED_BY_NAME : FORGED;
      const reached = reachedBy(await ask('GET', path, [...forged, ...authorization, ['X-Other', 'kept']]));
      expect([reached === undefined, forgeries(reached)]).toEqual([false, []]);
      expect(valuesOf(reached, 'X-Other')).toEqual(['kept']);
      const users = valuesOf(reached, 'X-Auth-Request-User').filter((value) => value !== '');
      expect(users).toEqual(path === '/api/x' ? ['turbo'] : []);
    }
  });

  test('asks about the request itself, whatever the client says of another', async () => {
    const lies: Pairs = [
      ['X-Forwarded-Method', 'GET'],
      ['X-Forwarded-Uri', '/public/x'],
      ['X-Forwarded-Host', 'inside.example'],
      ['X_Forwarded_Method', 'GET'],
      ['X_Forwarded_Uri', '/public/x'],
      ['X-Original-Method', 'GET'],
      ['X-Original-URL', 'http://api.mywebsite.com/public/x'],
      ['X_Original_URL', 'http://api.mywebsite.com/public/x'],
      ['X-Original-URI', '/public/x'],
    ];
    const before = backend.count();
    for (const headers of [lies, [...lies, ...lies]]) {
      for (const path of ['/api/x', '/']) {
        expect((await ask(path === '/' ? 'POST' : 'GET', path, headers)).status, path).toBe(path === '/' ? 200 : 401);
      }
    }
    expect(backend.count()).toBe(before + 2);
    const weak = await ask('POST', '/api/x', [...lies, await bearer({ scope: 'read:hamsters' })]);
    expect([weak.status, reachedBy(weak)]).toEqual([403, undefined]);
    const others: Pairs = [
      ['X-Forwarded-Method', 'POST'],
      ['X-Forwarded-Uri', '/nowhere'],
    ];
    expect((await ask('GET', '/public/x', others)).status).toBe(200);
  });

  test('hands on what passes, and nothing else, whatever is said on conditions', async () => {
    for (const field of CONDITIONS) {
      for (const path of ['/api/x', '/public/x', '/.well-known/oauth-protected-resource']) {
        const headers = path === '/api/x' ? [field, await bearer()] : [field];
        const answer = await ask('GET', path, headers);
        expect([path, field, answer.status, reachedBy(answer)?.target]).toEqual([path, field, 200, path]);
      }
      const refused = await ask('GET', '/api/x', [field]);
      expect([field, refused.status, reachedBy(refused)]).toEqual([field, 401, undefined]);
    }
  });

  test('keeps who is calling, whatever Connection names', async () => {
    const named = [
      'X-Auth-Request-User, x-auth-request-email',
      'X-Forwarded-Method, X-Forwarded-Uri, X-Forwarded-Host',
      'X-Original-Method, X-Original-URL, Authorization',
    ];
    for (const names of named) {
      const connection = ['Connection', `close, ${names}`] as const;
      const known = await ask('POST', '/api/x', [connection, await bearer()]);
      expect([names, known.status, valuesOf(reachedBy(known), 'X-Auth-Request-User')]).toEqual([names, 200, ['turbo']]);
      expect(valuesOf(reachedBy(known), 'Connection').join().toLowerCase()).not.toContain('auth');
      expect((await ask('POST', '/api/x', [connection])).status).toBe(401);
    }
  });

  test('judges the path, whatever Host makes of a URL', async () => {
    const hosts = ['a?', 'a?b', 'a#', 'a/', 'a?.mywebsite.com', 'a:80?', 'a\\', 'a@b', 'a/public/x?', '[::1]?', 'a%2f'];
    const before = backend.count();
    for (const host of hosts) {
      const answer = await ask('GET', '/admin', [['Host', host]]);
      expect([host, reachedBy(answer)]).toEqual([host, undefined]);
      const whole = await ask('GET', `http://${host}/admin`, [HOST]);
      expect([host, strayed(whole)]).toEqual([host, []]);
    }
    expect(backend.count()).toBeLessThan(before + hosts.length);
  });

  test('without a token no spelling reaches what is not public, however the backend reads it', async () => {
    const astray: string[] = [];
    let reached = 0;
    // What is judged is the same for both: one gets all of them.
    const targets = TARGETS.filter((_, index) => proxy === 'HAProxy' || index % 5 === 0);
    for (const target of targets) {
      const answer = await ask('GET', target);
      if (answer.status === 200) reached += 1;
      astray.push(...strayed(answer));
    }
    expect(astray).toEqual([]);
    expect(reached).toBeGreaterThan(targets.length / 20);
    expect(targets.length - reached).toBeGreaterThan(targets.length / 3);
  });

  test(`judges a change of protocol, and hands it on${caller.upgrades ? '' : ' as a plain request'}`, async () => {
    const refused = await askToUpgrade(gateway.port);
    expect(refused).toMatch(/^HTTP\/1\.1 401 /);
    const before = backend.count();
    const upgraded = await askToUpgrade(gateway.port, await bearer());
    expect(upgraded).toMatch(caller.upgrades ? /^HTTP\/1\.1 101 / : /^HTTP\/1\.1 200 /);
    if (!caller.upgrades) return;
    expect(upgraded.toLowerCase()).toContain('["upgrade","websocket"]');
    expect(upgraded.toLowerCase()).toContain('["connection","upgrade"]');
    expect(upgraded).toContain('"turbo"');
    expect(backend.count()).toBe(before + 1);
  });

  test('S3: hands on no change to another protocol', async () => {
    for (const protocols of [['h2c'], ['h2c', 'websocket'], ['websocket', 'h2c'], ['h2c, websocket'], ['TLS/1.0']]) {
      backend.clear();
      await askToUpgrade(gateway.port, await bearer(), protocols);
      expect(backend.reached.length).toBe(1);
      const handedOn = backend.reached.flatMap(({ headers }) => headers).filter(([name]) => name === 'upgrade');
      expect(handedOn.map(([, value]) => value).filter((value) => value !== 'websocket')).toEqual([]);
    }
  });
});

/** Asks for a WebSocket, or for others; what is answered, up to the head of a refusal or the end. */
function askToUpgrade(
  port: number,
  authorization?: readonly [string, string],
  protocols: readonly string[] = ['websocket'],
): Promise<string> {
  const headers: Pairs = [
    HOST,
    ['Connection', 'keep-alive, Upgrade, X-Auth-Request-User'],
    ...protocols.map((protocol) => ['Upgrade', protocol] as const),
    ['HTTP2-Settings', 'AAMAAABkAAQAoAAAAAIAAAAA'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ...(authorization === undefined ? [] : [authorization]),
  ];
  return new Promise((done, fail) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET /api/x HTTP/1.1\r\n${lines}\r\n`));
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (!text.startsWith('HTTP/1.1 101 ') && text.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', fail).on('close', () => {
      done(text);
    });
  });
}

/** A server on a port that is not an authorizer, by its answer to a connection or a request. */
async function startImpostor(says: string | undefined): Promise<{ port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      if (says !== undefined) socket.end(says);
    });
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    port,
    stop: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          done();
        });
      }),
  };
}

const ANSWERS: readonly (readonly [string, string | undefined])[] = [
  ['nothing', undefined],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['half a head', 'HTTP/1.1 200 OK\r\nX-Auth-Request-User: tur'],
  ['a redirect', 'HTTP/1.1 302 Found\r\nLocation: /public/x\r\nContent-Length: 0\r\n\r\n'],
  ['an error', 'HTTP/1.1 500 Internal Server Error\r\nX-OAuth-Status: 200\r\nContent-Length: 0\r\n\r\n'],
  ['not modified', 'HTTP/1.1 304 Not Modified\r\n\r\n'],
];

const EACH = SUITES.flatMap((suite) => CALLERS.map((caller) => ({ suite, caller })));

describe.each(EACH)('$caller.name of $suite', ({ suite, caller }) => {
  let backend: EchoBackend;

  beforeAll(async () => {
    backend = await startEchoBackend();
  });
  afterAll(async () => {
    await backend.stop();
  });

  /** What a request with a good token comes to. */
  async function statusThrough(port: number, path = '/public/x', headers: Pairs = [HOST]): Promise<number> {
    const gateway = await startCaller(suite, caller, port, backend.port);
    try {
      const answer = await request({ port: gateway.port, path, headers: [...headers, await bearer()] });
      expect(reachedBy(answer)).toBeUndefined();
      return answer.status;
    } finally {
      await gateway.stop();
    }
  }

  test('lets nothing through while the authorizer cannot be reached', async () => {
    expect([502, 503]).toContain(await statusThrough(await freePort()));
    expect(backend.count()).toBe(0);
  });

  test.each(ANSWERS)('lets nothing through when the authorizer answers %s', async (_, says) => {
    const impostor = await startImpostor(says);
    expect([302, 304, 500, 502, 503, 504]).toContain(await statusThrough(impostor.port));
    await impostor.stop();
    expect(backend.count()).toBe(0);
  });

  test.each(['HAProxy', 'nginx'] as const)('hands on that %s has no keys', async (proxy) => {
    const keys = { jwks_url: `http://127.0.0.1:${String(await freePort())}/keys` };
    const issuers = DOCUMENTED.issuers.map((issuer) => ({ ...issuer, keys }));
    const policy = JSON.stringify({ ...DOCUMENTED, issuers, rules: RULES, allow_http: true });
    const authorizer = await startAuthorizer(suite, proxy, caller, policy);
    expect(await statusThrough(authorizer.port, '/api/x')).toBe(503);
    await authorizer.stop();
    expect(backend.count()).toBe(0);
  });

  test.each(['HAProxy', 'nginx'] as const)('names to %s the host that is asked for, not another', async (proxy) => {
    const policy = JSON.stringify({ ...DOCUMENTED, rules: [INSIDE, ...RULES] });
    const authorizer = await startAuthorizer(suite, proxy, caller, policy);
    const forwarded = ['X-Forwarded-Host', 'inside.example'] as const;
    expect(await statusThrough(authorizer.port, '/inside', [HOST, forwarded])).toBe(403);
    const gateway = await startCaller(suite, caller, authorizer.port, backend.port);
    const before = backend.count();
    const inside = await request({ port: gateway.port, path: '/inside', headers: [['Host', 'inside.example']] });
    await gateway.stop();
    await authorizer.stop();
    expect([inside.status, backend.count()]).toEqual([200, before + 1]);
  });
});

/** What many write, and nothing else. */
const BARE = `:8080 {
  forward_auth jwtverify:8080 {
    uri /auth
    copy_headers X-Auth-Request-User X-Auth-Request-Email
  }
  reverse_proxy 127.0.0.1:3001
}
`;

describe.each(SUITES)('forward_auth of %s alone', (suite) => {
  test('leaves open what the document says', async () => {
    const [caddy] = CALLERS;
    if (caddy?.name !== 'Caddy') throw new Error('no Caddy');
    const backend = await startEchoBackend();
    const authorizer = await startAuthorizer(suite, 'HAProxy', caddy, POLICY);
    const gateway = await startCaller(suite, caddy, authorizer.port, backend.port, BARE);
    const ask = async (path: string, header: readonly [string, string]): Promise<HttpAnswer> =>
      request({ port: gateway.port, path, headers: [HOST, header, await bearer()] });
    const dotted = await ask('/api/x', ['X.Auth.Request.User', 'FORGED']);
    const dropped = await ask('/api/x', ['Connection', 'close, X-Auth-Request-User']);
    const grouped = await ask('/api/x?allowed_groups=none', ['X-Other', 'kept']);
    const exact = await ask('/public/x', ['X-Auth-Request-User', 'FORGED']);
    await gateway.stop();
    await authorizer.stop();
    await backend.stop();
    expect(forgeries(reachedBy(dotted)).length).toBe(1);
    expect([dropped.status, valuesOf(reachedBy(dropped), 'X-Auth-Request-User')]).toEqual([200, []]);
    expect(grouped.status).toBe(403);
    expect([exact.status, forgeries(reachedBy(exact))]).toEqual([200, []]);
  });
});

describe.each(SUITES)('HAProxy of %s whose Lua fails', (suite) => {
  test('lets nothing through', async () => {
    const haproxy = CALLERS.find(({ name }) => name === 'HAProxy');
    if (haproxy === undefined) throw new Error('no HAProxy');
    const backend = await startEchoBackend();
    const failing = callerText(haproxy).replace('lua.ask_jwtverify', 'lua.failing');
    expect(failing).not.toBe(callerText(haproxy));
    const text = failing.replace(/(lua-load-per-thread .*)$/m, '$1\n  lua-load-per-thread /etc/haproxy/failing.lua');
    const files = { 'failing.lua': "core.register_action('failing', { 'http-req' }, function() error('no') end, 0)\n" };
    const gateway = await startCaller(suite, haproxy, await freePort(), backend.port, text, files);
    const answer = await request({ port: gateway.port, path: '/public/x', headers: [HOST, await bearer()] });
    await gateway.stop();
    await backend.stop();
    expect([answer.status, backend.count()]).toEqual([503, 0]);
    expect(gateway.output()).toContain('failing.lua');
  });
});
