// Whether an earlier rule takes all that a later one could: told to the operator, who may have put them the wrong way round.
import type { PatternStep } from './path-pattern';

/** What a rule matches; an empty list of hosts or methods, and no paths: all of them. */
export interface Reach {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly methods: readonly string[];
  readonly paths: readonly (readonly PatternStep[])[] | undefined;
}

/** As many rules are kept to compare later ones with: more would take long for a list of thousands. */
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
    if (step !== undefined && step.kind === 'deep') return index === pattern.length - 1;
  }
  return false;
}

/** Whether a wide pattern takes every path that another one does. */
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

/** `*.a.example` takes `b.a.example` and `*.b.a.example`. */
function takesHost(outer: string, inner: string): boolean {
  if (outer === inner) return true;
  const end = outer.substring(1);
  return outer.charAt(0) === '*' && inner.length > end.length && inner.substring(inner.length - end.length) === end;
}

function takes(outer: Reach, inner: Reach): boolean {
  const methods =
    outer.methods.length === 0 ||
    (inner.methods.length > 0 && inner.methods.every((method) => outer.methods.indexOf(method) >= 0));
  if (!methods || !takesPaths(outer.paths, inner.paths)) return false;
  if (outer.hosts.length === 0) return true;
  return inner.hosts.length > 0 && inner.hosts.every((host) => outer.hosts.some((one) => takesHost(one, host)));
}

/** Keeps a rule for the comparison with later ones, when it could take all of one. */
export function keepReach(kept: Reach[], reach: Reach): void {
  if (kept.length >= MOST_WIDE || (reach.paths !== undefined && !reach.paths.some((pattern) => isWide(pattern))))
    return;
  kept.push(reach);
}

/**
 * An earlier rule that leaves nothing to this one.
 * @param kept earlier rules, the first before others
 * @returns its name; undefined when none was found, which says nothing of several rules together
 */
export function findTaker(kept: readonly Reach[], reach: Reach): string | undefined {
  for (let index = 0; index < kept.length; index++) {
    const earlier = kept[index];
    if (earlier !== undefined && takes(earlier, reach)) return earlier.name;
  }
  return undefined;
}
