// Keys over https: nginx verifies the provider's certificate and name, by an authority that the configuration names.
import type { Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificates, startNameServer, type Certificates } from './certificates';
import { AUDIENCE, signWith, startIssuer } from './issuer-server';
import { CONTRACT_LOCATIONS, ENGINES, startNginx, type Engine } from './nginx-server';

const ZONES = `js_shared_dict_zone zone=jwtverify:1m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict; js_fetch_timeout 5s;`;

let certificates: Certificates;
let names: { readonly socket: Socket; readonly port: number };

beforeAll(async () => {
  certificates = await makeCertificates();
  names = await startNameServer();
});

afterAll(() => {
  names.socket.close();
});

/** What nginx makes of the keys of a provider with this host name, when it trusts an authority, or is told none. */
async function judge(engine: Engine, host: string, authority: string | undefined, hasResolver = true) {
  const issuer = await startIssuer({ tls: certificates, host });
  const trust = authority === undefined ? '' : 'js_fetch_trusted_certificate DIRECTORY/ca.pem;';
  const resolver = hasResolver ? `resolver 127.0.0.1:${String(names.port)} ipv6=off;` : '';
  const nginx = await startNginx(engine, {
    env: { OAUTH_ISSUER: issuer.issuer, OAUTH_AUDIENCE: AUDIENCE },
    http: `${ZONES} ${trust} ${resolver}`,
    server: `${CONTRACT_LOCATIONS} location = /health { js_content jwtverify.health; }`,
    files: { 'ca.pem': authority ?? '' },
  });
  try {
    const [key] = issuer.keys();
    if (key === undefined) throw new Error('no key');
    const answer = await nginx.askWith(await signWith(key, issuer.issuer), { path: '/authorizer' });
    const health = JSON.parse((await nginx.ask({ path: '/health' })).body) as { issuers: { problem: string }[] };
    const said = [answer.status, answer.headers['x-oauth-reason']];
    return { said, problem: health.issuers[0]?.problem, asked: issuer.count(''), messages: nginx.messages() };
  } finally {
    await nginx.stop();
    await issuer.stop();
  }
}

describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine: Engine) => {
  test('keys come from a provider whose certificate the named authority has signed', async () => {
    const { said, problem } = await judge(engine, 'provider.test', certificates.authority);
    expect([said, problem]).toEqual([[200, undefined], '']);
  });

  test.each([
    ['a certificate of another authority', 'provider.test', 'stranger', true],
    ['a certificate of another name', 'elsewhere.test', 'authority', true],
    ['no authority named', 'provider.test', undefined, true],
    ['no resolver for a host name', 'provider.test', 'authority', false],
  ] as const)('%s: refused, nothing is asked, and the log says why', async (_, host, authority, hasResolver) => {
    const trusted = authority === undefined ? undefined : certificates[authority];
    const { said, problem, asked, messages } = await judge(engine, host, trusted, hasResolver);
    expect(said).toEqual([503, 'keys_unavailable']);
    expect(problem).toContain('it cannot be reached');
    expect(asked).toBe(0);
    expect(messages[0]).toContain(`the keys at https://${host}:`);
  });
});

test('OAUTH_CA_FILE is named as what nginx itself has to be told', async () => {
  const env = { OAUTH_ISSUER: 'https://a.example', OAUTH_AUDIENCE: AUDIENCE, OAUTH_CA_FILE: '/ca.pem' };
  const nginx = await startNginx(ENGINES[1] as Engine, { env });
  expect((await nginx.ask()).status).toBe(403);
  await nginx.stop();
  expect(nginx.messages()[0]).toContain('OAUTH_CA_FILE: is set, but only the proxy itself can be told');
  expect(nginx.messages()[0]).toContain('js_fetch_trusted_certificate');
});
