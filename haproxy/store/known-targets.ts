// Targets that were judged before: which rule decides about a method and a path, so that neither is read again.
import { createTwoGenerations, type TwoGenerations } from '../../src/memory/two-generations';
import type { Policy, Rule } from '../../src/model/policy';
import type { TokenTarget } from '../../src/policy/assess';
import type { RequestedResource, RequestFacts } from '../../src/request/request-target';
import { forgetWhenFull } from '../ports/memory-limit';

/** The most targets, the characters of all, and those of one. */
const MOST = 1024;
const CHARACTERS = 65536;
const LONGEST = 256;

const SLASH = 47;
const byte = string.byte;
const find = string.find;
const sub = string.sub;

interface KnownTarget {
  readonly length: number;
  readonly rule: Rule;
  readonly resource: RequestedResource;
}

/** A target out of this memory. */
interface RecalledTarget extends TokenTarget {
  readonly isKnown: true;
}

/** What one policy has judged. */
export type KnownTargets = TwoGenerations<KnownTarget>;

/** An empty memory, which lives as long as the policy does. */
export function createKnownTargets(): KnownTargets {
  const targets = createTwoGenerations<KnownTarget>(MOST, {
    most: CHARACTERS,
    weigh: (known: KnownTarget) => known.length,
  });
  forgetWhenFull(() => {
    targets.clear();
  });
  return targets;
}

/**
 * The method and the path, which decide alone. INVARIANT: a path ends before the first `?`, and no method has a blank.
 * @returns undefined where the host decides too, what a browser asks with OPTIONS, or the whole target
 */
function nameTarget(policy: Policy, facts: RequestFacts): string | undefined {
  const { method, target } = facts;
  if (policy.usesHosts || method === 'OPTIONS' || byte(target, 1) !== SLASH) return undefined;
  if (policy.metadata !== undefined && target === policy.metadata.path) return undefined;
  const [query] = find(target, '?', 1, true);
  const name = method + ' ' + (query === undefined ? target : sub(target, 1, query - 1));
  return name.length > LONGEST ? undefined : name;
}

/** The judgement of a request whose method and path are known; undefined where it must be judged. */
export function findKnown(targets: KnownTargets, policy: Policy, facts: RequestFacts): RecalledTarget | undefined {
  const name = nameTarget(policy, facts);
  const known = name === undefined ? undefined : targets.recall(name);
  if (known === undefined) return undefined;
  return { kind: 'token', rule: known.rule, resource: known.resource, facts, isKnown: true };
}

/** Keeps a judgement. To be called for requests with a good token alone, so that nobody else fills the memory. */
export function keepKnown(targets: KnownTargets, policy: Policy, target: TokenTarget): void {
  if ((target as Partial<RecalledTarget>).isKnown === true) return;
  const name = nameTarget(policy, target.facts);
  if (name === undefined) return;
  targets.remember(name, { length: name.length, rule: target.rule, resource: target.resource });
}
