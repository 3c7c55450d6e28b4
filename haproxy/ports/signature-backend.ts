// What each way of checking signatures offers; `signatures.ts` puts them together.
import type { AlgorithmName } from '../../src/core/algorithm';
import type { VerificationKey } from '../../src/core/key';
import type { SignatureOutcome, VerifyRequest } from '../../src/ports/signatures';

/**
 * One way of checking signatures: luaossl, HAProxy's converters, plain TypeScript.
 * @noSelf
 */
export interface SignatureBackend {
  /** What an operator is told. */
  readonly name: string;
  readonly algorithms: readonly AlgorithmName[];
  /** Whether it can verify with a key; left out: with every key of its algorithms. */
  serves?(key: VerificationKey): boolean;
  /** Whether a verification takes so long that one which failed is worth remembering; left out: never. */
  isSlow?(key: VerificationKey): boolean;
  /**
   * Makes a key ready before traffic flows, so that no request pays for it.
   * @returns why it cannot be used, in the operator's words; undefined when it can
   */
  prepare(key: VerificationKey): string | undefined;
  /** Lets go of every key that was made ready and is not among these; left out where nothing is kept that could grow. */
  retain?(keys: readonly VerificationKey[]): void;
  /** @param signature the signature's bytes */
  verify(request: VerifyRequest, signature: string): SignatureOutcome;
}
