// The work of this Lua state, for the operator: the runtime CLI's `show jwtverify`, and a fetch for health checks.
import { isStale } from '../../src/keys/key-state';
import { VERSION } from '../../src/model/version';
import type { IssuerSettings } from '../../src/model/settings';
import { isAccepted } from '../../src/token/accepted-issuers';
import { counts, eachCount, splitName, type Counts } from '../ports/counts';
import { areKeysReady, type Remote } from '../store/key-store';
import type { Snapshot } from '../store/snapshot';
import { describeInForce } from './in-force';

/** Seconds since a moment, as `12s ago`. */
function since(moment: number, now: number): string {
  return moment === 0 ? 'never' : tostring(now - moment) + 's ago';
}

function describeRemote(remote: Remote, stale: boolean, now: number): string {
  const state = remote.state;
  return (
    'keys: ' +
    tostring(state.keys.length) +
    ', revision: ' +
    tostring(state.revision) +
    ', last good fetch: ' +
    since(state.goodAt, now) +
    (stale ? ' (stale: its keys do not count)' : '') +
    ', last attempt: ' +
    since(state.attemptedAt, now) +
    ', next: in ' +
    tostring(math.max(0, math.ceil(state.dueAt - now))) +
    's, failures: ' +
    tostring(state.failures) +
    (state.problem === '' ? '' : '\n  problem: ' + state.problem)
  );
}

function describeAudiences(issuer: IssuerSettings): string {
  if (!isAccepted(issuer)) return 'none, people sign in there';
  return issuer.audiences?.join(' ') ?? 'any';
}

function describeIssuers(snapshot: Snapshot, now: number): string[] {
  const lines: string[] = [];
  snapshot.keys.trust.settings.issuers.forEach((issuer, index) => {
    const { configured } = issuer.sources;
    const { times } = snapshot.keys.trust.settings;
    lines.push('issuer: ' + issuer.issuer);
    lines.push('  audiences: ' + describeAudiences(issuer));
    if (configured !== undefined) lines.push('  keys: ' + tostring(configured.keys.length) + ', configured');
    for (const remote of snapshot.keys.remotes) {
      if (remote.issuer === index) lines.push('  ' + describeRemote(remote, isStale(remote.state, times, now), now));
    }
  });
  return lines;
}

/** Counts by reason, whatever the rule. */
function describeCounts(what: string, counted: Counts): string[] {
  const sums = new LuaTable<string, number>();
  eachCount(counted, (name, number) => {
    const [reason] = splitName(name);
    sums.set(reason, ((sums.get(reason) as number | undefined) ?? 0) + number);
  });
  const lines: string[] = [];
  for (const [reason, number] of sums) lines.push(what + ' ' + reason + ': ' + tostring(number));
  lines.sort();
  return lines;
}

/** What the broker did: the event, and the values of its labels. */
function describeBroker(): string[] {
  const lines: string[] = [];
  eachCount(counts.broker, (name, number) => lines.push('broker: ' + name + ': ' + tostring(number)));
  lines.sort();
  return lines;
}

/**
 * The answer of `show jwtverify`. It holds no key, no `kid`, no token and no claim.
 * @param now seconds since the epoch
 */
export function describeService(snapshot: Snapshot | undefined, now: number): string {
  const version = 'version: ' + VERSION;
  if (snapshot === undefined) return version + '\nready: no\n';
  const { tokens, bounds, hits } = snapshot.memory;
  const { lane } = snapshot;
  const lines = [
    version,
    'ready: ' + (areKeysReady(snapshot.keys) ? 'yes' : 'no'),
    'lua state: ' + (core.thread === 0 ? 'of all threads' : 'of thread ' + tostring(core.thread)),
    'signatures: ' + snapshot.signatures.summary,
    ...describeIssuers(snapshot, now),
    ...describeInForce(snapshot),
    'cache: ' + tostring(tokens.count()) + ' of ' + tostring(bounds.size) + ' tokens',
    ...(lane === undefined ? [] : ['lane: ' + tostring(lane.count()) + ' of ' + tostring(lane.size) + ' tokens']),
    'memory: ' + tostring(math.ceil(collectgarbage('count'))) + ' KB of Lua',
    'accepted from cache: ' + tostring(hits),
    'accepted and verified: ' + tostring(counts.verified),
    ...describeCounts('refused', counts.refused),
    ...describeCounts('passed in shadow mode', counts.shadowed),
    ...describeBroker(),
  ];
  return lines.join('\n') + '\n';
}

/** Whether tokens of every issuer can be judged. */
export function isReady(snapshot: Snapshot | undefined): boolean {
  return snapshot !== undefined && areKeysReady(snapshot.keys);
}
