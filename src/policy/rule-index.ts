// The rule index: a trie over hosts and path segments, flat, so that any store of names and values can hold it. Finding
// a rule costs a few look-ups for each segment of the path, however many rules there are.
import type { RuleNode } from '../core/policy';
import type { PatternStep } from './path-pattern';

// INVARIANT: names of segments are not empty and have no slash in them, so after two slashes stands never a name.
const STAR = '//*';
const DEEP = '//**';
const GLOB = '//~';
const WHOLE = '//';

/** A node while the index is built. */
interface Draft {
  any: number;
  readonly methods: string[];
  readonly firsts: number[];
  star: boolean;
  deep: boolean;
  readonly globs: number[];
}

export interface IndexDraft {
  readonly nodes: Record<string, Draft | undefined>;
}

/** The key of a host's root; the host is canonical, `*.` before it for what is below it, empty for any. */
export function rootKey(host: string): string {
  return '@' + host;
}

/** The node that rules without paths end at, which a request without a path looks at too. */
export function wholeKey(root: string): string {
  return root + WHOLE;
}

export function nameKey(key: string, name: string): string {
  return key + '/' + name;
}

export function starKey(key: string): string {
  return key + STAR;
}

export function deepKey(key: string): string {
  return key + DEEP;
}

export function globKey(key: string, prefix: string, suffix: string): string {
  return key + GLOB + prefix.length.toString() + ',' + suffix.length.toString() + ':' + prefix + '*' + suffix;
}

function grow(index: IndexDraft, key: string): Draft {
  const known = index.nodes[key];
  if (known !== undefined) return known;
  const made: Draft = { any: -1, methods: [], firsts: [], star: false, deep: false, globs: [] };
  index.nodes[key] = made;
  return made;
}

function hasPair(globs: readonly number[], before: number, after: number): boolean {
  for (let place = 0; place + 1 < globs.length; place += 2) {
    if (globs[place] === before && globs[place + 1] === after) return true;
  }
  return false;
}

/** Goes one step on from a node. @returns the key of the child, which is there afterwards */
function stepOn(index: IndexDraft, key: string, step: PatternStep): string {
  const node = grow(index, key);
  if (step.kind === 'name') return nameKey(key, step.name);
  if (step.kind === 'star') {
    node.star = true;
    return starKey(key);
  }
  if (step.kind === 'deep') {
    node.deep = true;
    return deepKey(key);
  }
  const before = step.prefix.length;
  const after = step.suffix.length;
  if (!hasPair(node.globs, before, after)) node.globs.push(before, after);
  return globKey(key, step.prefix, step.suffix);
}

/** Lets a rule end at a node. @returns whether it can decide there: an earlier rule for the same goes before it */
function endAt(index: IndexDraft, key: string, methods: readonly string[], rule: number): boolean {
  const node = grow(index, key);
  if (node.any >= 0) return false;
  if (methods.length === 0) {
    node.any = rule;
    return true;
  }
  let decides = false;
  for (let place = 0; place < methods.length; place++) {
    const method = methods[place] ?? '';
    if (node.methods.indexOf(method) >= 0) continue;
    node.methods.push(method);
    node.firsts.push(rule);
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
    grow(index, root);
    if (paths === undefined) {
      if (endAt(index, wholeKey(root), methods, rule)) decides = true;
      continue;
    }
    for (let path = 0; path < paths.length; path++) {
      const steps = paths[path] ?? [];
      let key = root;
      for (let step = 0; step < steps.length; step++) {
        const next = steps[step];
        if (next === undefined) continue;
        key = stepOn(index, key, next);
        grow(index, key);
      }
      if (endAt(index, key, methods, rule)) decides = true;
    }
  }
  return decides;
}

/** The finished index; a `RuleNode` has what a draft has. */
export function finishIndex(index: IndexDraft): Readonly<Record<string, RuleNode | undefined>> {
  return index.nodes;
}
