// Many tenants of a provider on one key set, as Entra ID has them; and a server whose document is at the address of RFC 8414.
import { describe, expect, test } from 'vitest';
import { EITHER } from '../helpers/either-proxy';
import { startKeyServer, type Answer, type KeyServer } from '../helpers/nginx-provider';
import { AUDIENCE, claims, makeKeyPair, signToken, type KeyPair } from '../helpers/tokens';

const [common, own, foreign] = [makeKeyPair('RS256'), makeKeyPair('RS256'), makeKeyPair('RS256')] as [
  KeyPair,
  KeyPair,
  KeyPair,
];
const [FIRST, SECOND, STRANGE] = ['5f0c0001-aaaa', '5f0c0002-bbbb', '9188040d-cccc'] as const;

/** Documents by their paths; 404 for any other. */
function serve(documents: (origin: string) => Readonly<Record<string, unknown>>): Answer {
  return (response, request) => {
    const found = documents(`http://${request.headers.host ?? ''}`)[request.url ?? ''];
    response.writeHead(found === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(found ?? { error: 'not_found' }));
  };
}

const issuerOf = (origin: string, tenant: string): string => `${origin}/${tenant}/v2.0`;

/** A provider of many tenants: one key for all, and one for the second tenant alone. */
const MANY: Answer = serve((origin) => ({
  '/organizations/v2.0/.well-known/openid-configuration': {
    issuer: `${origin}/{tenantid}/v2.0`,
    jwks_uri: `${origin}/keys`,
  },
  [`/${FIRST}/v2.0/.well-known/openid-configuration`]: {
    issuer: issuerOf(origin, FIRST),
    jwks_uri: `${origin}/keys`,
  },
  '/keys': {
    keys: [
      { ...common.jwk, kid: 'common', use: 'sig', issuer: `${origin}/{tenantid}/v2.0` },
      { ...own.jwk, kid: 'own', use: 'sig', issuer: issuerOf(origin, SECOND) },
      { ...foreign.jwk, kid: 'foreign', use: 'sig', issuer: 'https://other.example/{tenantid}/v2.0' },
    ],
  },
}));

function sign(server: KeyServer, tenant: string, pair: KeyPair = common, changes: object = {}): Promise<string> {
  const kid = pair === common ? 'common' : pair === own ? 'own' : 'foreign';
  const payload = claims({ iss: issuerOf(server.origin, tenant), tid: tenant, ...changes });
  return signToken(pair.privateKey, 'RS256', payload, { kid });
}

describe.concurrent.each(EITHER)('%s', (_, start) => {
  test.each([
    ['the document for all tenants', [FIRST, SECOND], 'discovery_url'],
    ['the document of the first tenant', [FIRST, SECOND], 'discovery'],
    ['any tenant', '*', 'discovery_url'],
  ] as const)(
    'accepts the tenants that the policy says, by %s',
    { timeout: 90_000 },
    async (_name, tenants, source) => {
      const server = await startKeyServer(MANY);
      const url = `${server.origin}/organizations/v2.0/.well-known/openid-configuration`;
      const keys = source === 'discovery' ? { discovery: true } : { discovery_url: url };
      const proxy = await start({
        issuers: [{ issuer: `${server.origin}/{tid}/v2.0`, tenants, audiences: [AUDIENCE], keys }],
        keyUrls: [`${server.origin}/keys`],
      });
      expect(await proxy.judgeUntil(await sign(server, FIRST), 200)).toEqual({ status: 200, reason: '' });
      expect((await proxy.judge(await sign(server, SECOND))).status).toBe(200);
      expect((await proxy.judge(await sign(server, SECOND, own))).status).toBe(200);
      // The second tenant's key verifies no other tenant's tokens.
      expect(await proxy.judge(await sign(server, FIRST, own))).toEqual({ status: 401, reason: 'issuer_refused' });
      // A key that its provider binds to the tenants of another issuer verifies none of these.
      expect(await proxy.judge(await sign(server, FIRST, foreign))).toEqual({ status: 401, reason: 'issuer_refused' });
      const strange = await proxy.judge(await sign(server, STRANGE));
      expect(strange.reason).toBe(tenants === '*' ? '' : 'tenant_refused');
      for (const changes of [{ tid: SECOND }, { tid: undefined }, { iss: server.origin }]) {
        expect((await proxy.judge(await sign(server, FIRST, common, changes))).reason).toBe('issuer_refused');
      }
      for (const odd of ['a/b', 'a%2Fb', '..', '{tid}', 'z\u043e\u043e', '']) {
        expect((await proxy.judge(await sign(server, odd))).reason).toBe('issuer_refused');
      }
      await proxy.stop();
      await server.stop();
    },
  );

  test('finds the keys of a server that has only the metadata of RFC 8414', { timeout: 90_000 }, async () => {
    const server = await startKeyServer(
      serve((origin) => ({
        '/.well-known/oauth-authorization-server/zoo': { issuer: `${origin}/zoo`, jwks_uri: `${origin}/keys` },
        '/keys': { keys: [{ ...common.jwk, kid: 'common' }] },
      })),
    );
    const proxy = await start({
      issuers: [{ issuer: `${server.origin}/zoo`, audiences: [AUDIENCE] }],
      keyUrls: [`${server.origin}/keys`],
    });
    const token = await sign(server, '', common, { iss: `${server.origin}/zoo` });
    expect(await proxy.judgeUntil(token, 200)).toEqual({ status: 200, reason: '' });
    await proxy.stop();
    await server.stop();
  });
});
