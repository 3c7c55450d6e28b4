// Where a backend's `X-Accel-Redirect` or an `error_page` leads to a path: nginx judges the client's request there once more.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEchoBackend, valuesOf, type EchoBackend } from '../helpers/echo-backend';
import { askingsOf, startWithPolicy } from '../helpers/nginx-policy';
import { ENGINES, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, signToken } from '../helpers/tokens';

const SECRET = 'a secret of thirty-two characters';
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }],
  rules: [
    { name: 'open', paths: ['/open/**'], access: 'public' },
    { name: 'admin', paths: ['/admin/**', '/inside/**'], require: { scopes: ['admin'] } },
    { name: 'read', methods: ['GET'], paths: ['/**'], require: { scopes: ['read'] } },
    { name: 'write', paths: ['/**'], require: { scopes: ['write'] } },
  ],
  forward: { 'X-Auth-Request-User': 'user' },
};

const CASES = ENGINES.flatMap((engine) => askingsOf(engine).map((asking) => ({ engine, asking })));

describe.each(CASES)('$engine.suite, $engine.name, $asking', ({ engine, asking }) => {
  let sender: Server;
  let backend: EchoBackend;
  let nginx: Nginx;

  beforeAll(async () => {
    // Sends nginx to the path that the client's query names.
    sender = createServer((request, response) => {
      const to = new URL(request.url ?? '', 'http://backend.example').searchParams.get('to') ?? '';
      response.writeHead(200, { 'X-Accel-Redirect': to }).end('from the first backend');
    });
    await new Promise<void>((done) => sender.listen(0, '127.0.0.1', done));
    backend = await startEchoBackend();
    const sends = `proxy_pass http://127.0.0.1:${String((sender.address() as AddressInfo).port)};`;
    const pass = `proxy_pass http://127.0.0.1:${String(backend.port)};`;
    const judged = `${asking === 'js_access' ? 'js_access jwtverify.access;' : ''} include DIRECTORY/forward.conf;`;
    nginx = await startWithPolicy(engine, POLICY, backend, {
      asking,
      env: { HAMSTER_SECRET: SECRET },
      server: `
        location /open/sends/ { ${judged} ${sends} }
        location /open/keeps/ { ${judged} proxy_ignore_headers X-Accel-Redirect; ${sends} }
        location /sends/ { ${judged} ${sends} }
        location /unjudged/ { auth_request off; ${sends} }
        location /fails/ { ${judged} error_page 502 = /admin/x; proxy_pass http://127.0.0.1:1; }
        location /admin/ { ${judged} ${pass} }
        location /inside/ { internal; ${judged} ${pass} }`,
    });
  });
  afterAll(async () => {
    await nginx.stop();
    await backend.stop();
    sender.closeAllConnections();
    await new Promise((done) => sender.close(done));
    expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
  });

  const sign = (scope: string): Promise<string> => signToken(SECRET, 'HS256', claims({ scope }));

  /** The status, and the request line and the user that the second backend got. */
  async function ask(path: string, token = '', method = 'GET'): Promise<readonly unknown[]> {
    backend.clear();
    const bearer = token === '' ? [] : [['Authorization', `Bearer ${token}`] as const];
    const answer = await nginx.ask({ method, path, headers: [...bearer, ['X-Auth-Request-User', 'root']] });
    return [
      answer.status,
      backend.reached.map((reached) => [reached.line.split(' ')[0], valuesOf(reached, 'X-Auth-Request-User').join()]),
    ];
  }

  test.each(['/admin/x', '/inside/x'])(
    'the path that a client asks for decides, not %s, where it is sent',
    async (to) => {
      // Nobody but an admin gets there, unless a backend sends him.
      expect((await ask(to, await sign('read')))[0]).toBe(to === '/admin/x' ? 403 : 404);
      expect(await ask(`/open/sends/x?to=${to}`)).toEqual([200, [['GET', '']]]);
      expect(await ask(`/sends/x?to=${to}`, await sign('read'))).toEqual([200, [['GET', 'turbo']]]);
      expect(await ask(`/sends/x?to=${to}`, await sign('admin'))).toEqual([403, []]);
      expect(await ask(`/sends/x?to=${to}`)).toEqual([401, []]);
    },
  );

  test('a location that is not judged sends nobody past the judgement of the one that is', async () => {
    expect(await ask('/unjudged/x?to=/admin/x')).toEqual([401, []]);
    expect(await ask('/unjudged/x?to=/admin/x', await sign('read'))).toEqual([200, [['GET', 'turbo']]]);
  });

  test('proxy_ignore_headers keeps a client where its own request leads', async () => {
    const answer = await nginx.ask({ path: '/open/keeps/x?to=/admin/x' });
    expect([answer.status, answer.body]).toEqual([200, 'from the first backend']);
  });

  test.each(['POST', 'PUT', 'DELETE'])(
    'the method of the client decides, although nginx goes on by GET: %s',
    async (method) => {
      for (const path of ['/sends/x?to=/admin/x', '/fails/x']) {
        expect(await ask(path, await sign('write'), method)).toEqual([200, [['GET', 'turbo']]]);
        expect(await ask(path, await sign('read'), method)).toEqual([403, []]);
      }
      expect(await ask('/unjudged/x?to=/admin/x', await sign('read'), method)).toEqual([403, []]);
    },
  );
});
