// Two real OpenID providers for the broker: one of many tenants with Microsoft's claims and addresses, one with Google's claims.
import { decodeJwt } from 'jose';
import type { Handler } from './issuer-server';
import type { Account } from './login-configuration';
import { capture, startLoginProvider, type LoginProvider, type LoginProviderOptions } from './login-provider';
import { sign } from './login-tokens';

/** The tenant that the broker knows, one more that it knows, and a strange one. */
export const TENANT = '5f0c0001-4d6a-4f0e-9d5b-6f1d2a3b4c5d';
export const SECOND_TENANT = '5f0c0002-4d6a-4f0e-9d5b-6f1d2a3b4c5d';
export const STRANGE_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

const account = (name: string, claims: Account['claims']): readonly [string, Account] => [
  name,
  { password: name, claims },
];

/** A user as Entra ID has them; `changes` with `undefined` removes a claim. */
export function microsoftUser(name: string, tenant = TENANT, changes: Account['claims'] = {}): Account {
  const claims = { tid: tenant, oid: `oid-of-${name}`, name: `${name} of Contoso` };
  return { password: name, claims: { ...claims, preferred_username: `${name}@contoso.example`, ...changes } };
}

/** `ann` has no `upn`, `bob` has one, `sue` is of the second tenant, `guest` of a strange one. */
const MICROSOFT = new Map([
  ['ann', microsoftUser('ann')],
  ['bob', microsoftUser('bob', TENANT, { upn: 'bob@corp.contoso.example' })],
  ['sue', microsoftUser('sue', SECOND_TENANT)],
  ['guest', microsoftUser('guest', STRANGE_TENANT)],
]);

/** The provider has not verified the email of `una`. */
const GOOGLE = new Map([
  account('gus', { email: 'gus@gmail.example', email_verified: true, name: 'Gus of Google' }),
  account('una', { email: 'una@gmail.example', email_verified: false, name: 'Una of Google' }),
]);

const ADDRESS = /^\/([^/?]+)\/v2\.0(\/.*)$/;
/** In the place of a tenant: those who sign in may be of any. */
const ANY = ['organizations', 'common'];

const withoutIssuer = (location: string): string => {
  if (!URL.canParse(location) || !location.includes('iss=')) return location;
  const url = new URL(location);
  url.searchParams.delete('iss');
  return url.href;
};

/** Entra ID names no issuer in its answers (RFC 9207): neither in an address nor in a form. */
function nameNoIssuer(response: Parameters<Handler>[1]): void {
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) =>
    set(name, name.toLowerCase() === 'location' && typeof value === 'string' ? withoutIssuer(value) : value);
  capture(response, (body) => Promise.resolve(body.replaceAll(/<input [^>]*name="iss"[^>]*>/g, '')));
}

/** The discovery document of a tenant, or of any, for which the issuer is a pattern. */
const documentFor =
  (origin: string, tenant: string) =>
  (body: string): Promise<string> => {
    const document = JSON.parse(body) as Record<string, unknown>;
    document['issuer'] = `${origin}/${ANY.includes(tenant) ? '{tenantid}' : tenant}/v2.0`;
    delete document['authorization_response_iss_parameter_supported'];
    return Promise.resolve(JSON.stringify(document));
  };

export interface MicrosoftProvider extends LoginProvider {
  /** `http://127.0.0.1:PORT`, without a tenant. */
  readonly origin: string;
  /** `http://127.0.0.1:PORT/{tid}/v2.0`. */
  readonly pattern: string;
  /** The tenants, `organizations` or `common` in whose address an authorization was asked for, in order. */
  readonly asked: readonly string[];
}

/** Starts a provider of many tenants: the ID token has the issuer of its user's `tid`. */
export async function startMicrosoft(options: LoginProviderOptions = {}): Promise<MicrosoftProvider> {
  const asked: string[] = [];
  const prepare: Handler = (request, response) => {
    const url = request.url ?? '';
    const [, tenant = '', rest] = ADDRESS.exec(url) ?? [];
    if (rest === undefined) return;
    // The provider finds its own addresses from these two, as below a router.
    Object.assign(request, { originalUrl: url, url: rest });
    if (rest.startsWith('/.well-known/')) capture(response, documentFor(origin, tenant));
    if (!rest.startsWith('/auth')) return;
    if (!rest.startsWith('/auth/')) asked.push(tenant);
    nameNoIssuer(response);
  };
  const provider = await startLoginProvider({
    path: `/${TENANT}/v2.0`,
    callback: '/callback/microsoft',
    accounts: MICROSOFT,
    claims: { openid: ['sub', 'tid', 'oid'], profile: ['name', 'preferred_username', 'upn'], email: ['email'] },
    prepare,
    ...options,
  });
  const { origin } = new URL(provider.issuer);
  const rewrite: LoginProvider['rewrite'] = (change) => {
    provider.rewrite(async (tokens, form) => {
      const token = tokens['id_token'];
      if (typeof token === 'string') {
        const claims = decodeJwt(token);
        const iss = `${origin}/${String(claims['tid'])}/v2.0`;
        tokens['id_token'] = await sign(provider.keys[0], { ...claims, iss });
      }
      await change?.(tokens, form);
    });
  };
  rewrite(undefined);
  return { ...provider, origin, pattern: `${origin}/{tid}/v2.0`, asked, rewrite };
}

/** Starts a provider that knows people by their email. */
export function startGoogle(options: LoginProviderOptions = {}): Promise<LoginProvider> {
  return startLoginProvider({
    callback: '/callback/google',
    accounts: GOOGLE,
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    ...options,
  });
}
