// The crypto port: one question, whether a signature is that key's over that input (RFC 7515 §5.2).
import type { AlgorithmName } from '../model/algorithm';
import type { VerificationKey } from '../model/key';

/** Everything a host needs to check one signature. Lengths and alphabet have been checked by the core. */
export interface VerifyRequest {
  readonly algorithm: AlgorithmName;
  readonly key: VerificationKey;
  /** The JWS signing input: the first two segments with the dot between them (RFC 7515 §2). */
  readonly signingInput: string;
  /** The third segment: canonical base64url of a signature of the length that the algorithm and key require. */
  readonly signature: string;
}

/**
 * `unavailable`: this host cannot check it (algorithm not in the engine, library gone). `over_budget`: it could, but has
 * spent the time that it may spend on signatures. Neither is ever an allow.
 */
export type SignatureOutcome = 'valid' | 'invalid' | 'unavailable' | 'over_budget';

/**
 * Signature verification. `Answer` is `SignatureOutcome` on HAProxy and a promise of one on nginx.
 * @noSelf
 */
export interface Signatures<Answer> {
  /** The algorithms that this host can check, with any settings. */
  readonly algorithms: readonly AlgorithmName[];
  verify(request: VerifyRequest): Answer;
}
