// The caller that a verified token names.
import type { Json } from '../codec/json';

/** Plain data, the same after JSON. Text fields hold no control character; a missing claim leaves them empty. */
export interface Caller {
  readonly issuer: string;
  readonly subject: string;
  readonly user: string;
  readonly email: string;
  /** Whether the token marks its email as unverified although its issuer's emails must be verified. */
  readonly emailUnverified: boolean;
  readonly preferred_username: string;
  readonly client: string;
  readonly scopes: string;
  readonly groups: readonly string[];
  /** Whether the token leaves out its groups because they are too many (Entra ID). */
  readonly groupsOverage: boolean;
  readonly roles: readonly string[];
  /** `acr` (OpenID Connect Core 1.0 §2). */
  readonly acr: string;
  /** `auth_time` in seconds since the epoch; -1: missing. */
  readonly authTime: number;
  /** The hosts for which tokens of its issuer count (`IssuerTerms.hosts`); undefined for any. */
  readonly hosts?: readonly string[] | undefined;
  /** The claims of `Policy.claimPaths`; a JSON null for a missing one. */
  readonly values: readonly Json[];
}
