// What settings are compiled from, and where problems and notices are gathered, for the environment and for a policy.
import type { AlgorithmName } from '../core/algorithm';
import type { Problem } from '../core/problem';
import type { SettingsSource } from '../ports/host';
import type { Text } from '../ports/text';

/** What the operator calls the settings that messages mention. */
export interface Vocabulary {
  /** The setting that names algorithms. */
  readonly algorithms: string;
  /** The setting that holds or names the shared secret. */
  readonly secret: string;
  /** The setting that names a PEM file. */
  readonly publicKeyFile: string;
}

export interface Compilation {
  readonly source: SettingsSource;
  readonly text: Text;
  /** What the host can check. */
  readonly engine: readonly AlgorithmName[];
  readonly problems: Problem[];
  readonly notices: Problem[];
}

/** The names of the environment. */
export const ENVIRONMENT: Vocabulary = {
  algorithms: 'OAUTH_ALGORITHMS',
  secret: 'OAUTH_HMAC_SECRET',
  publicKeyFile: 'OAUTH_PUBKEY_PATH',
};

/** Notes a problem. @param setting the name that the operator typed, or the place in a policy */
export function report(compilation: Compilation, setting: string, message: string): void {
  compilation.problems.push({ setting, message });
}
