// What a backend behind nginx is told of the caller, and what of the client's own headers never reaches it.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, runnable } from './docs-blocks';
import { good, startBlock } from './docs-runner';
import { startEchoBackend, valuesOf, type EchoBackend } from './echo-backend';
import { askingsOf, startWithPolicy, wire } from './nginx-policy';
import { ENGINES, type Nginx } from './nginx-server';
import { AUDIENCE, claims, ISSUER, signToken } from './tokens';
import { freePort, runIn, type HttpAnswer } from './suite';
import { FORGED, forgeries } from './systems';

const SECRET = 'a secret of thirty-two characters';
const FORWARD = {
  'X-Auth-Request-User': 'user',
  'X-Auth-Request-Email': 'email',
  'X-Auth-Request-Groups': 'groups',
  'X-Auth-Request-Preferred-Username': 'preferred_username',
  'X-Auth-Request-Access-Token': 'token',
};
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }],
  rules: [
    { name: 'open', paths: ['/open/**'], access: 'public' },
    { name: 'shadow', paths: ['/shadow/**'], mode: 'shadow', require: { scopes: ['never'] } },
    { name: 'admin', hosts: ['admin.example'], paths: ['/**'], require: { groups: { any: ['admins'] } } },
    { name: 'read', methods: ['GET'], paths: ['/**'] },
    { name: 'write', paths: ['/**'], require: { scopes: ['write'] } },
  ],
  forward: FORWARD,
  authorization: 'remove',
};

const HOST = ['Host', 'api.example'] as const;
const WHO = { sub: 'u-1', email: 'ann@example.com', preferred_username: 'ann', groups: ['staff', 'a,b', '100%'] };

function askHttp2(port: number, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((done, fail) => {
    const session = connect(`http://127.0.0.1:${String(port)}`);
    session.on('error', fail);
    const stream = session.request(headers);
    stream.on('response', (got) => {
      done(Number(got[':status']));
    });
    stream.on('error', fail);
    stream.on('end', () => {
      session.close();
    });
    stream.resume();
    stream.end();
  });
}

const sign = (changes: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  signToken(SECRET, 'HS256', claims(changes));

const CASES = ENGINES.flatMap((engine) => askingsOf(engine).map((asking) => ({ engine, asking })));

describe.each(CASES)('headers through nginx of $engine.suite, $engine.name, $asking', ({ engine, asking }) => {
  let backend: EchoBackend;
  let nginx: Nginx;
  let http2 = 0;

  beforeAll(async () => {
    backend = await startEchoBackend();
    http2 = await freePort();
    nginx = await startWithPolicy(engine, POLICY, backend, {
      asking,
      env: { HAMSTER_SECRET: SECRET },
      // The worst that an operator could turn on.
      http: 'underscores_in_headers on;',
      server: `
        listen 127.0.0.1:${String(http2)} http2;
        location /rewritten/ { include DIRECTORY/forward.conf; ${asking === 'js_access' ? 'js_access jwtverify.access;' : ''}
          rewrite ^/rewritten/(.*)$ /open/$1 break; proxy_pass http://127.0.0.1:${String(backend.port)}; }
        location /bare/ { ${asking === 'js_access' ? 'js_access jwtverify.access;' : ''} proxy_pass http://127.0.0.1:${String(backend.port)}; }
        location /tried/ { include DIRECTORY/forward.conf; ${asking === 'js_access' ? 'js_access jwtverify.access;' : ''} try_files /nothing @bare; }
        location @bare { ${asking === 'js_access' ? 'js_access jwtverify.access;' : ''} proxy_pass http://127.0.0.1:${String(backend.port)}; }
      `,
    });
  });
  afterAll(async () => {
    await nginx.stop();
    await backend.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
  });

  /** What reached the backend of one request. */
  async function reachedBy(path: string, headers: readonly (readonly [string, string])[], method = 'GET') {
    backend.clear();
    const answer = await nginx.ask({ method, path, headers: [HOST, ...headers] });
    expect(answer.status).toBe(200);
    return backend.reached[0];
  }

  test('B5, C6: the backend is told the user, the email, the groups, the name and on request the token', async () => {
    const token = await sign(WHO);
    for (let round = 0; round < 3; round += 1) {
      const reached = await reachedBy('/x', [['Authorization', `bearer ${token}`]]);
      expect(Object.keys(FORWARD).map((name) => valuesOf(reached, name))).toEqual([
        ['u-1'],
        ['ann@example.com'],
        ['staff,a%2Cb,100%25'],
        ['ann'],
        [token],
      ]);
    }
  });

  test('B7: what a client sends by those names never reaches the backend: with a token, without, in shadow mode', async () => {
    const bearer = ['Authorization', `Bearer ${await sign()}`] as const;
    for (let round = 0; round < 2; round += 1) {
      for (const forged of FORGED) {
        expect(forgeries(await reachedBy('/open/x', [forged]))).toEqual([]);
        expect(forgeries(await reachedBy('/shadow/x', [forged]))).toEqual([]);
        expect(forgeries(await reachedBy('/shadow/x', [forged, bearer]))).toEqual([]);
        expect(forgeries(await reachedBy('/x', [forged, bearer]))).toEqual([]);
      }
    }
    const reached = await reachedBy('/x', [...FORGED, bearer]);
    expect(forgeries(reached)).toEqual([]);
    expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(['turbo']);
    expect(valuesOf(reached, 'X-Auth-Request-Email')).toEqual([]);
  });

  test('B7: a Connection header that names an identity header has no effect', async () => {
    const bearer = ['Authorization', `Bearer ${await sign()}`] as const;
    const reached = await reachedBy('/x', [['Connection', 'close, X-Auth-Request-User'], bearer]);
    expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(['turbo']);
  });

  test('B8: the backend never sees Authorization, on public routes neither', async () => {
    const bearer = ['Authorization', `Bearer ${await sign()}`] as const;
    for (const path of ['/x', '/open/x', '/shadow/x']) {
      expect(valuesOf(await reachedBy(path, [bearer]), 'Authorization')).toEqual([]);
    }
  });

  test('B9: a path is judged as it was sent, before a rewrite', async () => {
    expect((await nginx.ask({ path: '/rewritten/x', headers: [HOST] })).status).toBe(401);
    const reached = await reachedBy('/rewritten/x', [['Authorization', `Bearer ${await sign()}`]]);
    expect(reached?.target).toBe('/open/x');
  });

  test('the host of an absolute-form target counts, and one that the Host header contradicts is refused', async () => {
    const bearer = ['Authorization', `Bearer ${await sign()}`] as const;
    const ask = async (path: string, host: string): Promise<unknown> => {
      const answer = await nginx.ask({ path, headers: [['Host', host], bearer] });
      return [answer.headers['x-told-status'], answer.headers['x-told-reason'], answer.headers['x-told-rule']];
    };
    expect(await ask('http://api.example/x', 'api.example')).toEqual(['200', undefined, 'read']);
    expect(await ask('http://admin.example/x', 'admin.example')).toEqual(['403', 'groups_refused', 'admin']);
    expect(await ask('http://admin.example/x', 'api.example')).toEqual(['400', 'host_contradicted', undefined]);
    expect(await ask('http://admin.example?x', 'admin.example')).toEqual(['400', 'target_malformed', undefined]);
  });

  test('a request by HTTP/2 is judged by its :path and :authority', async () => {
    const authorization = `Bearer ${await sign()}`;
    const ask = (path: string, authority: string, more = {}): Promise<number> =>
      askHttp2(http2, { ':path': path, ':authority': authority, authorization, ...more });
    expect(await ask('/x', 'api.example')).toBe(200);
    expect(await ask('/x', 'admin.example')).toBe(403);
    expect(await ask('/a/%2e%2e/x', 'api.example')).not.toBe(200);
    // Whichever of the two nginx goes by, neither lets another one pass.
    expect(await ask('/x', 'admin.example', { host: 'api.example' })).not.toBe(200);
  });

  test('D1: a location without the lines for headers is refused, and so is one that nginx goes on to', async () => {
    const bearer = ['Authorization', `Bearer ${await sign()}`] as const;
    backend.clear();
    const exact = asking === 'js_access' ? 503 : 403;
    for (const path of ['/bare/x', '/tried/x']) {
      const answer = await nginx.ask({ path, headers: [HOST, bearer] });
      // What `auth_request_set` holds after a second judgement is the first one's: nginx keeps `$sent_http_...`.
      expect(answer.status).toBe(exact);
    }
    expect(backend.reached).toEqual([]);
    expect(nginx.messages().join('\n')).toContain(
      'this request is refused: the location that answers does not include',
    );
  });

  test('lines of another policy refuse everything, until those of this one are there', async () => {
    const other = { ...POLICY, forward: { ...FORWARD, 'X-Role': 'roles' } };
    writeFileSync(join(nginx.directory, 'policy.json'), JSON.stringify(other));
    await nginx.reload();
    backend.clear();
    const stale = await nginx.ask({ path: '/open/x', headers: [HOST, ['X-Role', 'FORGED']] });
    expect([stale.status, backend.reached]).toEqual([asking === 'js_access' ? 503 : 403, []]);
    await wire(nginx);
    expect(forgeries(await reachedBy('/open/x', [['X-Role', 'FORGED']]))).toEqual([]);
    writeFileSync(join(nginx.directory, 'policy.json'), JSON.stringify(POLICY));
    await nginx.reload();
    await wire(nginx);
  });

  test('a server cannot include the lines: nginx does not take the configuration', async () => {
    await wire(nginx);
    await expect(
      startWithPolicy(engine, POLICY, backend, {
        asking,
        bare: true,
        env: { HAMSTER_SECRET: SECRET },
        files: { 'lines.conf': `if ($args = never) { add_header X-OAuth-Wiring never; }` },
        server: 'include DIRECTORY/lines.conf;',
      }),
    ).rejects.toThrow('"add_header" directive is not allowed here');
  });
});

describe.each(ENGINES)('a request that nginx of $suite, $name, sends on to another location', (engine) => {
  let backend: EchoBackend;
  let nginx: Nginx;

  beforeAll(async () => {
    backend = await startEchoBackend();
    const reach = `proxy_pass http://127.0.0.1:${String(backend.port)};`;
    // The first location's backend is not there.
    const fails = (name: string): string =>
      `location /${name}/ { include DIRECTORY/forward.conf; error_page 502 = @${name}; proxy_pass http://127.0.0.1:1; }`;
    nginx = await startWithPolicy(engine, POLICY, backend, {
      env: { HAMSTER_SECRET: SECRET },
      server: `
        ${fails('again')} location @again { include DIRECTORY/forward.conf; ${reach} }
        ${fails('staff')} location @staff { include DIRECTORY/forward.conf; auth_request /_staff; ${reach} }
        ${fails('free')} location @free { include DIRECTORY/forward.conf; auth_request off; ${reach} }
        location /second/ { include DIRECTORY/forward.conf; auth_request /_staff; error_page 403 = @second; ${reach} }
        location @second { include DIRECTORY/forward.conf; ${reach} }
        location /mirrored/ { include DIRECTORY/forward.conf; mirror /_mirror; ${reach} }
        location = /_mirror { internal; include DIRECTORY/forward.conf; ${reach} }
        location = /_staff { internal; set $args allowed_groups=nobody; js_content jwtverify.auth; }`,
    });
  });
  afterAll(async () => {
    await nginx.stop();
    await backend.stop();
  });

  /** The status, whom the backend was told, what of the client's own, and what `$sent_http_` told. */
  async function ask(path: string): Promise<readonly unknown[]> {
    backend.clear();
    const headers = [HOST, ['Authorization', `Bearer ${await sign(WHO)}`] as const, ...FORGED];
    const answer = await nginx.ask({ path, headers });
    const users = backend.reached.map((reached) => valuesOf(reached, 'X-Auth-Request-User').join());
    return [answer.status, users, backend.reached.flatMap(forgeries), answer.headers['x-told-status']];
  }

  test('is judged there too, and the backend is told what came of that', async () => {
    expect(await ask('/again/x')).toEqual([200, ['u-1'], [], '200']);
    // Nothing is left of the first judgement where there is no second one.
    expect(await ask('/free/x')).toEqual([200, [''], [], '200']);
  });

  test('what `$sent_http_` tells is of the first judgement, what is let through is of the second', async () => {
    expect(await ask('/staff/x')).toEqual([403, [], [], '200']);
    expect(await ask('/second/x')).toEqual([200, ['u-1'], [], '403']);
  });

  test('and one that nginx copies to a mirror names nobody there, and nothing that the client forges', async () => {
    expect((await ask('/mirrored/x'))[0]).toBe(200);
    const deadline = Date.now() + 10_000;
    while (backend.reached.length < 2 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 20));
    const users = backend.reached.map((reached) => valuesOf(reached, 'X-Auth-Request-User').join());
    expect([users.sort(), backend.reached.flatMap(forgeries)]).toEqual([['', 'u-1'], []]);
  });
});

describe('the configuration of docs/nginx.md', () => {
  const blocks = blocksOf('docs/nginx.md').filter((block) => block.askedBy !== undefined);
  const configuration = blocks.find((block) => block.language === 'nginx');
  const command = blocks.find((block) => block.language === 'sh');

  test.each(configuration?.suites ?? [])('%s: refuses until its command was run, then forwards', async (suite) => {
    if (configuration === undefined || command === undefined) throw new Error('docs/nginx.md has no such blocks');
    const running = await startBlock(configuration, suite);
    const wanted = { headers: [['X-Auth-Request-User', 'FORGED'] as const] };
    const before = await running.ask(await good(), wanted);
    expect([before.status, running.reached(before)]).toEqual([403, undefined]);
    const text = runnable(command, { directory: running.work.inside, port: running.port, backendPort: 0 });
    expect(await runIn(suite, ['sh', '-euc', text])).toMatchObject({ code: 0 });
    // For a moment old workers still take requests, and refuse them.
    const untilPassed = async (ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
      const deadline = Date.now() + 10_000;
      for (;;) {
        const answer = await ask();
        if (answer.status === 200 || Date.now() > deadline) return answer;
        expect(running.reached(answer)).toBeUndefined();
      }
    };
    const token = await good();
    const after = await untilPassed(() => running.ask(token, wanted));
    expect(running.reached(after)?.['x-auth-request-user']).toBe('turbo');
    const open = await untilPassed(() => running.ask(undefined, { ...wanted, method: 'GET', path: '/api/hamsters' }));
    expect([open.status, running.reached(open)?.['x-auth-request-user']]).toEqual([200, undefined]);
    await running.stop();
  });
});
