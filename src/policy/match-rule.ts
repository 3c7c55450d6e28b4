// Which rule decides: the first in the file whose host, method and path match.
import type { RuleNode } from '../core/policy';
import type { PolicyTable } from './policy-table';
import type { RequestedResource } from './request-target';
import { deepKey, globKey, nameKey, rootKey, starKey, wholeKey } from './rule-index';

const NO_PAIRS: readonly number[] = [];

/** Comes to a node, if it is there, and to what stands for nothing after it. */
function reach(front: RuleNode[], table: PolicyTable, key: string): void {
  const node = table.node(key);
  if (node !== undefined) enter(front, table, node);
}

function enter(front: RuleNode[], table: PolicyTable, node: RuleNode): void {
  if (node.stays !== true || !isAt(front, node)) front.push(node);
  if (node.deep === true) reach(front, table, deepKey(node.id));
}

/** Whether a request has come to a node already: each place counts once, so that no pattern can make it slow. */
function isAt(front: readonly RuleNode[], node: RuleNode): boolean {
  for (let place = 0; place < front.length; place++) {
    const other = front[place];
    if (other !== undefined && other.id === node.id) return true;
  }
  return false;
}

/** Goes on from every node by one segment. */
function advance(front: readonly RuleNode[], table: PolicyTable, name: string): RuleNode[] {
  const next: RuleNode[] = [];
  for (let place = 0; place < front.length; place++) {
    const node = front[place];
    if (node === undefined) continue;
    if (node.stays === true && !isAt(next, node)) next.push(node);
    reach(next, table, nameKey(node.id, name));
    if (node.star === true) reach(next, table, starKey(node.id));
    const globs = node.globs ?? NO_PAIRS;
    for (let pair = 0; pair + 1 < globs.length; pair += 2) {
      const before = globs[pair] ?? 0;
      const rest = name.length - (globs[pair + 1] ?? 0);
      if (rest >= before) reach(next, table, globKey(node.id, name.substring(0, before), name.substring(rest)));
    }
  }
  return next;
}

/** The earlier of a rule and the first that ends at a node. */
function earlier(first: number, node: RuleNode, method: string): number {
  let best = first;
  if (node.any !== undefined && (best < 0 || node.any < best)) best = node.any;
  if (node.methods === undefined || node.firsts === undefined) return best;
  const place = node.methods.indexOf(method);
  const named = place < 0 ? undefined : node.firsts[place];
  return named !== undefined && (best < 0 || named < best) ? named : best;
}

/** The keys of every host pattern that matches: any, the host, `*.` before each of its parents. */
function listRoots(host: string): readonly string[] {
  const roots = [rootKey('')];
  if (host === '') return roots;
  roots.push(rootKey(host));
  let dot = host.indexOf('.');
  let rest = host;
  while (dot >= 0) {
    rest = rest.substring(dot + 1);
    roots.push(rootKey('*.' + rest));
    dot = rest.indexOf('.');
  }
  return roots;
}

/**
 * Finds the rule that decides.
 * @returns its place among the rules; that of `otherwise` when none matches
 */
export function matchRule(table: PolicyTable, resource: RequestedResource): number {
  let front: RuleNode[] = [];
  const roots = listRoots(resource.host);
  let first = -1;
  for (let place = 0; place < roots.length; place++) {
    const root = roots[place] ?? '';
    const node = table.node(root);
    if (node === undefined) continue;
    enter(front, table, node);
    const whole = node.whole === true ? table.node(wholeKey(root)) : undefined;
    if (whole !== undefined) first = earlier(first, whole, resource.method);
  }
  const segments = resource.segments;
  if (segments !== undefined) {
    for (let place = 0; place < segments.length && front.length > 0; place++) {
      front = advance(front, table, segments[place] ?? '');
    }
    for (let place = 0; place < front.length; place++) {
      const node = front[place];
      if (node !== undefined) first = earlier(first, node, resource.method);
    }
  }
  return first < 0 ? table.otherwise : first;
}
