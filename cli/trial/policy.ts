// A policy for trials: the operator's rules and issuers, with throw-away keys beside the keys that it has in files.
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IssuerSettings, Settings } from '../../src/model/settings';
import { failure } from '../desk/failure';
import { settingsOf } from '../desk/settings';
import { THROW_AWAY_ALGORITHMS, type ThrowAwayAlgorithm } from '../write/choices';
import { openThrowAwayKey } from '../write/throw-away-keys';

/** A source of keys as a policy has it. */
type Source = Readonly<Record<string, unknown>>;

interface WrittenIssuer {
  readonly keys?: Source | readonly Source[];
}

interface Written {
  readonly issuers: readonly WrittenIssuer[];
  readonly rules?: readonly object[];
}

/** Sources that need nobody else. */
const LOCAL = ['public_key_file', 'jwks_file', 'secret_file'];
const ENOUGH = 10_000;

export interface TrialPolicy {
  readonly path: string;
  readonly settings: Settings;
  /** The folder of the throw-away keys. */
  readonly keys: string;
}

const isOwn = (source: Source): boolean => LOCAL.some((name) => name in source) || 'secret_env' in source;

/** The algorithm by which a throw-away key signs an issuer's tokens; undefined where its own secret does. */
export function algorithmOf(issuer: IssuerSettings): ThrowAwayAlgorithm | undefined {
  if (issuer.sources.configured?.keys.some(({ kind }) => kind === 'secret') === true) return undefined;
  const allowed = issuer.allowed ?? THROW_AWAY_ALGORITHMS;
  const algorithm = ['ES256', 'EdDSA', 'ES384', 'RS256'].find((name) => allowed.some((one) => one === name));
  if (algorithm === undefined) throw failure(`no throw-away key is for \`algorithms\` of ${issuer.issuer}`);
  return algorithm as ThrowAwayAlgorithm;
}

/** A source with its file beside the policy, where the proxy can read it. */
function moveFile(source: Source, folder: string, root: string, name: string): Source {
  const member = LOCAL.find((one) => one in source);
  if (member === undefined) return source;
  const path = String(source[member]);
  copyFileSync(root === '' ? path : join(root, path), join(folder, name));
  return { ...source, [member]: join(folder, name) };
}

function omit(object: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** What the desk does not judge by: what only the proxy's machine has, and browsers that sign in. */
const LEFT_OUT = [
  'login',
  'broker',
  'deny_path',
  'native_keys',
  'jwks_refresh',
  'jwks_cooldown',
  'jwks_max_stale',
  'allow_http',
];

/**
 * Writes it.
 * @param root where the files are that the policy names; empty: where it says
 */
export function writeTrialPolicy(policy: string, document: string, folder: string, root: string): TrialPolicy {
  const { issuers } = settingsOf(policy, root);
  const written = JSON.parse(document) as Written;
  const keys = join(folder, 'keys');
  const sourcesOf = (issuer: WrittenIssuer, place: number): readonly Source[] => {
    const given = issuer.keys ?? [];
    const own = (Array.isArray(given) ? (given as readonly Source[]) : [given as Source])
      .filter(isOwn)
      .map((source, index) => moveFile(source, folder, root, `key-${String(place)}-${String(index)}`));
    const settings = issuers[place];
    const algorithm = settings === undefined ? undefined : algorithmOf(settings);
    if (algorithm === undefined) return own;
    openThrowAwayKey(keys, algorithm, false);
    return [...own, { jwks_file: join(keys, 'jwks.json') }];
  };
  const trial = {
    ...omit(written, LEFT_OUT),
    plain_budget: ENOUGH,
    issuers: written.issuers.map((issuer, place) => ({
      ...omit(issuer, ['introspection']),
      keys: sourcesOf(issuer, place),
    })),
    ...(written.rules === undefined ? {} : { rules: written.rules.map((rule) => omit(rule, ['sign_in'])) }),
  };
  const path = join(folder, 'policy.json');
  writeFileSync(path, JSON.stringify(trial));
  return { path, settings: settingsOf(path, ''), keys };
}
