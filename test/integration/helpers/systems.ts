// Other people's systems that a policy replaces or serves, as the tests of both proxies know them: Entra ID behind
// Emissary, Kyma with client credentials, Keycloak, Shieldoo's broker.
import { createServer, type Server } from 'node:http';
import type { JWK } from 'jose';
import type { Reached } from './echo-backend';
import { ISSUERS } from './haproxy-policy-server';
import { AUDIENCE, makeKey, publicPart, signWith } from './issuer-server';
import { keySet, startKeyServer } from './nginx-provider';
import { freePort } from './suite';

const TENANT = '11111111-2222-3333-4444-555555555555';
export const AZ_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/** The issuers of an Entra tenant: of its new tokens, and of its old ones. */
const ENTRA_ISSUERS = [
  `https://login.microsoftonline.com/${TENANT}/v2.0`,
  `https://sts.windows.net/${TENANT}/`,
] as const;

/** What a token of az-CLI claims. */
const CLI = {
  aud: 'api://client-id',
  tid: TENANT,
  appid: AZ_CLI,
  unique_name: 'ann@example.com',
  email: 'ann@example.com',
  groups: ['g2'],
};

export interface Entra {
  readonly policy: object;
  /** Where each issuer's keys are. */
  readonly keyUrls: readonly string[];
  /** A token of the old issuer, and one of the new one without an email. */
  readonly old: string;
  readonly next: string;
  /** Tokens that are refused, with status and reason. */
  readonly refused: readonly (readonly [token: string, status: number, reason: string])[];
  stop(): Promise<void>;
}

/** Both issuers of a tenant, each with its own key. */
export async function startEntra(): Promise<Entra> {
  const [one, two] = [await makeKey('RS256'), await makeKey('RS256')];
  const servers = [await startKeyServer(keySet([publicPart(one)])), await startKeyServer(keySet([publicPart(two)]))];
  const claims = { user: ['unique_name', 'preferred_username', 'sub'], email: ['email', 'sub'] };
  const sign = (key: JWK, issuer: string, changes: object): Promise<string> =>
    signWith(key, issuer, 600, { ...CLI, ...changes }, { typ: 'JWT' });
  const keyUrls = servers.map((server) => `${server.origin}/keys`);
  const withoutEmail = { aud: 'client-id', unique_name: undefined, preferred_username: 'ann', email: undefined };
  return {
    policy: {
      issuers: ENTRA_ISSUERS.map((issuer, index) => ({
        issuer,
        audiences: ['client-id', 'api://client-id'],
        keys: { jwks_url: keyUrls[index] },
        algorithms: ['RS256'],
        claims,
        require: { tid: TENANT },
      })),
      allow_http: true,
      rules: [{ name: 'all', paths: ['/**'], require: { groups: { any: ['g1', 'g2'] } } }],
      forward: { 'X-Auth-Request-User': 'user', 'X-Auth-Request-Email': 'email', 'X-Client': { claim: 'appid' } },
    },
    keyUrls,
    old: await sign(two, ENTRA_ISSUERS[1], {}),
    next: await sign(one, ENTRA_ISSUERS[0], withoutEmail),
    refused: [
      // The other issuer's key, another tenant, outside of the groups, too many of them.
      [await sign(two, ENTRA_ISSUERS[0], {}), 401, 'key_unknown'],
      [await sign(one, ENTRA_ISSUERS[0], { tid: 'other' }), 401, 'required_claim'],
      [await sign(two, ENTRA_ISSUERS[1], { groups: ['g3'] }), 403, 'groups_refused'],
      [
        await sign(two, ENTRA_ISSUERS[1], { groups: undefined, _claim_names: { groups: 'src1' } }),
        403,
        'groups_overage',
      ],
    ],
    stop: async () => {
      for (const server of servers) await server.stop();
    },
  };
}

/** Of a provider by discovery whose machine is `keeper`. */
export function providerPolicy(issuer: string): object {
  return {
    issuers: [{ issuer, audiences: [AUDIENCE], keys: { discovery: true }, types: ['at+jwt'] }],
    allow_http: true,
    jwks_cooldown: 1,
    rules: [{ name: 'read', paths: ['/**'], require: { client: ['keeper'] } }],
    forward: { 'X-Auth-Request-User': 'user', 'X-Auth-Request-Access-Token': 'token' },
  };
}

/** A policy with one fault in each of `BROKEN_PLACES`: the issuer is a variable that nobody has set. */
export const BROKEN_POLICY = {
  issuers: [{ issuer: '', audiences: [], keys: { discovery: true } }],
  ruels: [],
  rules: [{ name: 'a', paths: ['api'] }],
};
export const BROKEN_PLACES = ['#/issuers/0/issuer', '#/issuers/0/audiences', '#/ruels', '#/rules/0/paths/0'] as const;

/** Keycloak's groups and roles. @param issuer without its claims */
export function keycloakPolicy(issuer: object | undefined): object {
  const claims = { roles: { all: ['realm_access.roles', 'resource_access.app.roles'] } };
  return {
    issuers: [{ ...issuer, claims }],
    rules: [
      { name: 'app1', paths: ['/app1/**'] },
      { name: 'app2', paths: ['/app2/**'], require: { groups: { any: ['group2'] } } },
      { name: 'boss', paths: ['/boss'], require: { roles: { all: ['boss', 'editor'] } } },
    ],
  };
}

export const KEYCLOAK_ROLES = {
  realm_access: { roles: ['boss'] },
  resource_access: { app: { roles: ['editor'] } },
};

export interface Broker {
  readonly policy: object;
  readonly keyUrl: string;
  /** A token of a user with these roles, that has no `sub`, `scope` and `nbf`. */
  token(roles: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Shieldoo's broker: its discovery names no authorization endpoint. */
export async function startBroker(): Promise<Broker> {
  const key = await makeKey('RS256', 'kid-1');
  const port = await freePort();
  const origin = `http://127.0.0.1:${String(port)}`;
  const documents: Readonly<Record<string, object>> = {
    '/.well-known/openid-configuration': {
      issuer: origin,
      authorization_endpoint: '',
      jwks_uri: `${origin}/oauth2/v1/certs`,
    },
    '/oauth2/v1/certs': { keys: [publicPart(key)] },
  };
  const server: Server = createServer((request, response) => {
    const document = documents[request.url ?? ''];
    response.writeHead(document === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const claims = { aud: 'admin', upn: 'ann@example.com', sub: undefined, scope: undefined, provider: 'microsoft' };
  return {
    policy: {
      issuers: [{ issuer: origin, audiences: ['admin'], keys: { discovery: true }, claims: { user: ['upn'] } }],
      allow_http: true,
      rules: [{ name: 'users', paths: ['/users'], require: { roles: { any: ['ADMINISTRATOR'] } } }],
      forward: { 'X-User': 'user' },
    },
    keyUrl: `${origin}/oauth2/v1/certs`,
    token: (roles) => signWith(key, origin, 86400, { ...claims, roles }, { typ: 'JWT' }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** The names of the headers by which OAuth2-Proxy names the caller to a backend, as a policy sends them. */
export const FORWARD = {
  'X-Auth-Request-User': 'user',
  'X-Auth-Request-Email': 'email',
  'X-Auth-Request-Groups': 'groups',
  'X-Auth-Request-Preferred-Username': 'preferred_username',
  'X-Auth-Request-Access-Token': 'token',
};

/** A policy by which the backend gets these headers and no token. */
export const FORWARDING = {
  issuers: ISSUERS,
  rules: [
    { name: 'open', paths: ['/open/**'], access: 'public' },
    { name: 'shadow', paths: ['/shadow/**'], mode: 'shadow', require: { scopes: ['never'] } },
    { name: 'read', methods: ['GET'], paths: ['/**'] },
    { name: 'write', paths: ['/**'], require: { scopes: ['write'] } },
  ],
  otherwise: 'deny',
  forward: FORWARD,
  authorization: 'remove',
};

/** The claims of a person whom each of these headers names. */
export const WHO = {
  sub: 'u-1',
  email: 'ann@example.com',
  preferred_username: 'ann',
  groups: ['staff', 'a,b', '100%'],
};

/** Headers by which a client would have another request judged than it sends. */
export const LIES: readonly (readonly [string, string])[] = [
  ...[
    'X-Forwarded-Uri',
    'X-Original-URI',
    'X-Original-URL',
    'X-Forwarded-Path',
    'X-Forwarded-Prefix',
    'X-Auth-Request-Redirect',
  ].map((name) => [name, '/open/x'] as const),
  ['X-Forwarded-Method', 'GET'],
  ['X-Original-Method', 'GET'],
];

/** Every spelling by which some backend would take a client's header for the policy's. */
export const FORGED: readonly (readonly [string, string])[] = [
  'X-Auth-Request-User',
  'x-auth-request-user',
  'X_Auth_Request_User',
  'X-AUTH_REQUEST-USER',
  'X.Auth.Request.User',
  'x-auth-request-email',
  'X-Auth-Request-Groups',
  'x_auth-request_groups',
  'X-Auth-Request-Preferred-Username',
  'X-Auth-Request-Access-Token',
  'X-HTTP-Method-Override',
  'X_HTTP_Method_Override',
  'X-HTTP-Method',
  'X-Method-Override',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Original-Method',
  'X_Original_Method',
  'X-Forwarded-Method',
  'X-Original-URI',
  'X-Original-Path',
  'X-Forwarded-Uri',
  'X-Forwarded-Path',
  'X_Forwarded-Prefix',
  'X-Envoy-Original-Path',
  'X-Waws-Unencoded_Url',
  'SCRIPT_NAME',
  'Script-Name',
  'PATH_INFO',
  'X-Script-Name',
].map((name) => [name, 'FORGED'] as const);

/** The names under which something that the client forged has reached the backend. */
export function forgeries(reached: Reached | undefined): readonly string[] {
  return (reached?.headers ?? []).filter(([, value]) => value.includes('FORGED')).map(([name]) => name);
}
