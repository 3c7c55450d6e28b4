// Public rules that open what a later rule protects, for some methods or hosts: the order is seldom meant.
import type { Unwise } from './unwise-issuers';

interface WrittenRule {
  readonly name?: string;
  readonly paths?: readonly string[];
  readonly methods?: readonly string[];
  readonly hosts?: readonly string[];
  readonly access?: string;
}

/** The beginning of all paths of a pattern that ends with `**` and has no other `*`; undefined for any other. */
function prefixOf(pattern: string): string | undefined {
  const prefix = pattern.endsWith('/**') ? pattern.slice(0, -3) : undefined;
  return prefix?.includes('*') === true ? undefined : prefix;
}

/** Whether a public pattern opens a part of a tree that another one names, and a larger one. */
const isOver = (outer: string, inner: string): boolean => {
  const prefix = prefixOf(outer);
  return prefix !== undefined && inner.startsWith(`${prefix}/`) && inner !== outer;
};

/** The words that both lists have; an empty list has all. */
const shared = (one: readonly string[], other: readonly string[]): readonly string[] =>
  one.length === 0 ? other : other.length === 0 ? one : one.filter((word) => other.includes(word));

const meets = (one: readonly string[] = [], other: readonly string[] = []): boolean =>
  one.length === 0 || other.length === 0 || shared(one, other).length > 0;

function describe(open: WrittenRule, kept: WrittenRule): string {
  const methods = shared(open.methods ?? [], kept.methods ?? []);
  const requests = methods.length === 0 ? 'requests' : `${methods.join(', ')} requests`;
  const { name = '' } = open;
  return `${requests} for paths of \`${kept.name ?? ''}\` need no token, since \`${name}\` is public and comes first; put it below`;
}

/** Finds them. @param document the text of a policy without problems */
export function findOpenOrders(document: string): readonly Unwise[] {
  const { rules = [] } = JSON.parse(document) as { readonly rules?: readonly WrittenRule[] };
  return rules.flatMap((open, place) => {
    // Who names neither methods nor hosts takes everything: the proxies themselves say that the later rule never decides.
    const isPart = open.methods !== undefined || open.hosts !== undefined;
    const isPreflight = open.methods?.every((method) => method === 'OPTIONS') === true;
    if (open.access !== 'public' || !isPart || isPreflight) return [];
    const kept = rules
      .slice(place + 1)
      .find(
        (rule) =>
          (rule.access ?? 'token') !== 'public' &&
          rule.access !== 'optional' &&
          meets(open.methods, rule.methods) &&
          meets(open.hosts, rule.hosts) &&
          (rule.paths ?? []).some((inner) => (open.paths ?? ['/**']).some((outer) => isOver(outer, inner))),
      );
    return kept === undefined ? [] : [{ place: `/rules/${String(place)}`, message: describe(open, kept) }];
  });
}
