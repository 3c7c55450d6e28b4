// What is in force, for `show jwtverify`: names and counts, never the value of a secret.
import type { Mode, Rule } from '../../src/model/policy';
import { LANE_SIZE, LANE_SOCKETS, LOGIN_SETTINGS, POLICY, REPLACED } from '../../src/settings/table';
import { environmentSource } from '../ports/environment';
import type { Snapshot } from '../store/snapshot';

/** More names would fill the screen. */
const MOST_NAMES = 8;

function namesIn(rules: readonly Rule[], mode: Mode): string {
  const names = rules.filter((rule) => rule.mode === mode).map(({ name }) => name);
  const more = names.length > MOST_NAMES ? ' and ' + tostring(names.length - MOST_NAMES) + ' more' : '';
  return names.slice(0, MOST_NAMES).join(' ') + more;
}

function describePolicy(snapshot: Snapshot): string[] {
  if (snapshot.rules === undefined) return ['policy: none'];
  const { mode, rules, audit } = snapshot.rules.policy;
  // The last one is `otherwise`.
  const lines = ['policy: ' + tostring(rules.length - 1) + ' rules, mode ' + mode + ', audit ' + (audit ?? 'none')];
  const others = namesIn(rules, mode === 'shadow' ? 'enforce' : 'shadow');
  if (others !== '') lines.push('  ' + (mode === 'shadow' ? 'enforced: ' : 'in shadow mode: ') + others);
  return lines;
}

/** The settings that reach the process, by name. */
function namesSet(): string {
  const names = [POLICY, LANE_SIZE, LANE_SOCKETS, ...REPLACED, ...LOGIN_SETTINGS].map(({ name }) => name);
  return names
    .filter((name) => environmentSource.environment(name) !== undefined)
    .sort()
    .join(' ');
}

/** The lines of `show jwtverify` about the snapshot that judges requests. */
export function describeInForce(snapshot: Snapshot): string[] {
  const { denyPath } = snapshot.keys.trust.settings;
  return [...describePolicy(snapshot), 'deny list: ' + (denyPath ?? 'none'), 'set: ' + namesSet()];
}
