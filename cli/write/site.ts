// What a whole configuration needs to know beside the policy.
import type { Settings } from '../../src/model/settings';

/** Where things are on the proxy, and whom it serves. */
export interface Site {
  readonly settings: Settings;
  /** The variables of the environment that the policy names. */
  readonly variables: readonly string[];
  /** The path of the policy on the proxy. */
  readonly policy: string;
  /** The path of the artifact on the proxy. */
  readonly module: string;
  /** As in `bind` and `listen`, without `*`: a port, or an address with one. */
  readonly listen: string;
  /** Host and port of the backend. */
  readonly backend: string;
}

/** What a configuration says about itself. */
export const HEAD = '# Written by `jwtverify`, from the policy. `jwtverify check` says what of it you may not change.';

/** Whether requests may have their token at a place of a kind. */
export function hasPlace(settings: Settings, kind: 'query' | 'form' | 'cookie'): boolean {
  return settings.tokenPlaces?.some((place) => place.kind === kind) === true;
}

/** Lines of a block, further to the right. */
export const indent = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => (line === '' ? '' : `  ${line}`));

/** A block of nginx's configuration. */
export const block = (head: string, lines: readonly string[]): readonly string[] => [
  `${head} {`,
  ...indent(lines),
  '}',
];
