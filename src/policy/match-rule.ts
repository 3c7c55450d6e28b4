// Finds the rule that decides: the first in the file whose host, method and path match.
import type { RuleNode } from '../model/policy';
import type { PolicyTable } from './policy-table';
import type { RequestedResource } from '../request/request-target';
import { deepKey, globKey, nameKey, rootKey, starKey, usedKey, wholeKey } from './rule-index';

const NO_PAIRS: readonly number[] = [];

/** The earlier of a rule and the first that ends at a node. */
function earlier(first: number, node: RuleNode, method: string): number {
  let best = first;
  if (node.any !== undefined && (best < 0 || node.any < best)) best = node.any;
  if (node.methods === undefined || node.firsts === undefined) return best;
  const place = node.methods.indexOf(method);
  const named = place < 0 ? undefined : node.firsts[place];
  return named !== undefined && (best < 0 || named < best) ? named : best;
}

/** The nodes that a request has reached, and the first rule that matches whatever follows. */
interface Walk {
  readonly table: PolicyTable;
  readonly method: string;
  front: RuleNode[];
  /** The nodes of `**` among them, once they are many; undefined until then. */
  seen: Record<string, true | undefined> | undefined;
  first: number;
}

/** From this number of places on they are looked up, not searched. */
const MANY = 8;

/** Whether a node of `**` has no children: its rules match whatever follows. */
function isEnd(node: RuleNode): boolean {
  return node.unnamed === true && node.star !== true && node.deep !== true && node.globs === undefined;
}

/** Reaches a node, if it exists, and the node of `**` after it, which may match nothing. */
function reach(walk: Walk, key: string): void {
  const node = walk.table.node(key);
  if (node !== undefined) enter(walk, node);
}

function enter(walk: Walk, node: RuleNode): void {
  if (node.stays !== true) walk.front.push(node);
  else if (isEnd(node)) walk.first = earlier(walk.first, node, walk.method);
  else stay(walk, node);
  if (node.deep === true) reach(walk, deepKey(node.id));
}

/** Reaches a node of `**`, unless it was reached before: each node counts once, so that no pattern makes this slow. */
function stay(walk: Walk, node: RuleNode): void {
  const front = walk.front;
  if (front.length < MANY) {
    if (isAt(front, node)) return;
  } else {
    const seen = walk.seen ?? listStaying(front);
    walk.seen = seen;
    if (seen[node.id] === true) return;
    seen[node.id] = true;
  }
  front.push(node);
}

function listStaying(front: readonly RuleNode[]): Record<string, true | undefined> {
  const seen: Record<string, true | undefined> = {};
  for (let place = 0; place < front.length; place++) {
    const node = front[place];
    if (node?.stays === true) seen[node.id] = true;
  }
  return seen;
}

function isAt(front: readonly RuleNode[], node: RuleNode): boolean {
  for (let place = 0; place < front.length; place++) {
    const other = front[place];
    if (other?.id === node.id) return true;
  }
  return false;
}

/** Moves from every node by one segment. */
function advance(walk: Walk, name: string): void {
  const front = walk.front;
  walk.front = [];
  walk.seen = undefined;
  // One look-up spares one at each of many places.
  const isUsed = front.length < MANY || walk.table.node(usedKey(name)) !== undefined;
  for (let place = 0; place < front.length; place++) {
    const node = front[place];
    if (node === undefined) continue;
    if (node.stays === true) stay(walk, node);
    if (node.unnamed !== true && (node.stays !== true || isUsed)) reach(walk, nameKey(node.id, name));
    if (node.star === true) reach(walk, starKey(node.id));
    const globs = node.globs ?? NO_PAIRS;
    for (let pair = 0; pair + 1 < globs.length; pair += 2) {
      const before = globs[pair] ?? 0;
      const rest = name.length - (globs[pair + 1] ?? 0);
      if (rest >= before) reach(walk, globKey(node.id, name.substring(0, before), name.substring(rest)));
    }
  }
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
  const walk: Walk = { table, method: resource.method, front: [], seen: undefined, first: -1 };
  const segments = resource.segments;
  const roots = listRoots(resource.host);
  for (let place = 0; place < roots.length; place++) {
    const root = roots[place] ?? '';
    const node = table.node(root);
    if (node === undefined) continue;
    // A request for `*` has no path, which only rules without paths match.
    if (segments !== undefined) enter(walk, node);
    const whole = node.whole === true ? table.node(wholeKey(root)) : undefined;
    if (whole !== undefined) walk.first = earlier(walk.first, whole, walk.method);
  }
  if (segments !== undefined) {
    for (let place = 0; place < segments.length && walk.front.length > 0; place++) {
      advance(walk, segments[place] ?? '');
    }
    for (let place = 0; place < walk.front.length; place++) {
      const node = walk.front[place];
      if (node !== undefined) walk.first = earlier(walk.first, node, walk.method);
    }
  }
  return walk.first < 0 ? table.otherwise : walk.first;
}
