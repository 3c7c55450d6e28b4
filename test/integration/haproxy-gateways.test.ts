// The configurations of docs/gateways-haproxy.md, asked as each gateway asks: nginx itself, the others header by header.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, type Block } from './docs-blocks';
import { good, startBlock, type Running } from './docs-runner';
import { startEchoBackend, reachedBy, valuesOf, type EchoBackend } from './echo-backend';
import { emissary, envoy, HOST, ingressNginx, traefik, type Gateway, type Pairs } from './gateways';
import { freePort, makeWorkDirectory, request, startIn, SUITES, waitForPort, type HttpAnswer } from './suite';

const [ENVOY, FORWARDED, ORIGINAL] = blocksOf('docs/gateways-haproxy.md');

interface Row {
  readonly gateway: string;
  readonly ask: Gateway;
  readonly block: Block | undefined;
  /** What a malformed path is answered with. */
  readonly malformed: number;
}

const ROWS: readonly Row[] = [
  { gateway: 'Envoy and Istio', ask: envoy, block: ENVOY, malformed: 400 },
  { gateway: 'Emissary', ask: emissary, block: ENVOY, malformed: 400 },
  { gateway: 'Traefik', ask: traefik, block: FORWARDED, malformed: 400 },
  { gateway: 'ingress-nginx', ask: ingressNginx, block: ORIGINAL, malformed: 403 },
];

function must(block: Block | undefined): Block {
  if (block === undefined) throw new Error('docs/gateways-haproxy.md has too few configurations');
  return block;
}

describe.each(SUITES)('HAProxy of %s as the authorizer of', (suite) => {
  describe.each(ROWS)('$gateway', ({ ask, block, malformed }) => {
    let running: Running;

    beforeAll(async () => {
      running = await startBlock(must(block), suite);
    });
    afterAll(async () => {
      await running.stop();
    });

    async function asked(method: string, uri: string, headers: Pairs = []): Promise<HttpAnswer> {
      return request({ ...ask({ method, uri, headers }), port: running.port });
    }

    test('B1, C1: a good token passes, none and a bad one do not', async () => {
      const bearer = ['Authorization', `Bearer ${await good()}`] as const;
      const passed = await asked('POST', '/api/hamsters/turbo?x=1', [bearer]);
      expect([passed.status, passed.headers['x-auth-request-user']]).toEqual([200, 'turbo']);
      expect(passed.headers).toHaveProperty('x-auth-request-email', '');
      const none = await asked('POST', '/api/hamsters/turbo');
      expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect(none.headers['content-type']).toBe('application/problem+json');
      const bad = await asked('POST', '/api/hamsters/turbo', [['Authorization', 'Bearer x.y.z']]);
      expect(bad.status).toBe(401);
      for (const answer of [passed, none, bad]) {
        expect([answer.headers['location'], answer.headers['set-cookie']]).toEqual([undefined, undefined]);
      }
    });

    test('B9: method and path are the asked ones: public, refused, malformed', async () => {
      expect((await asked('GET', '/api/hamsters')).status).toBe(200);
      const bearer = ['Authorization', `Bearer ${await good({ scope: 'read:hamsters' })}`] as const;
      expect((await asked('POST', '/api/hamsters', [bearer])).status).toBe(403);
      expect((await asked('GET', '/nowhere', [bearer])).status).toBe(403);
      const climbing = await asked('GET', '/api/hamsters/%2e%2e/%2e%2e/x');
      expect([climbing.status, climbing.headers['x-oauth-status']]).toEqual([malformed, '400']);
    });

    test('D3: a query of the request that is asked about asks for no groups', async () => {
      const bearer = ['Authorization', `Bearer ${await good()}`] as const;
      expect((await asked('POST', '/api/hamsters?allowed_groups=other', [bearer])).status).toBe(200);
    });

    test('B11: it is ready', async () => {
      expect((await request({ port: running.port, path: '/ready' })).status).toBe(200);
    });
  });

  test('whoever asks without saying what about is refused', async () => {
    const bearer = ['Authorization', `Bearer ${await good()}`] as const;
    for (const [block, status] of [
      [FORWARDED, 400],
      [ORIGINAL, 400],
      [ENVOY, 403],
    ] as const) {
      const running = await startBlock(must(block), suite);
      const answer = await request({ port: running.port, path: '/auth', headers: [bearer] });
      await running.stop();
      expect(answer.status).toBe(status);
    }
  });

  describe('nginx', () => {
    let running: Running;
    let backend: EchoBackend;
    let nginx: ReturnType<typeof startIn>;
    let port = 0;

    beforeAll(async () => {
      running = await startBlock(must(ORIGINAL), suite);
      backend = await startEchoBackend();
      port = await freePort();
      const work = makeWorkDirectory(suite);
      writeFileSync(
        join(work.outside, 'nginx.conf'),
        `daemon off; pid ${work.inside}/nginx.pid; error_log stderr notice; events {}
http {
  access_log off; client_body_temp_path ${work.inside}/body; proxy_temp_path ${work.inside}/proxy;
  server {
    listen 127.0.0.1:${port};
    location / {
      auth_request /_jwtverify;
      auth_request_set $user $upstream_http_x_auth_request_user;
      proxy_set_header X-Auth-Request-User $user;
      proxy_pass http://127.0.0.1:${backend.port};
    }
    location = /_jwtverify {
      internal;
      proxy_pass http://127.0.0.1:${running.port}/auth;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
    }
  }
}
`,
      );
      nginx = startIn(suite, ['nginx', '-c', `${work.inside}/nginx.conf`]);
      await waitForPort(port, nginx);
    });
    afterAll(async () => {
      await nginx.stop();
      await backend.stop();
      await running.stop();
    });

    test('D1: 2xx, 401 and 403 are all that auth_request gets; the backend is told who is calling', async () => {
      const forged = ['X-Auth-Request-User', 'FORGED'] as const;
      const ask = async (method: string, path: string, headers: Pairs): Promise<HttpAnswer> =>
        request({ port, method, path, headers: [HOST, forged, ...headers] });
      const bearer = ['Authorization', `Bearer ${await good()}`] as const;
      const passed = await ask('POST', '/api/hamsters/turbo', [bearer]);
      expect(valuesOf(reachedBy(passed), 'X-Auth-Request-User')).toEqual(['turbo']);
      const open = await ask('GET', '/api/hamsters', []);
      expect([open.status, valuesOf(reachedBy(open), 'X-Auth-Request-User')]).toEqual([200, []]);
      const none = await ask('POST', '/api/hamsters', []);
      expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect((await ask('GET', '/nowhere', [bearer])).status).toBe(403);
      expect((await ask('GET', '/api/hamsters/..%2f..%2fadmin', [bearer])).status).toBe(403);
    });
  });
});
