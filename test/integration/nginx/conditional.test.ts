// Gateways hand their client's conditional headers on to the authorizer (RFC 9110 §13): nginx before 1.30 compared them with
// its answer, and refused a request with a good token by 412 or 304.
import { expect, test } from 'vitest';
import { startEchoBackend } from '../helpers/echo-backend';
import { ENGINES, SHARED_DICT, startNginx } from '../helpers/nginx-server';
import { CONDITIONS } from '../helpers/suite';
import { AUDIENCE, ISSUER, signToken } from '../helpers/tokens';

const SECRET = 'a secret of thirty-two characters';
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'GATEWAY_SECRET' } }],
  rules: [
    { paths: ['/open'], access: 'public' },
    { paths: ['/**'], require: { scopes: ['write:hamsters'] } },
  ],
  forward: { 'X-User': 'user' },
  metadata: { resource: 'https://api.example' },
};
const WITHOUT = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_HMAC_SECRET: SECRET };
const WITH = { OAUTH_POLICY: 'DIRECTORY/policy.json', GATEWAY_SECRET: SECRET };
test.each(
  ENGINES.flatMap((engine) => [
    { engine, title: `${engine.suite}, ${engine.name}, with a policy`, env: WITH },
    { engine, title: `${engine.suite}, ${engine.name}, without`, env: WITHOUT },
  ]),
)('a gateway gets a yes for a good token beside conditional headers: $title', async ({ engine, env }) => {
  const backend = await startEchoBackend();
  const target = `http://127.0.0.1:${String(backend.port)}`;
  const nginx = await startNginx(engine, {
    env,
    files: { 'policy.json': JSON.stringify(POLICY) },
    http: engine.hasSharedDict ? SHARED_DICT : '',
    server: `
      location = /authorizer { set $jwtverify_method PUT; if ($http_x_method) { set $jwtverify_method $http_x_method; } set $jwtverify_target $http_x_asked; js_content jwtverify.authorizer; }
      location = /_ask { internal; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header X-Asked /x; proxy_pass http://127.0.0.1:$server_port/authorizer; }
      location /asking/ { auth_request /_ask; proxy_pass ${target}; }
    `,
  });
  const good = await signToken(SECRET, 'HS256');
  const bad = await signToken('another secret of thirty-two bytes', 'HS256');
  for (const field of CONDITIONS) {
    // The second time the token is remembered, where something lasts.
    for (let round = 0; round < 2; round += 1) {
      const headers = [['X-Asked', '/x'] as const, field];
      const answer = await nginx.askWith(good, { path: '/authorizer', headers });
      expect([field, Math.floor(answer.status / 100), answer.body]).toEqual([field, 2, '']);
      expect(answer.headers['x-user']).toBe(env === WITH ? 'turbo' : undefined);
      const refused = await nginx.askWith(bad, { path: '/authorizer', headers });
      expect([field, refused.status]).toEqual([field, 401]);
    }
    if (env === WITH) {
      const open = await nginx.ask({ path: '/authorizer', headers: [['X-Asked', '/open'], field] });
      expect([field, Math.floor(open.status / 100)]).toEqual([field, 2]);
      const asked = ['X-Asked', '/.well-known/oauth-protected-resource'] as const;
      const document = await nginx.ask({ path: '/authorizer', headers: [asked, ['X-Method', 'GET'], field] });
      expect([field, Math.floor(document.status / 100)]).toEqual([field, 2]);
      expect(JSON.parse(document.body)).toMatchObject({ resource: 'https://api.example' });
    }
    backend.clear();
    const asked = await nginx.askWith(good, { method: 'PUT', path: '/asking/x', body: 'x', headers: [field] });
    expect([field, asked.status, backend.reached.length]).toEqual([field, 200, 1]);
    expect((await nginx.askWith(bad, { method: 'PUT', path: '/asking/x', headers: [field] })).status).toBe(401);
  }
  await nginx.stop();
  await backend.stop();
  expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error/);
});
