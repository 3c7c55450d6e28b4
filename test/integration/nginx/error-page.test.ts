// An `error_page` that the location of `jwtverify.auth` inherits must not turn its refusal into a page's 200.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINES, startNginx, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const forger = makeKeyPair('RS256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };

const PAGES: readonly (readonly [name: string, http: string, server: string])[] = [
  ['in the server, with =200', '', 'error_page 401 403 =200 /login.html;'],
  ['in http, with =200', 'error_page 401 403 =200 /login.html;', ''],
  ['to a named location', '', 'error_page 401 403 = @ui;'],
  ['to a named location, recursive', 'recursive_error_pages on;', 'error_page 401 403 = @ui;'],
];

const PROTECTED = `
    location /api/ { auth_request /_jwtverify; proxy_pass http://apiservers; }
    location /asks/ { auth_request /_asks; proxy_pass http://apiservers; }
    location = /_asks {
      internal;
      error_page 599 /_;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_pass http://127.0.0.1:$server_port/authorizer;
    }
    location = /authorizer { js_content jwtverify.authorizer; }
    location = /login.html { return 200 "login page"; }
    location @ui { return 200 "login page"; }
`;
/** The location alone, as older documents had it, and as the documents have it now. */
const LOCATIONS: readonly string[] = [
  'location = /_jwtverify { internal; js_content jwtverify.auth; }',
  'location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }',
];

describe.each(ENGINES)('$suite, $name', (engine) => {
  describe.each(PAGES)('error_page %s', (_, http, pages) => {
    describe.each(LOCATIONS)('%s', (location) => {
      let nginx: Nginx;
      let tokens: { readonly good: string; readonly forged: string };

      beforeAll(async () => {
        nginx = await startNginx(engine, {
          env: ENV,
          files: { k: key.pem },
          http,
          server: pages + PROTECTED + location,
        });
        tokens = {
          good: await signToken(key.privateKey, 'RS256', claims()),
          forged: await signToken(forger.privateKey, 'RS256', claims()),
        };
      });
      afterAll(async () => {
        await nginx.stop();
      });

      test('S2: refuses a request without a token, and one with a forged token', async () => {
        for (const path of ['/api/hamsters', '/asks/hamsters']) {
          expect((await nginx.ask({ path })).body).not.toContain('reached');
          expect((await nginx.askWith(tokens.forged, { path })).body).not.toContain('reached');
        }
      });

      test('S2: still answers the refused client with the page', async () => {
        expect((await nginx.ask()).body).toBe('login page');
      });

      test('S2: lets a good token pass', async () => {
        expect((await nginx.askWith(tokens.good)).body).toContain('reached');
        expect((await nginx.askWith(tokens.good, { path: '/asks/hamsters' })).body).toContain('reached');
      });
    });
  });

  test('F2: lets an upload of 3 MB pass where the outer location allows it', async () => {
    const nginx = await startNginx(engine, {
      env: ENV,
      files: { k: key.pem },
      http: `server {
    listen unix:DIRECTORY/upload.sock;
    client_max_body_size 0;
    location / { return 200 "reached: $request_method"; }
  }`,
      server: `
    location /api/ { client_max_body_size 50m; auth_request /_jwtverify; proxy_pass http://unix:DIRECTORY/upload.sock:; }
    ${LOCATIONS[1] ?? ''}`,
    });
    const token = await signToken(key.privateKey, 'RS256', claims());
    const body = 'x'.repeat(3_000_000);
    expect((await nginx.askWith(token, { method: 'POST', body })).body).toContain('reached: POST');
    await nginx.stop();
  });
});
