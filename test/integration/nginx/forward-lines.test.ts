// The caller's headers for a backend behind nginx, by the location that answers and the lines that it includes.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileDeployment } from '../../../cli/desk/placeholders';
import { writeForwardLines } from '../../../cli/write/nginx-configuration';
import { blocksOf, runnable } from '../helpers/docs-blocks';
import { good, startBlock } from '../helpers/docs-runner';
import { startEchoBackend, valuesOf, type EchoBackend } from '../helpers/echo-backend';
import { SECRET, tokenOf } from '../helpers/haproxy-policy-server';
import { askingsOf, startWithPolicy, wire } from '../helpers/nginx-policy';
import { ENGINES, type Nginx } from '../helpers/nginx-server';
import { runIn, type HttpAnswer } from '../helpers/suite';
import { FORGED, forgeries, FORWARD, FORWARDING, WHO } from '../helpers/systems';

const ENV = { HAMSTER_SECRET: SECRET };

/** The same headers in the same order, the email under another name. */
function renameEmail(other: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(FORWARD).map(([name, value]) => [value === 'email' ? other : name, value]));
}

/** Moves another policy there whole: whoever reads a file that is half written has none. */
function replace(nginx: Nginx, policy: object): void {
  const place = join(nginx.directory, 'policy.json');
  writeFileSync(`${place}.new`, JSON.stringify(policy));
  renameSync(`${place}.new`, place);
}

const HOST = ['Host', 'api.example'] as const;

const CASES = ENGINES.flatMap((engine) => askingsOf(engine).map((asking) => ({ engine, asking })));

describe.each(CASES)('headers through nginx of $engine.suite, $engine.name, $asking', ({ engine, asking }) => {
  let backend: EchoBackend;
  let nginx: Nginx;

  beforeAll(async () => {
    backend = await startEchoBackend();
    nginx = await startWithPolicy(engine, FORWARDING, backend, {
      asking,
      env: ENV,
      // The worst that an operator could turn on.
      http: 'underscores_in_headers on;',
      server: `
        location /rewritten/ { include DIRECTORY/forward.conf; ${asking === 'js_access' ? 'js_access jwtverify.access;' : ''}
          rewrite ^/rewritten/(.*)$ /open/$1 break; proxy_pass http://127.0.0.1:${String(backend.port)}; }
        location /again/ { include DIRECTORY/forward.conf; rewrite ^/again/(.*)$ /open/$1 last; }
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

  test('B9: a path is judged as it was sent, before a rewrite', async () => {
    for (const path of ['/rewritten/x', '/again/x'])
      expect((await nginx.ask({ path, headers: [HOST] })).status).toBe(401);
    const reached = await reachedBy('/rewritten/x', [['Authorization', `Bearer ${tokenOf()}`]]);
    expect(reached?.target).toBe('/open/x');
    await reachedBy('/again/x', [['Authorization', `Bearer ${tokenOf()}`]]);
  });

  test('D1: a location without the lines for headers is refused, and so is one that nginx goes on to', async () => {
    const bearer = ['Authorization', `Bearer ${tokenOf()}`] as const;
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

  test.each([
    ['one header more', { ...FORWARD, 'X-Role': 'roles' }],
    // As many variables as before: nothing but the mark tells the lines apart.
    ['a header under another name', renameEmail('X-Role')],
  ])('lines of another policy, with %s, refuse everything until those of this one are there', async (_, forward) => {
    replace(nginx, { ...FORWARDING, forward });
    await nginx.reload();
    backend.clear();
    const stale = await nginx.ask({ path: '/open/x', headers: [HOST, ['X-Role', 'FORGED']] });
    expect([stale.status, backend.reached]).toEqual([asking === 'js_access' ? 503 : 403, []]);
    await wire(nginx);
    expect(forgeries(await reachedBy('/open/x', [['X-Role', 'FORGED']]))).toEqual([]);
    replace(nginx, FORWARDING);
    await nginx.reload();
    await wire(nginx);
  });

  test('the command generates the same lines without a proxy', async () => {
    await wire(nginx);
    const { settings } = compileDeployment(join(nginx.directory, 'policy.json'), '');
    const generated = writeForwardLines(settings, asking === 'js_access' ? 'access' : 'subrequest');
    expect(readFileSync(join(nginx.directory, 'forward.conf'), 'utf8')).toBe(generated);
  });

  test('a server cannot include the lines: nginx does not take the configuration', async () => {
    await wire(nginx);
    await expect(
      startWithPolicy(engine, FORWARDING, backend, {
        asking,
        bare: true,
        env: ENV,
        files: { 'lines.conf': `if ($args = never) { add_header X-OAuth-Forward-Mark never; }` },
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
    nginx = await startWithPolicy(engine, FORWARDING, backend, {
      env: ENV,
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

  /** The status, the user that reached the backend, the client's own headers that did, and the status in `$sent_http_`. */
  async function ask(path: string): Promise<readonly unknown[]> {
    backend.clear();
    const headers = [HOST, ['Authorization', `Bearer ${tokenOf(WHO)}`] as const, ...FORGED];
    const answer = await nginx.ask({ path, headers });
    const users = backend.reached.map((reached) => valuesOf(reached, 'X-Auth-Request-User').join());
    return [answer.status, users, backend.reached.flatMap(forgeries), answer.headers['x-told-status']];
  }

  test('is judged there too, and the backend gets the headers of that judgement', async () => {
    expect(await ask('/again/x')).toEqual([200, ['u-1'], [], '200']);
    // Nothing is left of the first judgement where there is no second one.
    expect(await ask('/free/x')).toEqual([200, [''], [], '200']);
  });

  test('`$sent_http_` has the first judgement, and the second one decides', async () => {
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
