// The interface of each way of checking signatures; `signatures.ts` combines them.
import type { AlgorithmName } from '../../../src/model/algorithm';
import type { VerificationKey } from '../../../src/model/key';
import type { SignatureOutcome, VerifyRequest } from '../../../src/ports/signatures';

/**
 * One way of checking signatures: luaossl, HAProxy's converters, plain TypeScript.
 * @noSelf
 */
export interface SignatureBackend {
  /** The name in the log. */
  readonly name: string;
  readonly algorithms: readonly AlgorithmName[];
  /** Whether it can verify with a key; left out: with every key of its algorithms. */
  serves?(key: VerificationKey): boolean;
  /** Whether a verification takes so long that one which failed is worth remembering; left out: never. */
  isSlow?(key: VerificationKey): boolean;
  /**
   * Makes a key ready before traffic flows, so that no request pays for it.
   * @returns the problem, in the operator's words; undefined for a usable key
   */
  prepare(key: VerificationKey): string | undefined;
  /** Drops every ready key that is not among these; left out where nothing grows. */
  retain?(keys: readonly VerificationKey[]): void;
  /** @param signature the signature's bytes */
  verify(request: VerifyRequest, signature: string): SignatureOutcome;
}
