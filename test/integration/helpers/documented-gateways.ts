// The documented configurations of an authorizer, and the gateways that ask them: the same tests for both proxies.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, type Block } from './docs-blocks';
import { good, startBlock, type Running } from './docs-runner';
import { reachedBy, startEchoBackend, valuesOf, type EchoBackend } from './echo-backend';
import { emissary, envoy, HOST, ingressNginx, traefik, type Gateway, type Pairs } from './gateways';
import { freePort, makeWorkDirectory, request, startIn, waitForPort, type HttpAnswer, type SuiteName } from './suite';

interface Row {
  readonly gateway: string;
  readonly ask: Gateway;
  readonly block: Block;
  /** What a malformed path is answered with. */
  readonly malformed: number;
}

/** The configurations of a document, by what they read, and the gateways that each is for. */
export interface DocumentedGateways {
  readonly envoyBlock: Block;
  readonly forwardedBlock: Block;
  readonly originalBlock: Block;
  readonly rows: readonly Row[];
}

export function documentedGateways(document: string): DocumentedGateways {
  const [envoyBlock, forwardedBlock, originalBlock] = blocksOf(document);
  if (envoyBlock === undefined || forwardedBlock === undefined || originalBlock === undefined)
    throw new Error(`${document} has too few configurations`);
  const rows = [
    { gateway: 'Envoy and Istio', ask: envoy, block: envoyBlock, malformed: 400 },
    { gateway: 'Emissary', ask: emissary, block: envoyBlock, malformed: 400 },
    { gateway: 'Traefik', ask: traefik, block: forwardedBlock, malformed: 400 },
    { gateway: 'ingress-nginx', ask: ingressNginx, block: originalBlock, malformed: 403 },
  ];
  return { envoyBlock, forwardedBlock, originalBlock, rows };
}

/**
 * Starts one of the configurations; nginx's answer about its health is on a port of its own.
 * @param healthPort that port
 */
export async function startDocumented(block: Block, suite: SuiteName, healthPort?: number): Promise<Running> {
  const port = healthPort ?? (await freePort());
  const text = block.text.replace('listen 8081;', `listen 127.0.0.1:${String(port)};`);
  return startBlock({ ...block, text }, suite);
}

/**
 * Tests a real nginx that asks an authorizer by `auth_request`.
 * @param block the authorizer's configuration
 */
export function testAskingNginx(title: string, block: Block, suite: SuiteName): void {
  describe(title, () => {
    let running: Running;
    let backend: EchoBackend;
    let nginx: ReturnType<typeof startIn>;
    let port = 0;

    beforeAll(async () => {
      running = await startDocumented(block, suite);
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

    test('D1: auth_request gets only 2xx, 401 and 403; the backend gets the caller', async () => {
      const forged = ['X-Auth-Request-User', 'FORGED'] as const;
      const ask = async (method: string, path: string, headers: Pairs): Promise<HttpAnswer> =>
        request({ port, method, path, headers: [HOST, forged, ...headers] });
      const bearer = ['Authorization', `Bearer ${await good()}`] as const;
      const passed = await ask('POST', '/api/hamsters/turbo', [bearer]);
      expect(valuesOf(reachedBy(passed), 'X-Auth-Request-User')).toEqual(['turbo']);
      const open = await ask('GET', '/api/hamsters', []);
      expect([open.status, valuesOf(reachedBy(open), 'X-Auth-Request-User')]).toEqual([200, []]);
      const none = await ask('POST', '/api/hamsters', []);
      expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer scope="write:hamsters"']);
      expect((await ask('GET', '/nowhere', [bearer])).status).toBe(403);
      expect((await ask('GET', '/api/hamsters/..%2f..%2fadmin', [bearer])).status).toBe(403);
    });
  });
}
