// Settings, compiled once from the environment or from a policy file.
import type { AlgorithmName } from './algorithm';
import type { Broker } from './broker';
import type { ClientCredentials } from './client-credentials';
import type { VerificationKey } from './key';
import type { EndpointsAnswer, Login } from './login';
import type { IssuerTerms, Policy } from './policy';
import type { Problem } from './problem';
import type { TokenPlace } from './token-place';

/** Keys bound to the algorithms that they may verify. */
export interface KeySet {
  /** False until an issuer's first keys are fetched, and after it has withdrawn all. */
  readonly ready: boolean;
  /** Whether keys do not count because a source's last good answer is too old. */
  readonly isStale?: boolean;
  /** Whether one of several sources has no keys that count now. */
  readonly isPartial?: boolean;
  /** Grows whenever the keys change. */
  readonly revision: number;
  readonly keys: readonly VerificationKey[];
  /** The algorithms that at least one key may verify. */
  readonly algorithms: readonly AlgorithmName[];
  /** The algorithms that a key would verify if this engine had them: these are reported. */
  readonly unavailable: readonly AlgorithmName[];
  /** The endpoints of the issuer that signs browsers in; undefined until its discovery document is there. */
  readonly endpoints?: EndpointsAnswer | undefined;
}

/** Issuers of one form, of which each tenant of a provider has one. */
export interface Tenancy {
  /** The text of `iss` before the tenant. */
  readonly before: string;
  /** The claim that must name the same tenant. */
  readonly claim: string;
  readonly after: string;
  /** Those whose tokens are accepted; undefined when the operator wrote `*`. */
  readonly tenants: readonly string[] | undefined;
}

/** A source of keys that is fetched. */
export interface RemoteKeys {
  readonly kind: 'jwks' | 'discovery';
  readonly url: string;
  /** The `issuer` that the discovery document must have; the configured issuer. */
  readonly issuer: string;
  /** For a pattern of issuers: the document may have the pattern, or be that of one of the tenants. */
  readonly tenancy?: Tenancy | undefined;
  /** Where the document is when `url` answers 404 (RFC 8414 §3); undefined when it is nowhere else. */
  readonly fallback?: string | undefined;
  /** Whether plain `http://` is allowed; only the operator's explicit setting allows it. */
  readonly allowHttp: boolean;
  /** The discovery document gives the endpoints of login too; left out where nobody signs in there. */
  readonly givesEndpoints?: true | undefined;
}

/** An issuer's sources of keys, which count together. */
export interface KeySources {
  /** Keys that the configuration holds: files or secrets, read at start; undefined when it names none. */
  readonly configured: KeySet | undefined;
  readonly remotes: readonly RemoteKeys[];
}

/** How to ask an issuer about its tokens: plain data. */
export interface Introspection {
  readonly url: string;
  /** One for each secret of the client, in the order in which they are tried; never empty (RFC 7662 §2.1). */
  readonly credentials: readonly ClientCredentials[];
  /** The most seconds for which a good answer counts. */
  readonly age: number;
  /** Seconds for which a token that is not active is refused without another question. */
  readonly inactiveAge: number;
}

/** One issuer whose tokens are accepted; or a provider of the broker, of which only ID tokens are, by the broker. */
export interface IssuerSettings {
  /** Compared exactly with `iss` (RFC 7519 §4.1.1); with `tenancy` its pattern, as it was written. */
  readonly issuer: string;
  readonly tenancy?: Tenancy | undefined;
  /**
   * Any match passes (RFC 7519 §4.1.3); undefined when the operator wrote `*`. Empty for a provider of the broker alone:
   * nothing that a request brings of it is accepted.
   */
  readonly audiences: readonly string[] | undefined;
  /** The algorithms that the operator allows; undefined when the keys decide. */
  readonly allowed: readonly AlgorithmName[] | undefined;
  readonly sources: KeySources;
  /** How to ask the issuer about tokens that are not signed; undefined when it is not asked. */
  readonly introspection?: Introspection | undefined;
  /** Where a request may have this issuer's token; undefined where the settings' own `tokenFrom` says it. */
  readonly tokenFrom?: readonly TokenPlace[] | undefined;
  /** The policy's terms for this issuer; undefined without a policy. */
  readonly terms?: IssuerTerms | undefined;
}

/** A key in a file that HAProxy itself loads, because its configuration names it. */
export interface NativeKey {
  readonly path: string;
  /** As in `PublicKey`. */
  readonly spki: string;
}

/** The most verified tokens that are remembered, and the longest time for it. */
export interface CacheBounds {
  /** Tokens; 0: none is remembered. */
  readonly size: number;
  /** Seconds. */
  readonly age: number;
}

/** The times of fetching keys, in seconds. */
export interface FetchTimes {
  /** Between refreshes; also the longest that keys of an issuer that is reachable are out of date. */
  readonly refresh: number;
  /** At least this long between an attempt and a refetch for an unknown `kid`. */
  readonly cooldown: number;
  /** Keys count no longer than this after the last good answer. */
  readonly maxStale: number;
}

/** Compiled settings: plain data, shared by every request. */
export interface Settings {
  /** Never empty; no issuer occurs twice. */
  readonly issuers: readonly IssuerSettings[];
  /** Where a request may have its token; undefined: in its Authorization header alone, as Bearer. */
  readonly tokenFrom?: readonly TokenPlace[] | undefined;
  /** The places to look at, of all issuers; undefined: the Authorization header alone. */
  readonly tokenPlaces?: readonly TokenPlace[] | undefined;
  /** Seconds of tolerance for `exp`, `nbf` and `iat`. */
  readonly clockSkew: number;
  readonly times: FetchTimes;
  readonly cache: CacheBounds;
  /** The path of the deny list; undefined when there is none. */
  readonly denyPath: string | undefined;
  /** The claims that become variables, by the names of these; undefined for all of them. */
  readonly claimVariables: readonly string[] | undefined;
  /** Signatures a second that a Lua state may check in plain TypeScript; 0: it never does. */
  readonly plainBudget: number;
  /** Keys that HAProxy itself may verify with. */
  readonly nativeKeys: readonly NativeKey[];
  /** Undefined without a policy file: then every verified token may do everything. */
  readonly policy?: Policy | undefined;
  /** Undefined where no browser signs in. */
  readonly login?: Login | undefined;
  /** Undefined where this proxy is no issuer itself. */
  readonly broker?: Broker | undefined;
}

export type SettingsAnswer =
  | { readonly ok: true; readonly settings: Settings; readonly notices: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };
