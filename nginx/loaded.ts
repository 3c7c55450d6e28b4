// Settings and keys, ready to judge by.
import type { Judge } from '../src/core/flow';
import type { SignatureOutcome, Signatures } from '../src/ports/signatures';
import type { PolicyRules } from './policy-pieces';

/** What a request is judged by. */
export interface Loaded {
  /** Undefined when the settings are broken. */
  readonly judge: Judge | undefined;
  /** The policy's; undefined exactly when there is none. */
  readonly rules: PolicyRules | undefined;
  readonly signatures: Signatures<Promise<SignatureOutcome>>;
  /** What explains a refusal for want of an algorithm, and was not said yet. */
  readonly unsaid: readonly string[];
  /** Empty: nothing may be remembered. */
  readonly epoch: string;
  /** Tokens that a context's own memory holds; 0: nothing is remembered anywhere. */
  readonly cacheSize: number;
  /** Seconds. */
  readonly cacheAge: number;
  /** The deny list's file, a line feed before and after each entry; empty without one. */
  readonly denied: string;
}
