// Where a frontend sends requests that none of its rules has answered: only authorized ones may reach a backend that does not
// check itself.
import { isOnlyForAllowed } from './checks';
import { readCondition } from './conditions';
import type { Section, SectionLine } from './sections';

/** What follows `http-request` rules and may answer, or choose another backend. */
const FOLLOWS: readonly string[] = ['redirect', 'stats', 'server', 'server-template', 'dispatch'];

/** Whether a `use_backend` line is for authorized requests alone. */
function isForAllowed({ acls, meaningOf }: Section, { line }: SectionLine): boolean {
  const { words, certain } = line;
  if (certain < words.length || words.includes('')) return false;
  const condition = readCondition(acls, words, 2);
  return condition !== undefined && isOnlyForAllowed(meaningOf, condition);
}

/**
 * The one backend that a request reaches which is not authorized.
 * @returns undefined where more than one may be, or where that is not certain
 */
export function findRefuge(section: Section, all: readonly Section[]): Section | undefined {
  if (section.kind !== 'frontend') return undefined;
  let last: string | undefined;
  for (const one of section.lines) {
    const [keyword = '', name] = one.line.words;
    if (FOLLOWS.includes(keyword)) return undefined;
    if (keyword === 'use_backend' && !isForAllowed(section, one)) return undefined;
    if (keyword !== 'default_backend') continue;
    if (last !== undefined || one.blocks.length > 0 || one.line.certain < 2) return undefined;
    last = name;
  }
  return all.find(({ kind, name }) => name === last && (kind === 'backend' || kind === 'listen'));
}

/** What chooses a backend of these, by name or by what a request has. */
const CHOOSES: readonly string[] = ['use_backend', 'default_backend'];

/**
 * Those of some sections that a frontend may send requests to.
 * @param among backends and `listen` sections; any other is left out
 */
export function findTargets({ base, lines }: Section, among: readonly Section[]): readonly Section[] {
  const names: string[] = [];
  let isAny = false;
  for (const { line } of [...(base?.lines ?? []), ...lines]) {
    const [keyword = '', name = ''] = line.words;
    if (!CHOOSES.includes(keyword)) continue;
    isAny = isAny || line.certain < 2 || name.includes('%');
    names.push(name);
  }
  return among.filter(({ kind, name }) => (kind === 'backend' || kind === 'listen') && (isAny || names.includes(name)));
}
