// Directives of nginx by which a client sends a second spelling of the caller's headers to the backend.
import { afterEach, describe, expect, test } from 'vitest';
import { startEchoBackend, type EchoBackend } from '../helpers/echo-backend';
import { dictionaries } from '../helpers/nginx-policy';
import { ENGINES, startNginx, type Engine, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const FORGED = ['X_OAuth_Subject', 'X-OAuth_Subject', 'X_OAuth-Subject', 'X.OAuth.Subject'];
const REMOVED = FORGED.slice(0, 3)
  .map((name) => `proxy_set_header ${name} "";`)
  .join(' ');

let nginx: Nginx | undefined;
let backend: EchoBackend | undefined;
afterEach(async () => {
  await nginx?.stop();
  await backend?.stop();
});

/** The forged spellings that reached the backend beside the caller's header, and what the log says of the configuration. */
async function attack(engine: Engine, http: string, location = '') {
  backend = await startEchoBackend();
  nginx = await startNginx(engine, {
    env: ENV,
    files: { k: key.pem },
    http: `${dictionaries(engine)} ${http}`,
    server: `location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }
      location / {
        auth_request /_jwtverify;
        auth_request_set $subject $sent_http_x_oauth_subject;
        proxy_set_header X-OAuth-Subject $subject;
        ${location}
        proxy_pass http://127.0.0.1:${String(backend.port)};
      }`,
  });
  const token = await signToken(key.privateKey, 'RS256', claims());
  const headers = FORGED.map((name) => [name, 'root'] as const);
  expect((await nginx.askWith(token, { headers })).status).toBe(200);
  const [reached] = backend.reached;
  const forged = reached?.headers.filter(([, value]) => value === 'root').map(([name]) => name) ?? [];
  const logged = nginx
    .messages()
    .flatMap((line) => /with `(\w+ \w+)` a client sends .* beside: (`.*?`)/.exec(line)?.slice(1, 3) ?? []);
  return { forged, logged };
}

describe.each(ENGINES)('$suite, $name', (engine) => {
  const logs = (...words: readonly string[]): readonly string[] => (engine.hasSharedDict ? words : []);

  test('by itself nginx hands on no other spelling, and the log is silent', async () => {
    expect(await attack(engine, '')).toEqual({ forged: [], logged: [] });
  });

  test('`underscores_in_headers on` hands on spellings with `_`, and the log names the header', async () => {
    expect(await attack(engine, 'underscores_in_headers on;')).toEqual({
      forged: FORGED.slice(0, 3).map((name) => name.toLowerCase()),
      logged: logs('underscores_in_headers on', '`X-OAuth-Subject`'),
    });
  });

  test('the documented lines remove them, and the log is silent', async () => {
    expect(await attack(engine, 'underscores_in_headers on;', REMOVED)).toEqual({ forged: [], logged: [] });
  });

  test('`ignore_invalid_headers off` hands on every spelling even so, and the log names the header', async () => {
    expect(await attack(engine, 'ignore_invalid_headers off;', REMOVED)).toEqual({
      forged: FORGED.map((name) => name.toLowerCase()),
      logged: logs('ignore_invalid_headers off', '`X-OAuth-Subject`'),
    });
  });
});
