// Which rule decides: the first in the file whose host, method and path match.
import type { RuleNode } from '../core/policy';
import type { PolicyTable } from './policy-table';
import type { RequestedResource } from './request-target';
import { deepKey, globKey, nameKey, rootKey, starKey, wholeKey } from './rule-index';

/** Places in the index that a request has come to, all at once. */
interface Front {
  readonly keys: string[];
  readonly nodes: RuleNode[];
  /** Whether the node stands for `**` and so stays where it is. */
  readonly stays: boolean[];
}

function startFront(): Front {
  return { keys: [], nodes: [], stays: [] };
}

/** Comes to a node, if it is there, and to what stands for nothing after it. */
function reach(front: Front, table: PolicyTable, key: string, stays: boolean): void {
  if (stays && front.keys.indexOf(key) >= 0) return;
  const node = table.node(key);
  if (node === undefined) return;
  front.keys.push(key);
  front.nodes.push(node);
  front.stays.push(stays);
  if (node.deep) reach(front, table, deepKey(key), true);
}

/** Goes on from one node by one segment. */
function goOn(next: Front, table: PolicyTable, key: string, node: RuleNode, name: string): void {
  reach(next, table, nameKey(key, name), false);
  if (node.star) reach(next, table, starKey(key), false);
  for (let place = 0; place + 1 < node.globs.length; place += 2) {
    const before = node.globs[place] ?? 0;
    const after = node.globs[place + 1] ?? 0;
    const rest = name.length - after;
    if (rest >= before) reach(next, table, globKey(key, name.substring(0, before), name.substring(rest)), false);
  }
}

function advance(front: Front, table: PolicyTable, name: string): Front {
  const next = startFront();
  for (let place = 0; place < front.keys.length; place++) {
    const key = front.keys[place];
    const node = front.nodes[place];
    if (key === undefined || node === undefined) continue;
    if (front.stays[place] === true) reach(next, table, key, true);
    goOn(next, table, key, node, name);
  }
  return next;
}

/** The earlier of a rule and the first that ends at a node. */
function earlier(first: number, node: RuleNode, method: string): number {
  let best = first;
  if (node.any >= 0 && (best < 0 || node.any < best)) best = node.any;
  const place = node.methods.indexOf(method);
  const named = place < 0 ? undefined : node.firsts[place];
  return named !== undefined && (best < 0 || named < best) ? named : best;
}

/** The roots of every host pattern that matches: any, the host, `*.` before each of its parents. */
function reachRoots(front: Front, table: PolicyTable, host: string): readonly string[] {
  const roots = [rootKey('')];
  if (host !== '') {
    roots.push(rootKey(host));
    let dot = host.indexOf('.');
    let rest = host;
    while (dot >= 0) {
      rest = rest.substring(dot + 1);
      roots.push(rootKey('*.' + rest));
      dot = rest.indexOf('.');
    }
  }
  for (let place = 0; place < roots.length; place++) reach(front, table, roots[place] ?? '', false);
  return roots;
}

/**
 * Finds the rule that decides.
 * @returns its place among the rules; that of `otherwise` when none matches
 */
export function matchRule(table: PolicyTable, resource: RequestedResource): number {
  let front = startFront();
  const roots = reachRoots(front, table, resource.host);
  let first = -1;
  for (let place = 0; place < roots.length; place++) {
    const whole = table.node(wholeKey(roots[place] ?? ''));
    if (whole !== undefined) first = earlier(first, whole, resource.method);
  }
  const segments = resource.segments;
  if (segments !== undefined) {
    for (let place = 0; place < segments.length && front.keys.length > 0; place++) {
      front = advance(front, table, segments[place] ?? '');
    }
    for (let place = 0; place < front.nodes.length; place++) {
      const node = front.nodes[place];
      if (node !== undefined) first = earlier(first, node, resource.method);
    }
  }
  return first < 0 ? table.otherwise : first;
}
