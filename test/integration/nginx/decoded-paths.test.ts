// Paths that `paths.allow` lets pass, and that nginx decodes before it chooses a location, a file or a backend's path: each
// is judged by every reading, in every way in which nginx asks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEchoBackend, type EchoBackend } from '../helpers/echo-backend';
import { askingsOf, startWithPolicy } from '../helpers/nginx-policy';
import { ENGINES, type Engine, type Nginx } from '../helpers/nginx-server';
import { freePort } from '../helpers/suite';
import { AUDIENCE, claims, ISSUER, signToken } from '../helpers/tokens';

const SECRET = 'a secret of thirty-two characters';
const FOLDERS = ['slash', 'rewritten', 'decoded', 'kept', 'aliased', 'rooted', 'tried'];
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }],
  rules: [
    { name: 'admin', paths: [...FOLDERS.map((folder) => `/${folder}/**`), '/exact'], require: { scopes: ['admin'] } },
    { name: 'closed', paths: ['/decoded-closed/**'], access: 'deny' },
    { name: 'observed', paths: ['/decoded-shadow/**'], require: { scopes: ['admin'] }, mode: 'shadow' },
    { name: 'open', paths: ['/open/**', '/projects/*/files/**', '/*/users', '/*'], access: 'public' },
  ],
  paths: { allow: ['encoded_slash', 'encoded_delimiter', 'encoded_twice'] },
};

type Way = 'auth_request' | 'js_access' | 'a gateway';
const CASES = ENGINES.flatMap((engine) => [...askingsOf(engine), 'a gateway' as const].map((way) => ({ engine, way })));

/** The locations, by each way in which nginx makes another path of the one it was sent. */
function locationsOf(judged: string, backend: number): string {
  const pass = `proxy_pass http://127.0.0.1:${String(backend)}`;
  return `
    location /slash/ { ${judged} ${pass}/; }
    location /rewritten/ { ${judged} rewrite ^/rewritten/(.*)$ /$1 break; ${pass}; }
    location /decoded { ${judged} ${pass}$uri; }
    location /open/ { ${judged} ${pass}$uri; }
    location /exact { ${judged} ${pass}$uri; }
    location /kept/ { ${judged} ${pass}; }
    location /aliased/ { ${judged} alias DIRECTORY/rooted/; }
    location /rooted/ { ${judged} root DIRECTORY; }
    location /tried/ { ${judged} root DIRECTORY; try_files $uri =404; }`;
}

interface Running {
  readonly nginx: Nginx;
  readonly port: number;
}

async function start(engine: Engine, way: Way, backend: EchoBackend): Promise<Running> {
  const asking = way === 'js_access' ? 'js_access' : 'auth_request';
  const judge = await freePort();
  const gateway = await freePort();
  const judged = `${way === 'js_access' ? 'js_access jwtverify.access;' : ''} include DIRECTORY/forward.conf;`;
  const asks = `
    server {
      listen 127.0.0.1:${String(judge)};
      location / {
        set $jwtverify_method $http_x_asked_method;
        set $jwtverify_target $http_x_asked_target;
        js_content jwtverify.authorizer;
      }
    }
    server {
      listen 127.0.0.1:${String(gateway)};
      auth_request /_ask;
      location = /_ask {
        internal;
        proxy_pass http://127.0.0.1:${String(judge)};
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_set_header X-Asked-Method $request_method;
        proxy_set_header X-Asked-Target $request_uri;
      }
      location / { proxy_pass http://127.0.0.1:${String(backend.port)}; }
      ${locationsOf('', backend.port)}
    }`;
  const nginx = await startWithPolicy(engine, POLICY, backend, {
    asking,
    env: { HAMSTER_SECRET: SECRET },
    http: asks,
    server: locationsOf(judged, backend.port),
  });
  for (const folder of ['rooted', 'tried']) {
    mkdirSync(join(nginx.directory, folder));
    writeFileSync(join(nginx.directory, folder, 'users'), 'the users');
  }
  return { nginx, port: way === 'a gateway' ? gateway : nginx.port };
}

describe.each(CASES)('$engine.suite, $engine.name, $way', ({ engine, way }) => {
  let backend: EchoBackend;
  let running: Running;

  beforeAll(async () => {
    backend = await startEchoBackend();
    running = await start(engine, way, backend);
  });
  afterAll(async () => {
    await running.nginx.stop();
    await backend.stop();
    expect(running.nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
  });

  /** The status, and the path that the backend got or the file that nginx sent; empty where there is neither. */
  async function ask(path: string, scope?: string): Promise<readonly [status: number, reached: string]> {
    backend.clear();
    const token = scope === undefined ? '' : await signToken(SECRET, 'HS256', claims({ scope }));
    const headers = token === '' ? [] : [['Authorization', `Bearer ${token}`] as const];
    const answer = await running.nginx.ask({ port: running.port, path, headers });
    const target = backend.reached[0]?.target ?? '';
    return [answer.status, answer.body === 'the users' ? 'the users' : target];
  }

  /** Each path, with what the backend gets of it, or the file. */
  const PATHS: readonly (readonly [path: string, reached: string])[] = [
    ['/slash%2Fusers', '/users'],
    ['/slash%2fusers%2F1', '/users/1'],
    ['/%2Fslash/users', '/users'],
    ['/open/../slash%2Fusers', '/users'],
    ['/rewritten%2Fusers', '/users'],
    ['/decoded%2Fusers', '/decoded/users'],
    ['/kept%2Fusers', '/kept%2Fusers'],
    ['/aliased%2Fusers', 'the users'],
    ['/rooted%2Fusers', 'the users'],
    ['/tried%2Fusers', 'the users'],
    ['/exact%3Fx', '/exact?x'],
    ['/exact%23x', '/exact#x'],
    ['/open/%252e%252e/exact', '/open/%2e%2e/exact'],
    ['/open/%252E%252E/decoded%252Fusers', '/open/%2E%2E/decoded%2Fusers'],
  ];

  test.each(PATHS)('%s needs the scope that the rule for its decoded path requires', async (path, reached) => {
    expect(await ask(path)).toEqual([401, '']);
    expect(await ask(path, 'read')).toEqual([403, '']);
    expect(await ask(path, 'admin')).toEqual([200, reached]);
    // A remembered token.
    expect(await ask(path, 'admin')).toEqual([200, reached]);
    expect(await ask(path, 'read')).toEqual([403, '']);
  });

  test('a rule that nobody passes refuses the decoded path too', async () => {
    expect(await ask('/decoded-closed%2Fx', 'admin')).toEqual([403, '']);
  });

  test('a rule in shadow mode lets the decoded path pass', async () => {
    expect(await ask('/decoded-shadow%2Fx')).toEqual([200, '/decoded-shadow/x']);
  });

  test.each([
    ['/projects/a%2Fb/files/x', '/projects/a%2Fb/files/x'],
    ['/projects/a%3Fb/files/x', '/projects/a%3Fb/files/x'],
    ['/open/a%2Fb', '/open/a/b'],
    ['/a%2Fb', '/a%2Fb'],
  ])('%s passes, for its decoded path leads to no other requirement', async (path, reached) => {
    expect(await ask(path)).toEqual([200, reached]);
  });

  test('a path whose decoded readings differ is refused', async () => {
    expect((await ask('/open/x%2F/../../slash/users', 'admin'))[1]).toBe('');
  });
});
