// The demo's issuer: a real OpenID provider that hands out access tokens as JWTs (RFC 9068) to programs
// (client credentials, RFC 6749 §4.4), and that signs people in. Everything is in memory; the keys are made at start.
import { randomUUID, webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { describeGateway, PEOPLE_CONFIGURATION, signIn } from './people.mjs';
import { saveKeys } from './save-keys.mjs';

const READ_AND_WRITE = 'read:hamsters write:hamsters';

/** The programs that may ask for tokens. They share one secret, because this is a demo. */
const CLIENTS = [
  { name: 'keeper', scopes: READ_AND_WRITE, algorithm: 'RS256', seconds: 3600 },
  { name: 'keeper-es256', scopes: READ_AND_WRITE, algorithm: 'ES256', seconds: 3600 },
  { name: 'visitor', scopes: 'read:hamsters', algorithm: 'RS256', seconds: 3600 },
  { name: 'mayfly', scopes: READ_AND_WRITE, algorithm: 'RS256', seconds: 1 },
];

const settings = readSettings(process.env);
const provider = new Provider(settings.issuer, {
  ...PEOPLE_CONFIGURATION,
  clients: CLIENTS.map((client) => ({
    client_id: client.name,
    client_secret: settings.secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: client.scopes,
    token_endpoint_auth_method: 'client_secret_basic',
  })).concat(describeGateway(settings.secret, settings.origins, settings.broker)),
  scopes: ['openid', 'profile', 'email', 'groups', ...READ_AND_WRITE.split(' ')],
  jwks: { keys: [await makeKey('RS256'), await makeKey('ES256')] },
  // An application's form may end the session here. Browsers keep such a cookie by HTTPS alone: over plain HTTP everybody
  // enters the password at each sign-in.
  cookies: { keys: [randomUUID()], long: { httpOnly: true, sameSite: 'none' } },
  ttl: { ClientCredentials: (_context, token) => token.resourceServer.accessTokenTTL },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    // RFC 8707: with a resource the access token is a JWT whose audience is that resource.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => settings.audience,
      getResourceServerInfo: (_context, resource, client) => describeApi(resource, client.clientId),
    },
  },
});

let ready = false;
const server = createServer((request, response) => {
  const path = request.url.split('?', 1)[0];
  if (path === '/health') {
    response.writeHead(ready ? 200 : 503).end();
    return;
  }
  // One line a request, and never what the request or the answer holds: those are secrets and tokens.
  response.once('finish', () => console.log(`${request.method} ${path} ${response.statusCode}`));
  if (path.startsWith('/sign-in/')) {
    signIn(provider, request, response).catch(() => response.writeHead(400).end('This sign-in is over.'));
    return;
  }
  provider.callback()(request, response);
});
server.listen(settings.port, settings.host, async () => {
  if (settings.keysPath !== undefined) {
    await saveKeys(settings.issuer, settings.keysPath);
  }
  ready = true;
  console.log(`issuer ${settings.issuer} listens on ${settings.host}:${settings.port}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => process.exit(0));
}

/** The API that a token is for: its audience, scopes, algorithm and life (seconds). RFC 8707 §2. */
function describeApi(resource, clientName) {
  const own = CLIENTS.find((candidate) => candidate.name === clientName);
  const client = own ?? { scopes: 'read:hamsters', algorithm: 'RS256', seconds: 300 };
  return {
    audience: resource,
    scope: client.scopes,
    accessTokenFormat: 'jwt',
    accessTokenTTL: client.seconds,
    jwt: { sign: { alg: client.algorithm } },
  };
}

/** A fresh private key as a JWK (RFC 7517) that only this process ever sees. */
async function makeKey(algorithm) {
  const kind =
    algorithm === 'RS256'
      ? { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await webcrypto.subtle.generateKey(kind, true, ['sign', 'verify']);
  const jwk = await webcrypto.subtle.exportKey('jwk', pair.privateKey);
  return { ...jwk, key_ops: undefined, ext: undefined, alg: algorithm, use: 'sig', kid: randomUUID() };
}

/** What differs between machines. `KEYS_PATH`, when set, is where the public keys are saved for the proxies. */
function readSettings(environment) {
  const { ISSUER_URL: issuer, CLIENT_SECRET: secret, API_AUDIENCE: audience } = environment;
  if (!issuer || !secret || !audience) {
    console.error('issuer: set `ISSUER_URL`, `CLIENT_SECRET` and `API_AUDIENCE`');
    process.exit(1);
  }
  return {
    issuer,
    secret,
    audience,
    // Where the proxies are that sign people in.
    origins: (environment.LOGIN_ORIGINS ?? 'http://127.0.0.1:8090 http://127.0.0.1:8091').split(' '),
    broker: environment.BROKER_ORIGIN ?? 'http://127.0.0.1:8092',
    keysPath: environment.KEYS_PATH,
    host: environment.HOST ?? '127.0.0.1',
    port: Number(environment.PORT ?? 3000),
  };
}
