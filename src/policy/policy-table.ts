// Looks up rules and the index: in the compiled policy itself, or wherever a host keeps them piece by piece.
import type { Policy, Rule, RuleNode } from '../model/policy';

/**
 * A policy's rules and nodes, one at a time.
 * @noSelf
 */
export interface PolicyTable {
  /** `Policy.nodes[key]`. */
  node(key: string): RuleNode | undefined;
  /** `Policy.rules[place]`. */
  rule(place: number): Rule | undefined;
  /** The place of the last rule, which `otherwise` is. */
  readonly otherwise: number;
}

/** The table of a policy in memory. */
export function createPolicyTable(policy: Policy): PolicyTable {
  const nodes = policy.nodes;
  const rules = policy.rules;
  return { node: (key) => nodes[key], rule: (place) => rules[place], otherwise: rules.length - 1 };
}
