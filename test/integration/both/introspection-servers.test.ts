// Questions about opaque tokens to introspection endpoints as they are: one that reads no chunked request, one behind a
// plain nginx, one that looks at `Host`.
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEchoBackend } from '../helpers/echo-backend';
import { startWithPolicy as startHaproxy } from '../helpers/haproxy-policy-server';
import { ENVIRONMENT, SECRET_NAME } from '../helpers/introspection';
import { startWithPolicy as startNginx } from '../helpers/nginx-policy';
import { ENGINES } from '../helpers/nginx-server';
import { freePort, makeWorkDirectory, startIn, SUITES, waitForPort } from '../helpers/suite';
import { AUDIENCE } from '../helpers/tokens';

const CLAIMS = JSON.stringify({ active: true, iss: 'https://issuer.example/', aud: AUDIENCE, sub: 'turbo' });

interface Plain {
  readonly port: number;
  readonly heads: string[];
  stop(): Promise<void>;
}

/** Reads requests as a plain server does: a body has a length, or there is none. */
async function startPlainServer(): Promise<Plain> {
  const port = await freePort();
  const heads: string[] = [];
  const server: Server = createServer((socket) => {
    let data = '';
    const answer = (status: string, body: string): void => {
      const length = String(Buffer.byteLength(body));
      socket.end(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`);
    };
    socket.on('error', () => undefined).setEncoding('latin1');
    socket.on('data', (piece: string) => {
      data += piece;
      const end = data.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = data.slice(0, end);
      const length = /^content-length: (\d+)$/im.exec(head)?.[1];
      if (length !== undefined && data.length < end + 4 + Number(length)) return;
      heads.push(head);
      const host = /^host: (.*)$/im.exec(head)?.[1];
      if (length === undefined || /^transfer-encoding:/im.test(head)) answer('411 Length Required', '');
      else if (host !== `127.0.0.1:${String(port)}`) answer('421 Misdirected Request', '');
      else answer('200 OK', data.slice(end + 4).includes('token=good') ? CLAIMS : '{"active":false}');
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    port,
    heads,
    stop: () =>
      new Promise((done) =>
        server.close(() => {
          done();
        }),
      ),
  };
}

/** A plain nginx before a server: it reads chunked requests and hands them on with their length. */
async function startRelay(to: number): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const work = makeWorkDirectory('bookworm');
  const place = work.inside;
  writeFileSync(
    join(work.outside, 'relay.conf'),
    `daemon off; error_log ${place}/e.log; pid ${place}/n.pid; events {}
http {
  access_log off; client_body_temp_path ${place}/b; proxy_temp_path ${place}/p; fastcgi_temp_path ${place}/f;
  uwsgi_temp_path ${place}/u; scgi_temp_path ${place}/s;
  server { listen 127.0.0.1:${String(port)}; location / { proxy_pass http://127.0.0.1:${String(to)}; } }
}
`,
  );
  const running = startIn('bookworm', ['nginx', '-p', place, '-c', `${place}/relay.conf`]);
  await waitForPort(port, running);
  return { port, stop: () => running.stop() };
}

function policyFor(port: number): object {
  const url = `http://127.0.0.1:${String(port)}/introspect`;
  const introspection = { url, client_id: 'keeper', client_secret_env: SECRET_NAME };
  return {
    issuers: [{ issuer: 'https://issuer.example/', audiences: [AUDIENCE], introspection }],
    allow_http: true,
    otherwise: 'authenticated',
  };
}

/** Asks with a good token and a bad one, of the server itself or of a relay before it. */
async function testServer(
  isRelayed: boolean,
  ask: (policy: object) => Promise<readonly [statuses: readonly number[], output: string]>,
): Promise<readonly [statuses: readonly number[], output: string, heads: readonly string[]]> {
  const server = await startPlainServer();
  const relay = isRelayed ? await startRelay(server.port) : undefined;
  const [statuses, output] = await ask(policyFor(relay?.port ?? server.port));
  await relay?.stop();
  await server.stop();
  return [statuses, output, server.heads];
}

describe.each(ENGINES)('nginx, $suite, $name', (engine) => {
  test.each([false, true])(
    'a server that wants a length and its own name gets them (behind nginx: %s)',
    async (isRelayed) => {
      const [statuses] = await testServer(isRelayed, async (policy) => {
        const backend = await startEchoBackend();
        const nginx = await startNginx(engine, policy, backend, { env: ENVIRONMENT });
        const seen = [(await nginx.askWith('good')).status, (await nginx.askWith('bad')).status];
        await nginx.stop();
        await backend.stop();
        return [seen, nginx.errorLog()];
      });
      expect(statuses).toEqual([200, 401]);
    },
  );
});

describe.each(SUITES)('HAProxy of %s', (suite) => {
  async function ask(policy: object): Promise<readonly [readonly number[], string]> {
    const proxy = await startHaproxy(suite, { policy, env: ENVIRONMENT });
    const seen = [(await proxy.askWith('good')).status, (await proxy.askWith('bad')).status];
    await proxy.stop();
    return [seen, proxy.output()];
  }
  const NOTICE = 'this HAProxy sends chunked requests to the introspection endpoint';

  test('a server that reads no chunked request is asked with a length, or the start and the log say what is needed', async () => {
    const [statuses, output] = await testServer(false, ask);
    expect([statuses, output.includes(NOTICE)]).toEqual(
      suite === 'bookworm' ? [[200, 401], false] : [[503, 503], true],
    );
    if (suite !== 'bookworm') expect(output).toMatch(/answers with status 411 \(this HAProxy sends chunked requests/);
  });

  test('behind a plain nginx the same server answers', async () => {
    const [statuses] = await testServer(true, ask);
    expect(statuses).toEqual([200, 401]);
  });
});
