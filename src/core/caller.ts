// Who is calling, as a verified token says.
import type { Json } from '../codec/json';

/** Plain data, the same after JSON. Text fields hold no control character and are empty when nothing gave them. */
export interface Caller {
  readonly issuer: string;
  readonly subject: string;
  readonly user: string;
  readonly email: string;
  readonly preferred_username: string;
  readonly client: string;
  readonly scopes: string;
  readonly groups: readonly string[];
  /** Whether the token says that its groups stand elsewhere because they are too many (Entra ID). */
  readonly groupsOverage: boolean;
  readonly roles: readonly string[];
  /** `acr` (OpenID Connect Core 1.0 §2). */
  readonly acr: string;
  /** `auth_time` in seconds since the epoch; -1: not said. */
  readonly authTime: number;
  /** The claims of `Policy.claimPaths`; a JSON null for one that is not there. */
  readonly values: readonly Json[];
}
