// Finds rules that are never reached, since an earlier rule matches everything that they match: their order may be wrong.
import type { PatternStep } from '../../policy/path-pattern';
import { coversHost } from '../../request/canonical-host';

/** The requests that a rule matches; an empty list of hosts or methods, and no paths: all of them. */
export interface Reach {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly methods: readonly string[];
  readonly paths: readonly (readonly PatternStep[])[] | undefined;
}

/** The most rules that later ones are compared with: more would take long for a list of thousands. */
const MOST_WIDE = 50;

/** Whether every segment that fits `inner` fits `outer`; neither is `**`. */
function takesStep(outer: PatternStep, inner: PatternStep): boolean {
  if (inner.kind === 'deep') return false;
  if (outer.kind === 'star') return true;
  if (outer.kind === 'name') return inner.kind === 'name' && inner.name === outer.name;
  if (outer.kind === 'deep' || inner.kind === 'star') return false;
  const start = inner.kind === 'name' ? inner.name : inner.prefix;
  const end = inner.kind === 'name' ? inner.name : inner.suffix;
  const isLong = inner.kind === 'glob' || inner.name.length >= outer.prefix.length + outer.suffix.length;
  const tail = end.substring(end.length - outer.suffix.length);
  return isLong && start.substring(0, outer.prefix.length) === outer.prefix && tail === outer.suffix;
}

/** Whether a pattern has `**` at its end and nowhere else. */
function isWide(pattern: readonly PatternStep[]): boolean {
  for (let index = 0; index < pattern.length; index++) {
    const step = pattern[index];
    if (step?.kind === 'deep') return index === pattern.length - 1;
  }
  return false;
}

/** Whether a wide pattern matches every path that another one matches. */
function takesPattern(wide: readonly PatternStep[], inner: readonly PatternStep[]): boolean {
  const fixed = wide.length - 1;
  if (inner.length < fixed) return false;
  for (let index = 0; index < fixed; index++) {
    const outer = wide[index];
    const step = inner[index];
    if (outer === undefined || step === undefined || !takesStep(outer, step)) return false;
  }
  return true;
}

function takesPaths(outer: Reach['paths'], inner: Reach['paths']): boolean {
  if (outer === undefined) return true;
  const patterns = inner === undefined ? [[{ kind: 'deep' } as const]] : inner;
  return patterns.every((pattern) => outer.some((wide) => isWide(wide) && takesPattern(wide, pattern)));
}

function takes(outer: Reach, inner: Reach): boolean {
  const methods =
    outer.methods.length === 0 ||
    (inner.methods.length > 0 && inner.methods.every((method) => outer.methods.indexOf(method) >= 0));
  if (!methods || !takesPaths(outer.paths, inner.paths)) return false;
  if (outer.hosts.length === 0) return true;
  return inner.hosts.length > 0 && inner.hosts.every((host) => outer.hosts.some((one) => coversHost(one, host)));
}

/** Keeps a rule for the comparison with later ones, when it could match everything that one of them matches. */
export function keepReach(kept: Reach[], reach: Reach): void {
  if (kept.length >= MOST_WIDE || (reach.paths !== undefined && !reach.paths.some((pattern) => isWide(pattern))))
    return;
  kept.push(reach);
}

/**
 * An earlier rule that matches everything that this one matches.
 * @param kept earlier rules, the first before others
 * @returns its name; undefined when there is no single such rule, though several together may be one
 */
export function findTaker(kept: readonly Reach[], reach: Reach): string | undefined {
  for (let index = 0; index < kept.length; index++) {
    const earlier = kept[index];
    if (earlier !== undefined && takes(earlier, reach)) return earlier.name;
  }
  return undefined;
}
