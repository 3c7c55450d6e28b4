// A compiled policy in a shared dictionary, one entry for each rule and node of its index: njs starts every request with
// nothing, and would otherwise parse all rules to find one.
import type { Policy, Rule, RuleNode } from '../../src/model/policy';
import type { PolicyTerms } from '../../src/policy/assess';
import type { PolicyTable } from '../../src/policy/policy-table';
import type { SharedDictionary } from '../njs';
import type { ForwardLines } from '../answer/forward-mark';

/**
 * Where the part that passes leaves each request: `unknown` to the part that verifies, which finds tokens of other places than
 * the Authorization header; `refused` to the part that refuses, which logs decisions.
 */
export type Leaving = 'unknown' | 'refused';

/** The part of a policy that every request needs. */
export interface PolicyHead {
  /** Without its rules and nodes. */
  readonly policy: Policy;
  /** The beginning of its pieces' names. */
  readonly stamp: string;
  /** The place of the last rule. */
  readonly otherwise: number;
  readonly forwardLines: ForwardLines;
  /** Undefined: the part that passes judges requests. */
  readonly leaves?: Leaving;
  /** The name of the cookie of sessions; undefined where nobody signs in. */
  readonly loginCookie?: string;
}

/** The part of a head that lets a request pass. */
export interface PolicyGist {
  readonly policy: PolicyTerms & Pick<Policy, 'tokenHeaders'>;
  readonly stamp: string;
  readonly otherwise: number;
  readonly forwardLines: ForwardLines;
  readonly leaves?: Leaving;
  /** The name of the cookie of sessions; undefined where nobody signs in. */
  readonly loginCookie?: string;
}

/** A policy's rules, and whether their answers can be trusted. */
export type Pieces = Pick<PolicyRules, 'table' | 'writing' | 'isWhole'>;

/** Pieces that a context keeps besides the dictionary. */
export interface KeptPieces {
  readonly nodes: Record<string, unknown>;
  readonly rules: Record<string, unknown>;
  count: number;
}

/** A policy, ready to judge by. */
export interface PolicyRules {
  readonly head: PolicyHead;
  readonly table: PolicyTable;
  /** By which writing the pieces are there. It is asked for before `table`. */
  writing(): unknown;
  /** Whether the answers of `table` since then can be trusted. */
  isWhole(writing: unknown): boolean;
}

/** The most pieces, so that a context stays below nginx's limit. */
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
  return isStillWhole(zone, stamp, zone.get(lastName(stamp)));
}

/**
 * Whether all pieces of a writing have been there since its last entry was read. Every writing has a value of its own, so
 * pieces that were dropped and written again meanwhile do not pass for those that were read.
 */
function isStillWhole(zone: SharedDictionary, stamp: string, writing: unknown): boolean {
  return writing !== undefined && writing === zone.get(firstName(stamp));
}

/** Room for the pieces of one policy. */
export function keepPieces(): KeptPieces {
  return { nodes: {}, rules: {}, count: 0 };
}

function read(zone: SharedDictionary, name: string): unknown {
  const source = zone.get(name);
  return typeof source === 'string' ? (JSON.parse(source) as unknown) : undefined;
}

function keep(kept: KeptPieces, pieces: Record<string, unknown>, name: string, piece: unknown): unknown {
  if (piece !== undefined && kept.count < MAX_KEPT) {
    pieces[name] = piece;
    kept.count += 1;
  }
  return piece;
}

/**
 * The pieces of a policy that are in the dictionary.
 * @param kept the pieces that last from request to request, of this policy alone
 */
export function openPieces(
  zone: SharedDictionary,
  stamp: string,
  otherwise: number,
  kept: KeptPieces | undefined,
): Pieces {
  function node(key: string): unknown {
    if (kept === undefined) return read(zone, nodeName(stamp, key));
    return kept.nodes[key] ?? keep(kept, kept.nodes, key, read(zone, nodeName(stamp, key)));
  }
  function rule(place: number): unknown {
    if (kept === undefined) return read(zone, ruleName(stamp, place));
    return kept.rules[place] ?? keep(kept, kept.rules, place.toString(), read(zone, ruleName(stamp, place)));
  }
  return {
    table: {
      node: (key) => node(key) as RuleNode | undefined,
      rule: (place) => rule(place) as Rule | undefined,
      otherwise,
    },
    writing: () => zone.get(lastName(stamp)),
    isWhole: (writing) => isStillWhole(zone, stamp, writing),
  };
}

/** The rules of a policy whose pieces are in the dictionary. @param kept as in `openPieces` */
export function usePieces(zone: SharedDictionary, head: PolicyHead, kept: KeptPieces | undefined): PolicyRules {
  const pieces = openPieces(zone, head.stamp, head.otherwise, kept);
  return { head, table: pieces.table, writing: pieces.writing, isWhole: pieces.isWhole };
}
