// The rule index: a trie over hosts and path segments, flat, so that any store of names and values can hold it. Finding
// a rule costs a few look-ups for each segment of the path, with any number of rules.
import type { RuleNode } from '../model/policy';
import type { PatternStep } from './path-pattern';

// INVARIANT: names of segments are not empty and have no slash, so two slashes never begin a name.
const STAR = '//*';
const DEEP = '//**';
const GLOB = '//~';
const WHOLE = '//';
// INVARIANT: other keys begin with a number or `@`.
const USED = '//=';

const NO_NAMES: readonly string[] = [];
const NO_NUMBERS: readonly number[] = [];

/** A node while the index is built. */
interface Draft {
  readonly id: string;
  readonly stays?: true;
  any?: number;
  methods?: readonly string[];
  firsts?: readonly number[];
  star?: true;
  deep?: true;
  unnamed?: true;
  globs?: readonly number[];
  whole?: true;
}

export interface IndexDraft {
  readonly nodes: Record<string, Draft | undefined>;
  count: number;
}

/** The key of a host's root; the host is canonical, `*.` before it for what is below it, empty for any. */
export function rootKey(host: string): string {
  return '@' + host;
}

/** The node at which rules without paths end; a request without a path reads it too. */
export function wholeKey(root: string): string {
  return root + WHOLE;
}

export function nameKey(id: string, name: string): string {
  return id + '/' + name;
}

export function starKey(id: string): string {
  return id + STAR;
}

export function deepKey(id: string): string {
  return id + DEEP;
}

/** Whether some rule has this name right after a `**`. */
export function usedKey(name: string): string {
  return USED + name;
}

export function globKey(id: string, prefix: string, suffix: string): string {
  return id + GLOB + prefix.length.toString() + ',' + suffix.length.toString() + ':' + prefix + '*' + suffix;
}

function grow(index: IndexDraft, key: string, stays: boolean): Draft {
  const known = index.nodes[key];
  if (known !== undefined) return known;
  index.count += 1;
  const id = index.count.toString();
  const made: Draft = stays ? { id, stays, unnamed: true } : { id, unnamed: true };
  index.nodes[key] = made;
  return made;
}

function hasPair(globs: readonly number[], before: number, after: number): boolean {
  for (let place = 0; place + 1 < globs.length; place += 2) {
    if (globs[place] === before && globs[place + 1] === after) return true;
  }
  return false;
}

/** Moves one step from a node to a child, which it creates if need be. */
function stepOn(index: IndexDraft, node: Draft, step: PatternStep): Draft {
  if (step.kind === 'name') {
    delete node.unnamed;
    if (node.stays === true) grow(index, usedKey(step.name), false);
    return grow(index, nameKey(node.id, step.name), false);
  }
  if (step.kind === 'star') {
    node.star = true;
    return grow(index, starKey(node.id), false);
  }
  if (step.kind === 'deep') {
    node.deep = true;
    return grow(index, deepKey(node.id), true);
  }
  const before = step.prefix.length;
  const after = step.suffix.length;
  const globs = node.globs ?? NO_NUMBERS;
  if (!hasPair(globs, before, after)) node.globs = globs.concat([before, after]);
  return grow(index, globKey(node.id, step.prefix, step.suffix), false);
}

/** Ends a rule at a node. @returns whether the rule can decide there: an earlier rule for the same decides first */
function endAt(node: Draft, methods: readonly string[], rule: number): boolean {
  if (node.any !== undefined) return false;
  if (methods.length === 0) {
    node.any = rule;
    return true;
  }
  let decides = false;
  for (let place = 0; place < methods.length; place++) {
    const method = methods[place] ?? '';
    const known = node.methods ?? NO_NAMES;
    if (known.indexOf(method) >= 0) continue;
    node.methods = known.concat([method]);
    node.firsts = (node.firsts ?? NO_NUMBERS).concat([rule]);
    decides = true;
  }
  return decides;
}

/**
 * Adds a rule; rules are added in their order.
 * @param hosts canonical, empty for any
 * @param paths undefined for any, `*` included
 * @param methods empty for any
 * @returns false when an earlier rule with the same hosts, paths and methods leaves it nothing to decide
 */
export function addRule(
  index: IndexDraft,
  rule: number,
  hosts: readonly string[],
  paths: readonly (readonly PatternStep[])[] | undefined,
  methods: readonly string[],
): boolean {
  let decides = false;
  const roots = hosts.length === 0 ? [''] : hosts;
  for (let place = 0; place < roots.length; place++) {
    const root = rootKey(roots[place] ?? '');
    const start = grow(index, root, false);
    if (paths === undefined) {
      start.whole = true;
      if (endAt(grow(index, wholeKey(root), false), methods, rule)) decides = true;
      continue;
    }
    for (let path = 0; path < paths.length; path++) {
      const steps = paths[path] ?? [];
      let node = start;
      for (let step = 0; step < steps.length; step++) {
        const next = steps[step];
        if (next !== undefined) node = stepOn(index, node, next);
      }
      if (endAt(node, methods, rule)) decides = true;
    }
  }
  return decides;
}

/** The finished index; a `RuleNode` has what a draft has. */
export function finishIndex(index: IndexDraft): Readonly<Record<string, RuleNode | undefined>> {
  return index.nodes;
}
