// What the judge needs to know, compiled once from the environment.
import type { AlgorithmName } from './algorithm';
import type { VerificationKey } from './key';
import type { Problem } from './problem';

/** Compiled settings: plain data, shared by every request. */
export interface Settings {
  /** Compared exactly with `iss` (RFC 7519 §4.1.1). */
  readonly issuer: string;
  /** Any match passes (RFC 7519 §4.1.3); undefined when the operator wrote `*`. Never empty. */
  readonly audiences: readonly string[] | undefined;
  readonly keys: readonly VerificationKey[];
  /** What at least one key may verify. */
  readonly algorithms: readonly AlgorithmName[];
  /** What a configured key would verify if this engine had the algorithm: said aloud, never guessed. */
  readonly unavailable: readonly AlgorithmName[];
  /** Seconds of tolerance for `exp`, `nbf` and `iat`. */
  readonly clockSkew: number;
}

export type SettingsAnswer =
  | { readonly ok: true; readonly settings: Settings; readonly notices: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };
