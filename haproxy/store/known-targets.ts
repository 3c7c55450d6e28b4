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
 * What decides about a request before its token: method and path, and of a policy that names hosts or a target with an
 * authority, as HTTP/2 has it, the Host header too. INVARIANT: a path ends before the first `?` only where the target begins
 * with it; no method has a blank, and no header a line feed.
 * @returns undefined where more decides: what a browser asks with OPTIONS, the metadata document, several hosts
 */
function nameTarget(policy: Policy, facts: RequestFacts): string | undefined {
  const { method, target, hosts } = facts;
  if (method === 'OPTIONS') return undefined;
  const isPath = byte(target, 1) === SLASH;
  if (isPath && policy.metadata !== undefined && target === policy.metadata.path) return undefined;
  const [query] = find(target, '?', 1, true);
  if (hosts.length > 1 || (query !== undefined && !isPath)) return undefined;
  const asked = method + ' ' + (query === undefined ? target : sub(target, 1, query - 1));
  const name = isPath && !policy.usesHosts ? asked : asked + '\n' + (hosts[0] ?? '\n');
  return name.length > LONGEST ? undefined : name;
}

/** The judgement of a request that came before; undefined where it must be judged. */
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
