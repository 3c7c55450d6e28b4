// What the judge is, and what it asks of a driver.
import type { HttpQuestion } from '../ports/http';
import type { VerifyRequest } from '../ports/signatures';
import type { Text } from '../ports/text';
import type { Algorithm } from './algorithm';
import type { UnverifiedToken } from './compact';
import { refuse, type Decision } from './decision';
import type { HeaderMemory } from './header';
import type { VerificationKey } from './key';
import type { Reason } from './reason';
import type { KeySet, Settings } from './settings';
import type { VerifiedToken } from './verified-token';

/** What stays the same from request to request, until keys change. */
export interface Judge {
  readonly settings: Settings;
  /** The present keys of each issuer, in the order of `settings.issuers`. */
  readonly keySets: readonly KeySet[];
  readonly text: Text;
  /** Left out where nothing lasts from request to request. */
  readonly headers?: HeaderMemory;
}

/** A token and the keys that may verify it; nothing in it is trusted yet. */
export interface Attempts {
  readonly token: UnverifiedToken;
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
  /** Which of the settings' issuers the token must be of. */
  readonly issuer: number;
  readonly candidates: readonly VerificationKey[];
}

/** A token whose signature is being checked. */
export interface Pending extends Attempts {
  /** The check that the driver is asked to perform. */
  readonly request: VerifyRequest;
  /** Which of the candidates it tries. */
  readonly attempt: number;
}

/** What to do next. */
export type Step =
  | { readonly kind: 'refused'; readonly decision: Decision }
  /** The token is good. `judgeVerified` (verified-token.ts) decides; it may be remembered and judged so again. */
  | { readonly kind: 'verified'; readonly verified: VerifiedToken }
  | { readonly kind: 'verify'; readonly pending: Pending }
  /** The token names a key that is not there. The driver may refetch the issuer's keys, wait, and begin once more. */
  | { readonly kind: 'refetch'; readonly issuer: number; readonly otherwise: Decision }
  /** The token is opaque. The driver asks its issuer, and goes on with `resumeIntrospection`. */
  | { readonly kind: 'introspect'; readonly issuer: number; readonly question: HttpQuestion };

/** The last step of a token that is not good. */
export function refused(reason: Reason): Step {
  return { kind: 'refused', decision: refuse(reason) };
}
