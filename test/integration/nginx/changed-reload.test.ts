// What lasts in a dictionary over a reload counts only while the new configuration would have made it so too.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeCertificates, startNameServer } from '../helpers/certificates';
import { startEchoBackend } from '../helpers/echo-backend';
import { AUDIENCE as API, signWith, startIssuer } from '../helpers/issuer-server';
import { eventually } from '../helpers/keep-alive';
import { dictionaries, startWithPolicy, wire } from '../helpers/nginx-policy';
import { ENGINES, startNginx, type Engine, type Nginx, type NginxOptions } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('ES256');
const WITH_DICTIONARY = ENGINES.filter((engine) => engine.hasSharedDict);
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { public_key_file: 'DIRECTORY/k' } }],
  otherwise: 'authenticated',
};
const JUDGED = 'location /api/ { js_access jwtverify.access; add_header X-Tenant "$oauth_claim_azp"; empty_gif; }';

describe.each(ENGINES.filter((engine) => engine.hasAccess))('$suite, $name', (engine: Engine) => {
  const kinds: readonly (readonly [string, NginxOptions])[] = [
    ['without a policy', { env: ENV, server: JUDGED, files: { k: key.pem } }],
    [
      'with a policy',
      {
        env: { OAUTH_POLICY: 'DIRECTORY/policy.json' },
        server: `${JUDGED.replace('js_access', 'include DIRECTORY/forward.conf; js_access')}
          location = /_forward { js_content jwtverify.forward; }`,
        files: { k: key.pem, 'forward.conf': '', 'policy.json': JSON.stringify(POLICY) },
      },
    ],
  ];
  test.each(kinds)('a claim that a reload declares has its value for a remembered token: %s', async (_, options) => {
    const http = `${dictionaries(engine)} js_var $oauth_claim_azp;`;
    const files = Object.entries(options.files ?? {});
    const nginx = await startNginx(engine, { ...options, http });
    for (const [name, content] of files) {
      writeFileSync(
        join(nginx.directory, name),
        content.replaceAll('DIRECTORY', nginx.directory.replace(/^.*(?=\/srv\/)/, '')),
      );
    }
    if (options.env !== ENV) await wire(nginx);
    const token = await signToken(key.privateKey, 'ES256', claims({ azp: 'app', tenant: 'acme' }));
    const tenant = async (): Promise<unknown> => (await nginx.askWith(token)).headers['x-tenant'];
    expect([await tenant(), await tenant()]).toEqual(['app', 'app']);
    const declare = (text: string): string =>
      text
        .replace('js_var $oauth_claim_azp;', 'js_var $oauth_claim_azp; js_var $oauth_claim_tenant;')
        .replace('"$oauth_claim_azp"', '"$oauth_claim_tenant"');
    await nginx.reload(declare);
    // Another token first: its check makes the settings of this second known to all requests.
    const other = await signToken(key.privateKey, 'ES256', claims({ tenant: 'other' }));
    expect((await nginx.askWith(other)).headers['x-tenant']).toBe('other');
    expect([await tenant(), await tenant()]).toEqual(['acme', 'acme']);
    await nginx.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error/);
  });
});

/** A policy that asks about opaque tokens at this path. */
function asking(issuer: string, path: string, inactiveAge: number): object {
  const introspection = {
    url: `${issuer}${path}`,
    client_id: 'keeper',
    client_secret_env: 'KEEPER_SECRET',
    inactive_age: inactiveAge,
  };
  return { issuers: [{ issuer, audiences: [API], introspection }], allow_http: true, otherwise: 'authenticated' };
}

describe.each(WITH_DICTIONARY)('$suite, $name', (engine: Engine) => {
  test('a token that one endpoint called inactive is asked about where a reload names another, or remembers none', async () => {
    const issuer = await startIssuer({ opaque: true });
    const backend = await startEchoBackend();
    let active = false;
    issuer.misbehave((request, response) => {
      const isActive = active || request.url === '/open';
      const said = isActive ? { active: true, aud: API, sub: 'turbo' } : { active: false };
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(said));
    });
    const nginx = await startWithPolicy(engine, asking(issuer.issuer, '/closed', 300), backend, {
      env: { KEEPER_SECRET: 'secret-of-the-test' },
    });
    const change = async (path: string, age: number): Promise<void> => {
      writeFileSync(join(nginx.directory, 'policy.json'), JSON.stringify(asking(issuer.issuer, path, age)));
      await nginx.reload();
    };
    const status = async (token: string): Promise<number> => (await nginx.askWith(token)).status;
    expect([await status('one'), await status('two')]).toEqual([401, 401]);
    await change('/open', 300);
    expect(await status('one')).toBe(200);
    await change('/closed', 300);
    active = true;
    expect(await status('two')).toBe(401);
    await change('/closed', 0);
    expect(await status('two')).toBe(200);
    await nginx.stop();
    await backend.stop();
    await issuer.stop();
  });
});

/** Follows an issuer's keys, with settings that a reload can change. */
function follow(engine: Engine, issuer: string, settings: readonly string[], more = '', files = {}): Promise<Nginx> {
  const lines = [`OAUTH_ISSUER=${issuer}`, `OAUTH_AUDIENCE=${API}`, ...settings];
  return startNginx(engine, {
    main: lines.map((line) => `env ${line};`).join(' '),
    http: `${dictionaries(engine)} ${more}`,
    server: 'location / { js_content jwtverify.authorizer; } location = /health { js_content jwtverify.health; }',
    files,
  });
}

describe.concurrent.each(WITH_DICTIONARY)('$suite, $name', (engine: Engine) => {
  test('a shorter OAUTH_JWKS_REFRESH counts from the reload on, for keys that were fetched before', async () => {
    const issuer = await startIssuer();
    const nginx = await follow(engine, issuer.issuer, ['OAUTH_ALLOW_HTTP=1', 'OAUTH_JWKS_REFRESH=86400']);
    await nginx.ask({ path: '/health' });
    await nginx.reload((text) => text.replace('OAUTH_JWKS_REFRESH=86400', 'OAUTH_JWKS_REFRESH=10'));
    expect(issuer.count('/jwks')).toBe(1);
    await eventually('the keys are fetched again', async () => {
      await nginx.ask({ path: '/health' });
      return issuer.count('/jwks') === 2;
    });
    await nginx.stop();
    await issuer.stop();
  });

  test('keys that came by plain http do not outlast OAUTH_ALLOW_HTTP', async () => {
    const certificates = await makeCertificates();
    const issuer = await startIssuer({ tls: certificates, host: 'provider.test' });
    const plain = await startIssuer();
    issuer.misbehave((_, response) => {
      const found = { issuer: issuer.issuer, jwks_uri: plain.jwksUrl };
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(found));
    });
    const names = await startNameServer();
    const trust = `js_fetch_trusted_certificate DIRECTORY/ca.pem; resolver 127.0.0.1:${String(names.port)} ipv6=off;`;
    const settings = ['OAUTH_ALLOW_HTTP=1'];
    const nginx = await follow(engine, issuer.issuer, settings, trust, { 'ca.pem': certificates.authority });
    const [signer] = plain.keys();
    if (signer === undefined) throw new Error('no key');
    const token = await signWith(signer, issuer.issuer);
    expect((await nginx.askWith(token)).status).toBe(200);
    await nginx.reload((text) => text.replace('env OAUTH_ALLOW_HTTP=1;', ''));
    expect((await nginx.askWith(token)).status).toBe(503);
    await nginx.stop();
    await issuer.stop();
    await plain.stop();
    names.socket.close();
  });
});
