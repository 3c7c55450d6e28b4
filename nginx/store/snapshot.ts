// Settings and keys, ready to judge by.
import type { Trust } from '../../src/token/flow';
import type { SignatureOutcome, Signatures } from '../../src/ports/signatures';
import type { KeySet, Settings } from '../../src/model/settings';
import type { PolicyRules } from './policy-store';

/** What everything is judged by, as it was found. */
export interface SnapshotParts {
  readonly settings: Settings;
  readonly keySets: readonly KeySet[];
  /** The policy's; undefined without one. */
  readonly rules: PolicyRules | undefined;
}

/** What a request is judged by. */
export interface Snapshot {
  /** Undefined when the settings are broken. */
  readonly trust: Trust | undefined;
  /** The policy's; undefined exactly when there is none. */
  readonly rules: PolicyRules | undefined;
  readonly signatures: Signatures<Promise<SignatureOutcome>>;
  /** The notices that explain a refusal for a missing algorithm, and were not logged yet. */
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
