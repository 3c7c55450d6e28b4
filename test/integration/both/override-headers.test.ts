// What real WSGI and Rack servers believe of a request whose client names another method, path, host or user.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ISSUERS, startWithPolicy } from '../helpers/haproxy-policy-server';
import { ENGINES } from '../helpers/nginx-server';
import { startPolicyNginx } from '../helpers/nginx-policy-server';
import { freePort, makeWorkDirectory, request, startIn, SUITES, waitForPort, type Running } from '../helpers/suite';

/** The request as an application reads it: method, script name, path, host by its framework's rules, user. */
type Believed = readonly [method: string, script: string, path: string, host: string, user: string];

/** As WSGI frameworks read a host behind a proxy (Werkzeug's ProxyFix, Django's USE_X_FORWARDED_HOST). */
const WSGI = `import json
def app(environ, start):
    get = lambda name: environ.get(name, '')
    told = [get('REQUEST_METHOD'), get('HTTP_X_FORWARDED_PREFIX') or get('SCRIPT_NAME'),
            get('HTTP_X_ORIGINAL_PATH') or get('HTTP_X_FORWARDED_URI') or get('HTTP_X_FORWARDED_PATH') or get('PATH_INFO'),
            get('HTTP_X_HTTP_HOST_OVERRIDE') or get('HTTP_X_FORWARDED_HOST') or get('HTTP_FORWARDED') or get('HTTP_HOST'), get('HTTP_X_AUTH_REQUEST_USER')]
    start('200 OK', [('Content-Type', 'application/json')])
    return [json.dumps(told).encode()]
`;

/** With the rules of Rack::MethodOverride and Rack::Request#host, and of those who rewrite paths. */
const RACK = `require 'json'
app do |env|
  told = [env['HTTP_X_HTTP_METHOD_OVERRIDE'] || env['REQUEST_METHOD'], env['HTTP_X_SCRIPT_NAME'] || env['SCRIPT_NAME'],
          env['HTTP_X_ORIGINAL_URL'] || env['HTTP_X_REWRITE_URL'] || env['HTTP_X_ENVOY_ORIGINAL_PATH'] ||
            env['HTTP_X_WAWS_UNENCODED_URL'] || env['PATH_INFO'],
          env['HTTP_FORWARDED'] || env['HTTP_X_FORWARDED_HOST'] || env['HTTP_HOST'], env['HTTP_X_AUTH_REQUEST_USER'] || '']
  [200, { 'content-type' => 'application/json' }, [told.to_json]]
end
`;

const HOST = 'api.example';
const POLICY = {
  issuers: ISSUERS,
  rules: [{ name: 'open', hosts: [HOST], methods: ['GET'], paths: ['/public/**'], access: 'public' }],
  forward: { 'X-Auth-Request-User': 'user' },
};
const HONEST: Believed = ['GET', '', '/public/x', HOST, ''];

const LIES: readonly (readonly [string, string])[] = [
  ['SCRIPT_NAME', '/public'],
  ['Script-Name', '/public'],
  ['X-Script-Name', '/admin'],
  ['X_Script_Name', '/admin'],
  ['PATH_INFO', '/admin'],
  ['X-Original-URL', '/admin'],
  ['X_Rewrite_URL', '/admin'],
  ['X-Original-Path', '/admin'],
  ['X-Forwarded-Uri', '/admin'],
  ['X_Forwarded_Path', '/admin'],
  ['X-Forwarded-Prefix', '/admin'],
  ['X-Envoy-Original-Path', '/admin'],
  ['X_Waws-Unencoded_Url', '/admin'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['x_http_method_override', 'DELETE'],
  ['X-Forwarded-Host', 'admin.example'],
  ['X_Forwarded_Host', 'admin.example'],
  ['Forwarded', 'host=admin.example'],
  ['X-Host', 'admin.example'],
  ['X-Original-Host', 'admin.example'],
  ['X-Forwarded-Server', 'admin.example'],
  ['X-HTTP-Host-Override', 'admin.example'],
  ['X-Auth-Request-User', 'root'],
  ['X_Auth_Request_User', 'root'],
];

type Asked = (port: number, header: readonly [string, string]) => Promise<Believed>;

const ask: Asked = async (port, header) => {
  const answer = await request({ port, path: '/public/x', headers: [['Host', HOST], header] });
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body) as Believed;
};

describe.each(['gunicorn', 'puma'] as const)('an application behind %s', (name) => {
  let server: Running;
  let app = 0;

  beforeAll(async () => {
    app = await freePort();
    const { inside, outside } = makeWorkDirectory('trixie');
    writeFileSync(join(outside, 'told.py'), WSGI);
    writeFileSync(join(outside, 'told.rb'), RACK);
    const bind = `127.0.0.1:${String(app)}`;
    const command =
      name === 'gunicorn'
        ? ['gunicorn', '--chdir', inside, '--worker-tmp-dir', inside, '-b', bind, 'told:app']
        : ['puma', '-C', `${inside}/told.rb`, '-b', `tcp://${bind}`, '--dir', inside];
    server = startIn('trixie', command);
    await waitForPort(app, server);
  });
  afterAll(() => server.stop());

  test('S4: believes a client that reaches it', async () => {
    const fooled: string[] = [];
    for (const lie of LIES) {
      const believed = await ask(app, lie);
      if (believed.join(' ') !== HONEST.join(' ')) fooled.push(lie[0]);
    }
    expect(fooled).toContain('X-Forwarded-Host');
    expect(fooled).toContain('X-Auth-Request-User');
    expect(fooled).toContain(name === 'gunicorn' ? 'SCRIPT_NAME' : 'X-Script-Name');
  });

  test.each(SUITES)('S4: believes the request itself behind HAProxy of %s', async (suite) => {
    const proxy = await startWithPolicy(suite, {
      policy: POLICY,
      rules: ['http-request lua.jwtenforce', 'use_backend app'],
      sections: [`backend app\n  server app 127.0.0.1:${String(app)}`],
    });
    for (const lie of LIES) expect([lie[0], ...(await ask(proxy.port, lie))]).toEqual([lie[0], ...HONEST]);
    await proxy.stop();
  });

  test.each(ENGINES)('S4: believes the request itself behind $suite, $name', async (engine) => {
    const nginx = await startPolicyNginx(engine, POLICY, {
      env: { HAMSTER_SECRET: 'a secret of thirty-two characters' },
      // The worst case: clients' headers with `_` are taken as well.
      http: () => 'underscores_in_headers on;',
      server: `location /public/ {
        include DIRECTORY/forward.conf;
        proxy_set_header Host $host;
        proxy_pass http://127.0.0.1:${String(app)};
      }`,
    });
    for (const lie of LIES) expect([lie[0], ...(await ask(nginx.port, lie))]).toEqual([lie[0], ...HONEST]);
    await nginx.stop();
  });
});

describe('keep_headers', () => {
  test.each(SUITES)('S4: keeps what the proxy before HAProxy of %s sets, and that alone', async (suite) => {
    const policy = { ...POLICY, keep_headers: ['X-Forwarded-Host'] };
    const proxy = await startWithPolicy(suite, { policy });
    for (const lie of LIES) await proxy.ask({ path: '/public/x', headers: [['Host', HOST], lie] });
    await proxy.stop();
    const names = LIES.map(([name]) => name.toLowerCase());
    const reached = proxy.backend.reached.flatMap(({ headers }) => headers.map(([name]) => name));
    expect(reached.filter((name) => names.includes(name))).toEqual(['x-forwarded-host', 'x_forwarded_host']);
  });
});
