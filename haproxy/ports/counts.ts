// Counts of what this Lua state did since it began, for the operator.
import type { Reason } from '../../src/answer/reason';
import type { BrokerEvent } from '../../src/model/broker-event';
import type { LoginEvent } from '../../src/login/login-event';

/**
 * Counts by name. INVARIANT: HAProxy may suspend between any two instructions, so nobody walks with `next` over a table that
 * another request may change: the names are in a list, which one call of C extends. A name may be in it twice.
 */
export interface Counts {
  readonly values: LuaTable<string, number>;
  readonly names: string[];
}

function createCounts(): Counts {
  return { values: new LuaTable(), names: [] };
}

const append = table.insert as unknown as (this: void, list: readonly string[], name: string) => void;

function count(counts: Counts, name: string): void {
  const { values } = counts;
  const before = values.get(name) as number | undefined;
  if (before === undefined) append(counts.names, name);
  values.set(name, (before ?? 0) + 1);
}

/** All counts of this Lua state. */
export const counts = {
  /** Requests that passed without a policy. */
  passed: 0,
  /** By rule, with a policy. */
  allowed: createCounts(),
  /** By reason and rule, a blank between them. */
  refused: createCounts(),
  shadowed: createCounts(),
  /** By result. */
  introspections: createCounts(),
  /** By result and issuer, a blank between them. */
  fetches: createCounts(),
  /** By result. */
  signIns: createCounts(),
  refreshes: createCounts(),
  /** By who ended the session and result, a blank between them. */
  signOuts: createCounts(),
  /** By event and the values of its labels, a blank between two. */
  broker: createCounts(),
  /** New tokens that were verified and accepted. */
  verified: 0,
  /** The cost of signatures that plain TypeScript has checked. */
  plainCost: 0,
};

/** Goes through counts, each name once. */
export function eachCount({ values, names }: Counts, see: (name: string, number: number) => void): void {
  const seen = new LuaTable<string, boolean>();
  for (const place of $range(0, names.length - 1)) {
    const name = names[place];
    if (name === undefined || seen.has(name)) continue;
    seen.set(name, true);
    see(name, values.get(name));
  }
}

/** The first word of a name, and the rest. */
export function splitName(name: string): readonly [first: string, rest: string] {
  const [first, rest] = string.match(name, '^(%S*) (.*)$');
  return [first ?? name, rest ?? ''];
}

/** A request passes by a policy. */
export function countAllowed(rule: string): void {
  count(counts.allowed, rule);
}

/** A request was refused. */
export function countRefusal(reason: Reason | '', rule: string): void {
  count(counts.refused, reason + ' ' + rule);
}

/** A request passed that would have been refused, but for shadow mode. */
export function countShadow(reason: Reason, rule: string): void {
  count(counts.shadowed, reason + ' ' + rule);
}

/** A token was verified and accepted. */
export function countVerified(): void {
  counts.verified += 1;
}

/** An opaque token needed its issuer. */
export function countIntrospection(result: string): void {
  count(counts.introspections, result);
}

/** A browser or an issuer got a reply of login. */
export function countLogin({ kind, labels }: LoginEvent): void {
  count(kind === 'sign_in' ? counts.signIns : counts.signOuts, labels);
}

/** Something happened at the broker. */
export function countBroker(this: void, event: BrokerEvent, labels: string): void {
  count(counts.broker, event + ' ' + labels);
}

/** This state has asked an issuer to refresh a session. */
export function countRefresh(result: string): void {
  count(counts.refreshes, result);
}

/** A fetch of an issuer's keys has ended. */
export function countFetch(issuer: string, isGood: boolean): void {
  count(counts.fetches, (isGood ? 'success ' : 'failure ') + issuer);
}

/** Plain TypeScript checks a signature. */
export function countPlain(cost: number): void {
  counts.plainCost += cost;
}
