// The settings of login, compiled: plain data that JSON preserves.
import type { ClientCredentials } from './client-credentials';

/** What a sealed text is for: nothing that was sealed for one purpose opens for another. */
export type SealingPurpose = 'session' | 'login' | 'sign_out' | 'pairing' | 'code';

/** A key that seals and opens, derived from one secret of the operator for one purpose and cookie. */
export interface SealingKey {
  /** The beginning of every text that it seals: eight characters of base64url for the format's version and the key. */
  readonly mark: string;
  /** 32 bytes as padded base64. */
  readonly key: string;
}

export type SameSite = 'lax' | 'strict' | 'none';

/** The attributes of the cookies (RFC 6265bis §4.1.2); they are always `HttpOnly`. */
export interface CookieTerms {
  readonly name: string;
  /** Undefined: the host that sets it, alone. */
  readonly domain: string | undefined;
  readonly path: string;
  readonly sameSite: SameSite;
  /** False only where the operator allows plain HTTP. */
  readonly secure: boolean;
}

/** A host that a browser may return to. */
export interface ReturnHost {
  /** Canonical; with a dot before it: every host below it. */
  readonly host: string;
  /** Digits; empty: that of the scheme; `*`: any. */
  readonly port: string;
}

/** The tokens whose claims a session has, in the order in which they count. */
export type ClaimSource = 'id_token' | 'access_token';

/** The keys of the cookies, by purpose; the first of each seals, all open. */
export interface LoginKeys {
  readonly session: readonly SealingKey[];
  readonly login: readonly SealingKey[];
  readonly signOut: readonly SealingKey[];
}

/**
 * What a page load without a session gets: it goes to the issuer, it gets a page with a button, or the refusal that every
 * other request gets.
 */
export type SignIn = 'redirect' | 'page' | 'never';

/** The operator's own pages. */
export interface OwnPages {
  /** HTML with placeholders (src/login/page-template.ts). */
  readonly template: string;
  /** Sources of its styles, as a content security policy has them. */
  readonly styles: readonly string[];
  /** A `data:` URL; undefined without a logo. */
  readonly logo: string | undefined;
}

/** A client of an OpenID provider (OpenID Connect Core 1.0 §1.2): what signs people in there. */
export interface OpenIdClient {
  /** The place of its issuer among the settings' issuers. */
  readonly issuer: number;
  readonly clientId: string;
  /** One for each secret or key of the client, in the order in which they are tried; never empty. */
  readonly credentials: readonly ClientCredentials[];
  /** One space between each; `openid` is among them. */
  readonly scopes: string;
  /** As the issuer knows it; undefined: the request's host with `/callback` under login's prefix. */
  readonly redirectUri: string | undefined;
  readonly cookie: CookieTerms;
  readonly keys: Pick<LoginKeys, 'login'>;
  readonly claimsFrom: readonly ClaimSource[];
  /** Undefined: those of the discovery document. */
  readonly endpoints?: LoginEndpoints | undefined;
}

export interface Login extends OpenIdClient {
  /** Where login's paths begin: `/oauth2`. */
  readonly prefix: string;
  /** Seconds after which a session ends, whatever was refreshed. */
  readonly maxAge: number;
  readonly keys: LoginKeys;
  readonly returnTo: readonly ReturnHost[];
  /** Whether sessions keep the ID token, for sign-out at the issuer. */
  readonly keepsIdToken: boolean;
  /** Whether sessions keep the access token, since a header forwards it. */
  readonly keepsAccessToken: boolean;
  /** Whether the issuer may end sessions by `backchannel_logout`. */
  readonly backChannel: boolean;
  /** For rules that do not say it. */
  readonly signIn: SignIn;
  /** Undefined: the pages that ship. */
  readonly pages?: OwnPages | undefined;
}

/** What the issuer's discovery document says (OpenID Connect Discovery 1.0 §3, RFC 9207 §3). */
export interface LoginEndpoints {
  readonly authorization: string;
  readonly token: string;
  /** Undefined where the issuer has no sign-out of its own (RP-Initiated Logout 1.0 §2.1). */
  readonly endSession: string | undefined;
  /** Whether every answer of the authorization endpoint has `iss`. */
  readonly namesIssuer: boolean;
}

/** The endpoints, or why there are none, in words that follow the document's URL. */
export type EndpointsAnswer =
  { readonly ok: true; readonly endpoints: LoginEndpoints } | { readonly ok: false; readonly problem: string };
