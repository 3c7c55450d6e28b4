// What a proxy's configuration for a trial needs to know.
import type { Settings } from '../../src/model/settings';

export interface TrialSite {
  readonly settings: Settings;
  /** Paths, all but the module's in the trial's own folder. */
  readonly policy: string;
  readonly module: string;
  readonly folder: string;
  readonly socket: string;
  readonly backend: string;
  /** Variables of the environment that the policy names. */
  readonly variables: readonly string[];
}

/** A path that answers with the proxy's own time, in `x-trial-clock`. */
export const CLOCK = '/.jwtverify-trial-clock';

/** What the answer says of the decision, in headers `x-trial-NAME`. */
export const SHOWN = ['status', 'reason', 'rule', 'shadow'] as const;
