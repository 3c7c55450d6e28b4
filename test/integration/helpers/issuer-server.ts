// A real OpenID provider with discovery whose keys change, and which can be stopped, started and made to misbehave.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { Provider } from 'oidc-provider';
import { freePort } from './suite';

export const AUDIENCE = 'https://api.example';

/** Of the client `keeper`. */
export const CLIENT_SECRET = 'secret-of-the-test';

/** Answers a request instead of the provider. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface IssuerOptions {
  /** Key and certificate (PEM) for https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The host name in its URL. */
  readonly host?: string;
  /** Whether its tokens say nothing themselves, and it has to be asked about them (RFC 7662). */
  readonly opaque?: boolean;
}

export interface IssuerServer {
  /** The issuer: what tokens have in `iss`. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /** The private keys; the first one signs. */
  readonly keys: () => readonly JWK[];
  /** Replaces the keys, at once. */
  readonly setKeys: (keys: readonly JWK[]) => void;
  /** A token of the provider, by the client credentials grant. */
  readonly token: () => Promise<string>;
  /** Revokes a token of the provider (RFC 7009). */
  readonly revoke: (token: string) => Promise<void>;
  /** Puts a handler before the provider; undefined removes it. */
  readonly misbehave: (handler: Handler | undefined) => void;
  /** How many requests there have been for a path that ends so. */
  readonly count: (path: string) => number;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** A fresh private key. */
export async function makeKey(algorithm = 'ES256', kid: string = randomUUID()): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: algorithm, use: 'sig', kid };
}

/** The public part of a key. */
export function publicPart(key: JWK): JWK {
  const { kty, crv, x, y, n, e, kid, alg, use } = key;
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, kid, alg, use })) as JWK;
}

/** Signs an access token with a private key; `seconds` is its life. */
export async function signWith(
  key: JWK,
  issuer: string,
  seconds = 600,
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  // Lua's clock may be a tick behind: without a clock skew, a token of this very second could come out of the future.
  const all = { iss: issuer, aud: AUDIENCE, sub: 'turbo', jti: randomUUID(), iat: now - 2, exp: now + seconds };
  return new SignJWT({ ...all, scope: 'read:hamsters', ...claims })
    .setProtectedHeader({ alg: key.alg ?? 'ES256', typ: 'at+jwt', kid: key.kid ?? '', ...header })
    .sign(await importJWK(key, key.alg ?? 'ES256'));
}

function makeProvider(issuer: string, keys: readonly JWK[], opaque: boolean): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: 'keeper',
        client_secret: CLIENT_SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        scope: 'read:hamsters',
        // Registration demands an algorithm for which there is a key, though no ID token is ever asked for.
        id_token_signed_response_alg: keys[0]?.alg,
      },
    ],
    scopes: ['read:hamsters'],
    jwks: { keys: [...keys] },
    cookies: { keys: [randomUUID()] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: opaque },
      revocation: { enabled: opaque },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: () => ({
          audience: AUDIENCE,
          scope: 'read:hamsters',
          accessTokenFormat: opaque ? 'opaque' : 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: keys[0]?.alg ?? 'ES256' } },
        }),
      },
    },
  });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
}

/** Starts a provider on a port that is its own while it is stopped, too. */
export async function startIssuer(options: IssuerOptions = {}): Promise<IssuerServer> {
  let handler: Handler | undefined;
  let provider: Handler = (_, response) => response.writeHead(503).end();
  const paths: string[] = [];
  const serve: Handler = (request, response) => {
    paths.push(request.url ?? '');
    (handler ?? provider)(request, response);
  };
  const make = (): Server => (options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve));
  let server = make();
  const port = await freePort();
  await listen(server, port);
  const scheme = options.tls === undefined ? 'http' : 'https';
  const issuer = `${scheme}://${options.host ?? '127.0.0.1'}:${String(port)}`;
  let keys: readonly JWK[] = [await makeKey()];
  function setKeys(next: readonly JWK[]): void {
    keys = next;
    provider = makeProvider(issuer, next, options.opaque === true).callback();
  }
  setKeys(keys);
  const post = (path: string, body: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${String(port)}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`keeper:${CLIENT_SECRET}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body,
    });
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    keys: () => keys,
    setKeys,
    token: async () => {
      const answer = await post('/token', 'grant_type=client_credentials&scope=read:hamsters');
      const { access_token } = (await answer.json()) as { access_token?: string };
      if (access_token === undefined) throw new Error(`no token: status ${String(answer.status)}`);
      return access_token;
    },
    revoke: async (token) => {
      const answer = await post('/token/revocation', `token=${encodeURIComponent(token)}`);
      if (answer.status !== 200) throw new Error(`not revoked: status ${String(answer.status)}`);
    },
    misbehave: (next) => {
      handler = next;
    },
    count: (path) => paths.filter((one) => one.endsWith(path)).length,
    stop: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
    start: async () => {
      server = make();
      await listen(server, port);
    },
  };
}
