// Keys out of a location, when the request that has them fetched brings a body: nothing of it may reach the provider.
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'vitest';
import { KEYS_CACHE, keysLocation } from '../helpers/keys-location';
import { startKeyServer, type KeyServer } from '../helpers/nginx-provider';
import { ENGINES, startNginx, type Engine, type Nginx } from '../helpers/nginx-server';
import { freePort } from '../helpers/suite';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');

/** The location as it was documented before, which leaves the length of the client's body to the provider. */
const OLDER = (location: string): string =>
  location.replaceAll(/ *proxy_set_header (?:Content-Length|Transfer-Encoding) "";\n/g, '');

const BODIES: readonly (readonly [name: string, headers: readonly (readonly [string, string])[], body: string])[] = [
  ['a body', [['Content-Type', 'application/json']], '{"name":1}'],
  ['a chunked body', [['Transfer-Encoding', 'chunked']], 'a\r\n{"name":1}\r\n0\r\n\r\n'],
  ['an upload of 3 MB', [['Content-Type', 'text/plain']], 'x'.repeat(3_000_000)],
];

const KINDS: readonly (readonly [name: string, change: (location: string) => string])[] = [
  ['as documented', String],
  ['as documented before', OLDER],
];

const HANDLERS: readonly (readonly [name: string, line: string])[] = [
  ['jwtverify.auth', 'auth_request /_jwtverify;'],
  ['jwtverify.access', 'js_access jwtverify.access;'],
];

interface Setting {
  readonly provider: KeyServer;
  readonly nginx: Nginx;
  /** What the provider was asked. */
  readonly sent: readonly IncomingMessage[];
}

/** A provider that waits for the body that it was promised, behind a plain nginx that hands every header on. */
async function start(engine: Engine, line: string, change: (location: string) => string): Promise<Setting> {
  const sent: IncomingMessage[] = [];
  const provider = await startKeyServer((response, request) => {
    sent.push(request);
    request.resume().on('end', () => {
      response.end(JSON.stringify({ keys: [key.jwk] }));
    });
  });
  const front = await freePort();
  const url = `http://127.0.0.1:${String(front)}/jwks`;
  const nginx = await startNginx(engine, {
    env: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS_URL: url, OAUTH_ALLOW_HTTP: '1' },
    http: `${KEYS_CACHE}
  server { listen 127.0.0.1:${String(front)}; location / { proxy_pass ${provider.origin}; } }
  server {
    listen unix:DIRECTORY/upload.sock;
    client_max_body_size 0;
    location / { return 200 "reached: $request_method"; }
  }`,
    server: `
    location /api/ { client_max_body_size 50m; ${line} proxy_pass http://unix:DIRECTORY/upload.sock:; }
    location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }
    ${change(keysLocation(`set $jwtverify_url ${url};`))}`,
  });
  return { provider, nginx, sent };
}

describe.concurrent.each(ENGINES)('$suite, $name', { timeout: 60_000 }, (engine) => {
  const handlers = HANDLERS.filter(([name]) => engine.hasAccess || name !== 'jwtverify.access');
  const cases = handlers.flatMap(([handler, line]) => KINDS.map(([kind, change]) => ({ handler, line, kind, change })));
  test.for(cases)(
    'F1: keys come, and nothing of the client, by $handler and a location $kind',
    async ({ line, change }, { expect }) => {
      for (const [name, headers, body] of BODIES) {
        const { provider, nginx, sent } = await start(engine, line, change);
        const answer = await nginx.askWith(await signToken(key.privateKey, 'RS256', claims()), {
          method: 'POST',
          body,
          headers: [...headers, ['Cookie', 'hamster=turbo'], ['Content-Language', 'en'], ['Range', 'bytes=0-3']],
        });
        expect([name, answer.status, answer.body]).toEqual([name, 200, 'reached: POST']);
        expect([name, sent.map((one) => one.method)]).toEqual([name, ['GET']]);
        const names = Object.keys(sent[0]?.headers ?? {});
        expect([
          name,
          names.filter((one) => /^content-(?!length)|^cookie|^authorization|^range|encoding/.test(one)),
        ]).toEqual([name, []]);
        expect([undefined, '0']).toContain(sent[0]?.headers['content-length']);
        await nginx.stop();
        await provider.stop();
      }
    },
  );
});
