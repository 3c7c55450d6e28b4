// The broker: the issuer that this proxy itself is. Plain data.
import type { CookieTerms, OpenIdClient, OwnPages, SealingKey } from './login';
import type { SigningKey } from './signing-key';

/** A document that anybody may read. */
export interface PublicDocument {
  /** Exactly as requests spell it. */
  readonly path: string;
  /** JSON. */
  readonly body: string;
}

/** An OpenID provider with which people sign in. */
export interface BrokerProvider {
  /** In the path of its callback, in tokens, and in what the admin service is asked. */
  readonly name: string;
  /** What its button says. */
  readonly label: string;
  /** Its `keys.login` are those of the broker's cookies. */
  readonly client: OpenIdClient;
  /** The claims that may hold the user's name: the first that a token has counts. */
  readonly userClaims: readonly string[];
  /** The claim that holds the user's tenant; undefined where the provider has no tenants. */
  readonly tenantClaim: string | undefined;
  /** Parameters of the authorization request besides those of OpenID Connect. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** How a token gets to its audience. */
export type BrokerDelivery = 'fragment' | 'form_post' | 'code';

/** Whom tokens are for. */
export interface BrokerAudience {
  /** `aud` of its tokens. */
  readonly name: string;
  /**
   * Where its tokens go: whole URLs without a fragment. The first one, unless a request names another as its `redirect`.
   * Never empty.
   */
  readonly redirects: readonly string[];
  readonly delivery: BrokerDelivery;
  /** The base URL of its admin service, without a slash at its end; undefined where nobody is looked up. */
  readonly admin: string | undefined;
  /** Tenants whose users it takes; undefined: of every tenant that the provider lets in. */
  readonly tenants: readonly string[] | undefined;
  /** Claims of the ID token that its tokens have too. */
  readonly claims: readonly string[];
}

/** The audiences that no list names: each is a host below one domain. */
export interface OtherAudiences {
  /** `shieldoo.example`: tokens for `zoo` go to `https://zoo.shieldoo.example?from=oauth`. */
  readonly domain: string;
  readonly secure: boolean;
  readonly delivery: BrokerDelivery;
  /** A base URL with `{{AUDIENCE}}` in it, or without; undefined where nobody is looked up. */
  readonly admin: string | undefined;
}

/** What seals; the first of each seals, all open. Those of logins are the clients' own. */
export interface BrokerKeys {
  /** A device that waits for a person's word. */
  readonly pairing: readonly SealingKey[];
  /** One-time codes. */
  readonly code: readonly SealingKey[];
}

/** What signs people in and mints their tokens. */
export interface BrokerDesk {
  readonly issuer: string;
  /** The path of `issuer`, in front of all the broker's own. */
  readonly prefix: string;
  readonly signing: SigningKey;
  /** Seconds for which a token counts. */
  readonly lifetime: number;
  /** Never empty. */
  readonly providers: readonly BrokerProvider[];
  readonly audiences: readonly BrokerAudience[];
  /** Undefined: only those of the list are known. */
  readonly others: OtherAudiences | undefined;
  /** Of a request that names none; undefined: it is refused. */
  readonly usual: string | undefined;
  /** The cookies of logins and of pairings; each provider's client has the same. */
  readonly cookie: CookieTerms;
  readonly keys: BrokerKeys;
  /** Undefined: the pages that ship. */
  readonly pages: OwnPages | undefined;
}

export interface Broker {
  /** The key set (RFC 7517 §5) and the discovery document (OpenID Connect Discovery 1.0 §3). */
  readonly documents: readonly PublicDocument[];
  /** Undefined where another program mints the tokens. */
  readonly desk?: BrokerDesk | undefined;
}
