// The data that the judge trusts, and the steps that a driver performs for it.
import type { HttpQuestion } from '../ports/http';
import type { VerifyRequest } from '../ports/signatures';
import type { Text } from '../codec/text';
import type { Algorithm } from '../model/algorithm';
import type { UnverifiedToken } from './compact';
import { refuse, type Decision } from '../answer/decision';
import type { HeaderMemory } from './header';
import type { VerificationKey } from '../model/key';
import type { Reason } from '../answer/reason';
import type { KeySet, Settings } from '../model/settings';
import type { VerifiedToken } from './verified-token';

/** The data that stays the same from request to request, until keys change. */
export interface Trust {
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
  /** The place, among the settings' issuers, of the one that must have issued the token. */
  readonly issuer: number;
  readonly candidates: readonly VerificationKey[];
}

/** A token whose signature is being checked. */
export interface Pending extends Attempts {
  /** The check that the driver is asked to perform. */
  readonly request: VerifyRequest;
  /** The place of the candidate that it tries. */
  readonly attempt: number;
}

/** The next step. */
export type Step =
  /** @member detail the log's detail on the refusal, never for a client; undefined where the reason is enough */
  | { readonly kind: 'refused'; readonly decision: Decision; readonly detail?: string | undefined }
  /** The token is good. `judgeVerified` (verified-token.ts) decides; it may be remembered and judged so again. */
  | { readonly kind: 'verified'; readonly verified: VerifiedToken }
  | { readonly kind: 'verify'; readonly pending: Pending }
  /** The token names a missing key. The driver may refetch the issuer's keys, wait, and begin once more. */
  | { readonly kind: 'refetch'; readonly issuer: number; readonly otherwise: Decision }
  /**
   * The token is opaque. The driver asks its issuer, and continues with `resumeIntrospection`.
   * @member questions one for each secret of the client: the next where the issuer rejects the client (client-secret.ts)
   */
  | { readonly kind: 'introspect'; readonly issuer: number; readonly questions: readonly HttpQuestion[] };

/** A question to an issuer about an opaque token (RFC 7662). */
export type IntrospectStep = Extract<Step, { readonly kind: 'introspect' }>;

/** The last step of a token that is not good. */
export function refused(reason: Reason, detail?: string): Step {
  return { kind: 'refused', decision: refuse(reason), detail };
}
