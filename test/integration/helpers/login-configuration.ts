// The real OpenID provider as a login provider: its users, its one client, what its tokens have, and how long they last.
import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { interactionPolicy } from 'oidc-provider';

export const CLIENT_ID = 'gateway';
export const CLIENT_SECRET = 'secret-of-the-gateway:%+/&=';
/** The audience of access tokens. */
export const API = 'https://api.example';
export const SCOPES = 'openid profile email groups';

/** What is known of a user beside the subject, which is the user's name. */
export interface Account {
  readonly password: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Users as Keycloak has them: groups, and the same as roles of the realm. */
export function account(name: string, groups: readonly string[]): Account {
  const claims = {
    name: `${name} of the zoo`,
    preferred_username: name,
    email: `${name}@zoo.example`,
    email_verified: true,
    groups,
    realm_access: { roles: groups },
  };
  return { password: name, claims };
}

export interface Lifetimes {
  /** Seconds for which an access token is good. */
  access: number;
}

export interface ConfigurationOptions {
  readonly keys: readonly JWK[];
  readonly accounts: ReadonlyMap<string, Account>;
  readonly lifetimes: Lifetimes;
  /** Where applications are: `https://app.example`. */
  readonly origins: readonly string[];
  /** Where logout tokens go. */
  readonly backChannel: string | undefined;
  readonly method: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  /** The public keys by which the provider knows the client. */
  readonly clientKeys?: readonly JWK[] | undefined;
  /** Whether the client's assertions must be for the issuer alone, as FAPI 2.0 wants it. */
  readonly wantsItself?: boolean | undefined;
  /** Where the application takes the provider's answers; `/oauth2/callback` when left out. */
  readonly callback?: string | undefined;
  /** The claims of each scope in place of the zoo's. */
  readonly claims?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The path of the issuer. */
  readonly path?: string | undefined;
}

/** What the configuration uses of the provider's own objects. */
interface Context {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly account: { readonly accountId: string };
    readonly session: { grantIdFor(client: string): string | undefined };
    readonly provider: { readonly Grant: GrantType };
  };
}
interface Grant {
  addOIDCScope(scope: string): void;
  addResourceScope(resource: string, scope: string): void;
  save(): Promise<string>;
}
interface GrantType {
  new (of: { readonly clientId: string; readonly accountId: string }): Grant;
  find(id: string): Promise<Grant | undefined>;
}

/** Nobody is asked for consent. */
async function loadGrant({ oidc }: Context): Promise<Grant> {
  const id = oidc.session.grantIdFor(oidc.client.clientId);
  const known = id === undefined ? undefined : await oidc.provider.Grant.find(id);
  if (known !== undefined) return known;
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.account.accountId });
  grant.addOIDCScope(SCOPES);
  grant.addResourceScope(API, 'read');
  await grant.save();
  return grant;
}

function clientOf(options: ConfigurationOptions): object {
  return {
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: options.origins.map((origin) => `${origin}${options.callback ?? '/oauth2/callback'}`),
    post_logout_redirect_uris: options.origins.map((origin) => `${origin}/`),
    token_endpoint_auth_method: options.method,
    ...(options.clientKeys === undefined ? {} : { jwks: { keys: options.clientKeys } }),
    id_token_signed_response_alg: options.keys[0]?.alg ?? 'RS256',
    ...(options.backChannel === undefined
      ? {}
      : { backchannel_logout_uri: options.backChannel, backchannel_logout_session_required: true }),
  };
}

/** RFC 6749 §5.2: the client is not known. */
class InvalidClient extends Error {
  readonly error = 'invalid_client';
  readonly error_description = 'client authentication failed';
  readonly status = 401;
  readonly statusCode = 401;
  readonly expose = true;
}

/** Refuses an assertion that is for the token endpoint. */
async function refuseOthers(
  context: { readonly oidc: { readonly issuer: string } },
  claims: { readonly aud?: unknown },
): Promise<void> {
  if (claims.aud !== context.oidc.issuer) return Promise.reject(new InvalidClient());
  return Promise.resolve();
}

/** A page with a form that its user sends. */
const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`;

const CLAIMS = {
  openid: ['sub'],
  profile: ['name', 'preferred_username'],
  email: ['email', 'email_verified'],
  groups: ['groups', 'realm_access'],
};

/** What a person is asked for: who signs in, too, where the application wants that (OpenID Connect Core 1.0 §3.1.2.1). */
function prompts(): object {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  return policy;
}

/** What oidc-provider is configured with. */
export function configure(options: ConfigurationOptions): object {
  return {
    clients: [clientOf(options)],
    scopes: SCOPES.split(' '),
    claims: options.claims ?? CLAIMS,
    // ID tokens have the claims themselves, as Keycloak's have.
    conformIdTokenClaims: false,
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...options.accounts.get(id)?.claims }),
    }),
    extraTokenClaims: (_: unknown, token: { readonly accountId?: string }) =>
      options.accounts.get(token.accountId ?? '')?.claims,
    loadExistingGrant: loadGrant,
    // It sends logout tokens to this machine too.
    fetch: (url: string, { method, headers, body }: RequestInit) =>
      fetch(url, {
        ...(method === undefined ? {} : { method }),
        ...(headers === undefined ? {} : { headers }),
        body: body ?? null,
      }),
    ...(options.wantsItself === true ? { assertJwtClientAuthClaimsAndHeader: refuseOthers } : {}),
    enableHttpPostMethods: true,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    jwks: { keys: [...options.keys] },
    // Another site's form can end the session there, as at the providers that people use.
    cookies: { keys: [randomUUID()], long: { httpOnly: true, sameSite: 'none' } },
    interactions: {
      url: (_: unknown, { uid }: { readonly uid: string }) => `${options.path ?? ''}/interaction/${uid}`,
      policy: prompts(),
    },
    ttl: {
      AccessToken: () => options.lifetimes.access,
      RefreshToken: 3600,
      IdToken: 600,
      Session: 3600,
      Grant: 3600,
      Interaction: 600,
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: { body: string }, form: string) => {
          const button = '<button form="op.logoutForm" type="submit" name="logout" value="yes">Sign out</button>';
          context.body = page('Sign out of the zoo?', form + button);
        },
        postLogoutSuccessSource: (context: { body: string }) => {
          context.body = page('Signed out of the zoo', '');
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => API,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience: API,
          scope: 'read',
          accessTokenFormat: 'jwt',
          accessTokenTTL: options.lifetimes.access,
          jwt: { sign: { alg: options.keys[0]?.alg ?? 'RS256' } },
        }),
      },
    },
  };
}
