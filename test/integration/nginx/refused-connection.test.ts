// A provider at whose port nothing listens: the connection fails at once, within the request that needs it.
import { describe, expect, test } from 'vitest';
import { dictionaries, wire } from '../helpers/nginx-policy';
import { ENGINES, startNginx, type Engine } from '../helpers/nginx-server';
import { freePort } from '../helpers/suite';
import { AUDIENCE, claims, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('ES256');
const ways = (engine: Engine): readonly string[] =>
  [engine.hasAccess ? 'js_access jwtverify.access; empty_gif;' : '', 'js_content jwtverify.authorizer;'].filter(
    (way) => way !== '',
  );

describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine: Engine) => {
  test.each(ways(engine))('each request is answered once: %s', async (way) => {
    const issuer = `https://127.0.0.1:${String(await freePort())}`;
    const introspection = { url: `${issuer}/ask`, client_id: 'a', client_secret_env: 'KEEPER_SECRET' };
    const policy = {
      issuers: [{ issuer, audiences: [AUDIENCE], introspection, keys: { jwks_url: `${issuer}/keys` } }],
      otherwise: 'authenticated',
    };
    const nginx = await startNginx(engine, {
      env: { OAUTH_POLICY: 'DIRECTORY/policy.json', KEEPER_SECRET: 'secret-of-the-test' },
      http: dictionaries(engine),
      server: `location / { include DIRECTORY/forward.conf; set $jwtverify_method $request_method;
        set $jwtverify_target $request_uri; ${way} } location = /_forward { js_content jwtverify.forward; }`,
      files: { 'policy.json': JSON.stringify(policy), 'forward.conf': '' },
    });
    await wire(nginx);
    const signed = await signToken(key.privateKey, 'ES256', claims({ iss: issuer }), { kid: 'k' });
    for (const token of [signed, 'opaque-one', signed, 'opaque-two']) {
      const answer = await nginx.askWith(token);
      expect(answer.status).toBe(503);
    }
    await nginx.stop();
    expect(nginx.errorLog()).not.toMatch(
      /already sent|\[alert\]|\[crit\]|js exception|unhandled|internal error|stack/i,
    );
  });
});
