// What an outage and clients that go away leave in the error log: one line a minute, and no alert.
import { connect } from 'node:net';
import { describe, test } from 'vitest';
import { KEYS_CACHE, keysLocation } from '../helpers/keys-location';
import { pause } from '../helpers/keep-alive';
import { startKeyServer } from '../helpers/nginx-provider';
import { ENGINES, SHARED_DICT, startNginx, type Engine } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';
import { freePort } from '../helpers/suite';

const key = makeKeyPair('RS256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_ALLOW_HTTP: '1' };

const serverOf = (engine: Engine, keys: string): string => `
    location /auth/ { auth_request /_jwtverify; proxy_pass http://apiservers; }
    ${engine.hasAccess ? 'location /access/ { js_access jwtverify.access; proxy_pass http://apiservers; }' : ''}
    location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }
    location = /authorizer { client_max_body_size 0; error_page 599 /_; js_content jwtverify.authorizer; }
    location = /ready { js_content jwtverify.health; }
    ${keys}`;

/** What each outage is called in the log. */
const WORDS: Readonly<Record<string, string>> = {
  introspection: 'introspection at',
  'a location without the lines': 'write them into a file and include it (docs/nginx.md, "Headers for the backend")',
  'keys by a location': ': `/_jwtverify_keys`: ',
  'keys from nowhere': 'or a location that `$jwtverify_keys` names',
};

/** Asks, and goes away when the provider was asked and has not answered yet. */
async function leave(
  port: number,
  path: string,
  token: string,
  how: 'reset' | 'close',
  isAsked: () => boolean,
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  const deadline = Date.now() + 10_000;
  while (!isAsked() && Date.now() < deadline) await pause(20);
  if (how === 'reset') socket.resetAndDestroy();
  else socket.destroy();
}

describe.concurrent.each(ENGINES)('$suite, $name', { timeout: 60_000 }, (engine) => {
  const ways = [
    { way: 'a location', hasLocation: true },
    ...(engine.hasSharedDict ? [{ way: 'ngx.fetch', hasLocation: false }] : []),
  ];

  test.for(ways)(
    'S11: a client that goes away meanwhile leaves no alert, keys by $way',
    async ({ hasLocation }, { expect }) => {
      const provider = await startKeyServer((response) => {
        setTimeout(() => response.writeHead(503).end(), 500);
      });
      const url = `${provider.origin}/keys`;
      const location = keysLocation(`set $jwtverify_url ${url};`).replace(/proxy_cache.*;/g, '');
      const token = await signToken(key.privateKey, 'RS256', claims());
      for (const path of ['/auth/', '/authorizer', '/ready', ...(engine.hasAccess ? ['/access/'] : [])]) {
        for (const how of ['reset', 'close'] as const) {
          const nginx = await startNginx(engine, {
            env: { ...ENV, OAUTH_JWKS_URL: url },
            http: hasLocation ? '' : SHARED_DICT,
            server: serverOf(engine, hasLocation ? location : ''),
          });
          const before = provider.asked.length;
          await leave(nginx.port, path, token, how, () => provider.asked.length > before);
          await pause(1000);
          // It is there for others.
          const answer = await nginx.askWith(token, { path });
          expect([path, how, provider.asked.length > before, answer.status >= 400]).toEqual([path, how, true, true]);
          expect(nginx.errorLog()).not.toMatch(
            /\[alert\]|\[crit\]|header already sent|internal error|js exception|unhandled/,
          );
          await nginx.stop();
        }
      }
      await provider.stop();
    },
  );
});

describe.concurrent.each(ENGINES.filter((engine) => engine.hasSharedDict))(
  '$suite, $name',
  { timeout: 60_000 },
  (engine) => {
    test('S11: an outage is logged once, not by each request', async ({ expect }) => {
      const dead = `http://127.0.0.1:${String(await freePort())}/keys`;
      const token = await signToken(key.privateKey, 'RS256', claims());
      const policy = JSON.stringify({
        issuers: [
          {
            issuer: ISSUER,
            audiences: [AUDIENCE],
            introspection: { url: dead, client_id: 'keeper', client_secret_env: 'HAMSTER_SECRET' },
          },
        ],
        allow_http: true,
        rules: [{ name: 'all', paths: ['/auth/**'] }],
        forward: { 'X-Auth-Request-User': 'user' },
      });
      const introspection = {
        OAUTH_POLICY: 'DIRECTORY/policy.json',
        HAMSTER_SECRET: 'x'.repeat(40),
      };
      const asked = 'set $jwtverify_method GET; set $jwtverify_target /auth/x;';
      const cases: readonly (readonly [
        name: string,
        env: Readonly<Record<string, string>>,
        http: string,
        keys: string,
        path: string,
      ])[] = [
        ['introspection', introspection, SHARED_DICT, '', '/authorizer'],
        ['a location without the lines', introspection, SHARED_DICT, '', '/auth/'],
        ...(engine.name === 'QuickJS'
          ? ([
              [
                'keys by a location',
                { ...ENV, OAUTH_JWKS_URL: dead },
                KEYS_CACHE,
                keysLocation(`set $jwtverify_url ${dead};`),
                '/auth/',
              ],
              ['keys from nowhere', { ...ENV, OAUTH_JWKS_URL: dead }, '', '', '/auth/'],
            ] as const)
          : []),
      ];
      for (const [name, env, http, keys, path] of cases) {
        const nginx = await startNginx(engine, {
          env,
          http,
          server: serverOf(engine, keys).replace(
            'js_content jwtverify.authorizer;',
            `${asked} js_content jwtverify.authorizer;`,
          ),
          files: { 'policy.json': policy },
        });
        for (let turn = 0; turn < 10; turn += 1) {
          const opaque = name === 'introspection' ? `opaque-${String(turn)}` : token;
          expect([name, (await nginx.askWith(opaque, { path })).status >= 400]).toEqual([name, true]);
        }
        const said = nginx.messages().filter((line) => line.includes('[error]'));
        expect([name, said.length, said]).toEqual([name, 1, [expect.stringContaining(WORDS[name] ?? '')]]);
        await nginx.stop();
      }
    });
  },
);
