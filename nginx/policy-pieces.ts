// A compiled policy in a shared dictionary, one entry for each rule and node of its index: njs starts every request with
// nothing, and would otherwise parse all rules to find one.
import type { Policy, Rule, RuleNode } from '../src/core/policy';
import type { PolicyTable } from '../src/policy/policy-table';
import type { SharedDictionary } from './host';
import type { Wiring } from './wiring';

/** What every request needs of a policy. */
export interface PolicyHead {
  /** Without its rules and nodes. */
  readonly policy: Policy;
  /** What its pieces' names begin with. */
  readonly stamp: string;
  /** The place of the last rule. */
  readonly otherwise: number;
  readonly wiring: Wiring;
}

/** A policy, ready to judge by. */
export interface PolicyRules {
  readonly head: PolicyHead;
  readonly table: PolicyTable;
  /** Whether what `table` said up to now can be believed. */
  isWhole(): boolean;
}

/** Pieces that a context keeps besides the dictionary, so that it holds less than nginx grants it. */
const MAX_KEPT = 2000;

export function firstName(stamp: string): string {
  return 'first:' + stamp;
}

export function lastName(stamp: string): string {
  return 'last:' + stamp;
}

export function nodeName(stamp: string, key: string): string {
  return 'node:' + stamp + key;
}

export function ruleName(stamp: string, place: number): string {
  return 'rule:' + stamp + place.toString();
}

/**
 * Whether all pieces are there. An index with a node missing would let another rule decide.
 * INVARIANT: dictionaries drop what was set longest ago. The first entry is set before all pieces and the last one after
 * them, with the same value, so while both are there nothing between them was dropped.
 */
export function arePiecesWhole(zone: SharedDictionary, stamp: string): boolean {
  const first = zone.get(firstName(stamp));
  return first !== undefined && first === zone.get(lastName(stamp));
}

/** The rules of a policy whose pieces are in the dictionary. @param kept what lasts from request to request */
export function usePieces(
  zone: SharedDictionary,
  head: PolicyHead,
  kept: Record<string, unknown> | undefined,
): PolicyRules {
  let count = kept === undefined ? 0 : Object.keys(kept).length;
  function find(name: string): unknown {
    const known = kept === undefined ? undefined : kept[name];
    if (known !== undefined) return known;
    const source = zone.get(name);
    if (typeof source !== 'string') return undefined;
    const piece = JSON.parse(source) as unknown;
    if (kept !== undefined && count < MAX_KEPT) {
      kept[name] = piece;
      count += 1;
    }
    return piece;
  }
  return {
    head,
    table: {
      node: (key) => find(nodeName(head.stamp, key)) as RuleNode | undefined,
      rule: (place) => find(ruleName(head.stamp, place)) as Rule | undefined,
      otherwise: head.otherwise,
    },
    isWhole: () => arePiecesWhole(zone, head.stamp),
  };
}
