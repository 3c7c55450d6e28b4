// Open locations beside judged ones: nginx chooses by the resolved path, and sends the path as the client wrote it.
import { afterEach, describe, expect, test } from 'vitest';
import { dictionaries } from '../helpers/nginx-policy';
import { ENGINES, startNginx, type Engine, type Nginx } from '../helpers/nginx-server';
import { freePort } from '../helpers/suite';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const OURS =
  'location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }';
const JUDGED = 'location / { proxy_pass http://apiservers; }';
const RAW = ['/admin/..%2fpublic/x', '/admin/users/%2e%2e/%2e%2e/public/x', '/admin//../public/x', '/public/x'];

let nginx: Nginx | undefined;
afterEach(async () => {
  await nginx?.stop();
});

async function start(engine: Engine, server: string, http = ''): Promise<Nginx> {
  nginx = await startNginx(engine, {
    env: ENV,
    files: { k: key.pem },
    http: `${dictionaries(engine)} ${http}`,
    server: `auth_request /_jwtverify; ${OURS} ${server}`,
  });
  // Settings are looked at when the first request is judged.
  await nginx.askWith(await signToken(key.privateKey, 'RS256', claims()), { path: '/admin/x' });
  return nginx;
}

/** What reached the backend of requests without a token. */
async function reach(started: Nginx): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (const path of RAW) bodies.push((await started.ask({ path, method: 'DELETE' })).body);
  return bodies.map((body) => /^reached: DELETE (\S+)/.exec(body)?.[1] ?? 'refused');
}

const named = (started: Nginx): readonly (string | undefined)[] =>
  started
    .messages()
    .filter((line) => line.includes('jwtverify does not judge these locations'))
    .map((line) => /a policy: location (.*?`)(?:,? client|$|, server)/.exec(line)?.[1]);

describe.each(ENGINES)('$suite, $name', (engine) => {
  const names = (...locations: readonly string[]): readonly string[] =>
    engine.hasSharedDict ? [locations.map((location) => `\`${location}\``).join(', ')] : [];

  test('S2: an open location whose backend judged ones share gets paths that it does not have, and the log names it', async () => {
    const started = await start(
      engine,
      `${JUDGED} location /public/ { auth_request off; proxy_pass http://apiservers; }
       location = /health { auth_request off; proxy_pass http://apiservers; }`,
    );
    expect(await reach(started)).toEqual(RAW);
    expect(named(started)).toEqual(names('/public/', '= /health'));
  });

  test('S2: with a path in its proxy_pass it sends what nginx resolved, and the log is silent', async () => {
    const started = await start(
      engine,
      `${JUDGED} location /public/ { auth_request off; proxy_pass http://apiservers/public/; }`,
    );
    expect(await reach(started)).toEqual(RAW.map(() => '/public/x'));
    expect(named(started)).toEqual([]);
  });

  test('S2: an open location with a backend of its own does not lead to a judged one, and the log is silent', async () => {
    const started = await start(
      engine,
      `${JUDGED} location /public/ { auth_request off; proxy_pass http://127.0.0.1:1; }
       location /page/ { auth_request off; return 200; }`,
    );
    expect(named(started)).toEqual([]);
  });

  const EACH = 'proxy_pass http://apiservers; ';
  const ways: readonly (readonly [string, string, readonly string[]])[] = [
    ['a variable', 'location /public/ { auth_request off; set $to apiservers; proxy_pass http://$to; }', ['/public/']],
    ['$request_uri', 'location /public/ { auth_request off; proxy_pass http://apiservers$request_uri; }', ['/public/']],
    ['another case', 'location /public/ { auth_request off; proxy_pass http://APIservers; }', ['/public/']],
    ['an if', `location /public/ { auth_request off; if ($request_method) { ${EACH} } }`, ['/public/']],
    [
      'try_files',
      `location /public/ { auth_request off; try_files /none @open; } location @open { auth_request off; ${EACH} }`,
      ['@open'],
    ],
    [
      'an error_page of the server',
      `error_page 418 = @open; location /public/ { auth_request off; return 418; }
       location @open { auth_request off; ${EACH} }`,
      ['@open'],
    ],
    ['satisfy any', `location /public/ { satisfy any; allow all; ${EACH} }`, ['/public/']],
  ];
  test.each(ways)('S2: an open location that leads there by %s is named', async (_, lines, expected) => {
    const started = await start(engine, `${JUDGED} ${lines}`);
    expect(await reach(started)).not.toContain('refused');
    expect(named(started)).toEqual(names(...expected));
  });

  test('S2: a server is known under each of its names', async () => {
    const port = String(await freePort());
    const http = `upstream first { server 127.0.0.1:${port}; }
      server { listen 127.0.0.1:${port}; location / { return 200 "reached: $request_method $request_uri"; } }`;
    const started = await start(
      engine,
      `location / { proxy_pass http://first; } location /public/ { auth_request off; proxy_pass http://127.0.0.1:${port}; }`,
      http,
    );
    expect(await reach(started)).toEqual(RAW);
    expect(named(started)).toEqual(names('/public/'));
  });

  test('S2: a named location that only judged locations lead to is not open, and the log is silent', async () => {
    const started = await start(
      engine,
      `location / { try_files /none @app; } location @app { auth_request off; ${EACH} }
       location /other/ { ${EACH} } location /page/ { auth_request off; return 200; }`,
    );
    expect(await reach(started)).toEqual(RAW.map(() => 'refused'));
    expect(named(started)).toEqual([]);
  });

  test('S2: satisfy any that allows no address leaves a location judged, and the log is silent', async () => {
    const started = await start(engine, `${JUDGED} location /public/ { satisfy any; deny all; ${EACH} }`);
    expect(await reach(started)).toEqual(RAW.map(() => 'refused'));
    expect(named(started)).toEqual([]);
  });
});
