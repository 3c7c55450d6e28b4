// One check of a request, with what was expected and found.
import type { Reason } from '../../src/answer/reason';

/** `assumed`: counts as passed, since claims were given in place of a token. */
export type CheckOutcome = 'passed' | 'failed' | 'assumed' | 'not reached';

export interface Check {
  readonly check: string;
  readonly outcome: CheckOutcome;
  /** Empty where there is nothing to say. */
  readonly expected: string;
  /** Never a signature or a whole token. */
  readonly found: string;
  /** Of a failure. */
  readonly reason?: Reason | undefined;
}
