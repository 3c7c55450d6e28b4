// What this Lua state has done, for the operator: the runtime CLI's `show jwtverify`, and a fetch for health checks.
import type { Reason } from '../src/core/reason';
import { areKeysReady, type Remote } from './key-store';
import type { Service } from './service';

let verified = 0;
/** Counts by reason. */
type Counts = LuaTable<string, number>;
const refusals: Counts = new LuaTable();
const shadows: Counts = new LuaTable();

/** A token was verified and accepted. */
export function countVerified(): void {
  verified += 1;
}

function count(counts: Counts, reason: string): void {
  counts.set(reason, ((counts.get(reason) as number | undefined) ?? 0) + 1);
}

/** A request was refused. */
export function countRefusal(reason: Reason | ''): void {
  count(refusals, reason);
}

/** A request passed that would have been refused, but for shadow mode. */
export function countShadow(reason: Reason): void {
  count(shadows, reason);
}

/** Seconds since a moment, as `12s ago`. */
function since(moment: number, now: number): string {
  return moment === 0 ? 'never' : tostring(now - moment) + 's ago';
}

function describeRemote(remote: Remote, now: number): string {
  const state = remote.state;
  return (
    'keys: ' +
    tostring(state.keys.length) +
    ', revision: ' +
    tostring(state.revision) +
    ', last good fetch: ' +
    since(remote.fetchedAt, now) +
    ', last attempt: ' +
    since(state.attemptedAt, now) +
    ', next: in ' +
    tostring(math.max(0, math.ceil(state.dueAt - now))) +
    's, failures: ' +
    tostring(state.failures) +
    (state.problem === '' ? '' : '\n  problem: ' + state.problem)
  );
}

function describeIssuers(service: Service, now: number): string[] {
  const lines: string[] = [];
  service.keys.judge.settings.issuers.forEach((issuer, index) => {
    const remote = service.keys.remotes.find((candidate) => candidate.issuer === index);
    const count = service.keys.judge.keySets[index]?.keys.length ?? 0;
    lines.push('issuer: ' + issuer.issuer);
    lines.push(
      '  ' + (remote === undefined ? 'keys: ' + tostring(count) + ', configured' : describeRemote(remote, now)),
    );
  });
  return lines;
}

function describeCounts(what: string, counts: Counts): string[] {
  const lines: string[] = [];
  for (const [reason, number] of counts) lines.push(what + ' ' + reason + ': ' + tostring(number));
  lines.sort();
  return lines;
}

/**
 * The answer of `show jwtverify`. It holds no key, no `kid`, no token and no claim.
 * @param now seconds since the epoch
 */
export function describeService(service: Service | undefined, now: number): string {
  if (service === undefined) return 'ready: no\n';
  const { tokens, bounds, hits } = service.memory;
  const lines = [
    'ready: ' + (areKeysReady(service.keys) ? 'yes' : 'no'),
    'lua state: ' + (core.thread === 0 ? 'of all threads' : 'of thread ' + tostring(core.thread)),
    'signatures: ' + service.signatures.summary,
    ...describeIssuers(service, now),
    'cache: ' + tostring(tokens.count()) + ' of ' + tostring(bounds.size) + ' tokens',
    'memory: ' + tostring(math.ceil(collectgarbage('count'))) + ' KB of Lua',
    'accepted from cache: ' + tostring(hits),
    'accepted and verified: ' + tostring(verified),
    ...describeCounts('refused', refusals),
    ...describeCounts('passed in shadow mode', shadows),
  ];
  return lines.join('\n') + '\n';
}

/** Whether tokens of every issuer can be judged. */
export function isReady(service: Service | undefined): boolean {
  return service !== undefined && areKeysReady(service.keys);
}
