// What the judge needs to know, compiled once from the environment or from a policy file.
import type { FetchTimes } from '../keys/key-state';
import type { RemoteKeys } from '../keys/key-url';
import type { AlgorithmName } from './algorithm';
import type { Introspection } from './introspection';
import type { VerificationKey } from './key';
import type { IssuerTerms, Policy } from './policy';
import type { Problem } from './problem';

/** Keys bound to what they may verify. */
export interface KeySet {
  /** False until an issuer's first keys are there. */
  readonly ready: boolean;
  /** Grows whenever the keys change. */
  readonly revision: number;
  readonly keys: readonly VerificationKey[];
  /** What at least one key may verify. */
  readonly algorithms: readonly AlgorithmName[];
  /** What a key would verify if this engine had the algorithm: said aloud, never guessed. */
  readonly unavailable: readonly AlgorithmName[];
}

/** Keys that the configuration holds: files or a secret, read at start. */
export interface StaticKeys {
  readonly kind: 'static';
  readonly keySet: KeySet;
}

/** One issuer whose tokens are accepted. */
export interface IssuerSettings {
  /** Compared exactly with `iss` (RFC 7519 §4.1.1). */
  readonly issuer: string;
  /** Any match passes (RFC 7519 §4.1.3); undefined when the operator wrote `*`. Never empty. */
  readonly audiences: readonly string[] | undefined;
  /** What the operator allows; undefined when the keys decide. */
  readonly allowed: readonly AlgorithmName[] | undefined;
  readonly source: StaticKeys | RemoteKeys;
  /** How the issuer is asked about tokens that are not signed; undefined when it is not. */
  readonly introspection?: Introspection | undefined;
  /** What a policy says of this issuer; undefined without a policy. */
  readonly terms?: IssuerTerms | undefined;
}

/** A key in a file that HAProxy loads by itself, because its configuration names it. */
export interface NativeKey {
  readonly path: string;
  /** As in `PublicKey`. */
  readonly spki: string;
}

/** How many verified tokens are kept, and for how long at the most. */
export interface CacheBounds {
  /** Tokens; 0: none is kept. */
  readonly size: number;
  /** Seconds. */
  readonly age: number;
}

/** Compiled settings: plain data, shared by every request. */
export interface Settings {
  /** Never empty; no issuer stands twice. */
  readonly issuers: readonly IssuerSettings[];
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
}

export type SettingsAnswer =
  | { readonly ok: true; readonly settings: Settings; readonly notices: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };
