// The compilation of settings: their source, and the problems and notices so far, for the environment and for a policy.
import type { AlgorithmName } from '../model/algorithm';
import type { Problem } from '../model/problem';
import type { SettingsSource } from '../ports/host';
import type { Text } from '../codec/text';
import { HMAC_SECRET, NAMED_ALGORITHMS, PUBKEY_PATH } from './table';

/** The operator's names for the settings that messages mention. */
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
  /** The algorithms that the host can check. */
  readonly engine: readonly AlgorithmName[];
  readonly problems: Problem[];
  readonly notices: Problem[];
}

/** The names of the environment. */
export const ENVIRONMENT: Vocabulary = {
  algorithms: NAMED_ALGORITHMS.name,
  secret: HMAC_SECRET.name,
  publicKeyFile: PUBKEY_PATH.name,
};

/** Notes a problem. @param setting the name that the operator typed, or the place in a policy */
export function report(compilation: Compilation, setting: string, message: string): void {
  compilation.problems.push({ setting, message });
}
