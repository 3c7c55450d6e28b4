// The sections of HAProxy's configuration that have rules for requests.
import { type Acls } from './conditions';
import { isMeddling, readRule, type Rule } from './rules';
import { createMeanings, type Meaning, type Terms } from './terms';
import type { ConfigurationLine } from '../ports/configuration';
import { splitLine, type SplitLine } from '../ports/configuration-line';

/** A line of a section. */
export interface SectionLine {
  readonly place: string;
  readonly line: SplitLine;
  readonly blocks: readonly string[];
}

/** A `frontend`, `backend`, `listen` or `defaults`, or a `fcgi-app`. */
export interface Section {
  readonly kind: string;
  readonly name: string;
  /** The `defaults` that it begins with; undefined when there are none. */
  readonly base: Section | undefined;
  readonly lines: readonly SectionLine[];
  readonly rules: readonly Rule[];
  readonly acls: Acls;
  /** What a literal of its conditions means. */
  readonly meaningOf: (this: void, name: string) => Meaning;
}

export interface Sections {
  readonly all: readonly Section[];
  readonly hidden: readonly HiddenLine[];
}

/**
 * A rule or an `acl` that may be another one. `environment`: its keyword, action or name comes from there. `block`: its section
 * begins in a `.if` block that has ended.
 */
export interface HiddenLine {
  readonly place: string;
  readonly section: Section | undefined;
  readonly cause: 'environment' | 'block';
}

export const PROXIES: readonly string[] = ['frontend', 'backend', 'listen', 'defaults'];
/** Its lines show a backend what a request has. */
export const FCGI_APP = 'fcgi-app';
/** The other words that begin a section, in HAProxy 2.6 to 3.4. */
const OTHERS: readonly string[] = ['global', 'acme', 'cache', 'crt-store', 'http-errors', 'log-forward'].concat([
  'log-profile',
  'mailers',
  'peers',
  'program',
  'resolvers',
  'ring',
  'traces',
  'userlist',
]);

/** The `.if` blocks that a line of HAProxy's preprocessor leaves open. What never changes goes by its own text. */
function enterBlock(blocks: readonly string[], { words }: SplitLine, place: string): readonly string[] {
  const [keyword, condition = ''] = words;
  const [version] = string.match(condition, '^!?version_%l+%([%d.]+%)$');
  if (keyword === '.if') return [...blocks, words.length === 2 && version !== undefined ? version : place];
  const outer = blocks.slice(0, -1);
  if (keyword === '.endif') return outer;
  return keyword === '.elif' || keyword === '.else' ? [...outer, place] : blocks;
}

function readAcls(lines: readonly SectionLine[]): Acls {
  const acls: Acls = new LuaTable();
  for (const { line } of lines) {
    const [keyword, name] = line.words;
    if (keyword !== 'acl' || name === undefined) continue;
    const words = line.words.slice(2);
    const isCertain = line.certain === line.words.length;
    const acl = acls.get(name) ?? { lines: [], meddles: false };
    acl.lines.push({ words, isCertain });
    acl.meddles = acl.meddles || !isCertain || isMeddling(words.join(' '));
    acls.set(name, acl);
  }
  return acls;
}

/** A section as its lines are being read. */
interface Draft {
  readonly words: readonly string[];
  readonly lines: SectionLine[];
}

/** The `defaults` of a section: the named one, or the last one above it. */
function findBase({ words }: Draft, before: readonly Section[]): Section | undefined {
  const from = words.indexOf('from');
  for (let index = before.length - 1; index >= 0; index--) {
    const section = before[index];
    if (section?.kind === 'defaults' && (from < 0 || section.name === words[from + 1])) return section;
  }
  return undefined;
}

function finish(draft: Draft, before: readonly Section[], terms: Terms): Section {
  const { words, lines } = draft;
  const [kind = '', name] = words;
  const acls = readAcls(lines);
  const rules: Rule[] = [];
  for (const { line, place, blocks } of lines)
    if (line.words[0] === 'http-request') rules.push(readRule(acls, line, place, blocks));
  const isNamed = name !== undefined && name !== 'from';
  const isAlone = kind === FCGI_APP || (kind === 'defaults' && !words.includes('from'));
  const base = isAlone ? undefined : findBase(draft, before);
  return { kind, name: isNamed ? name : kind, base, lines, rules, acls, meaningOf: createMeanings(acls, terms) };
}

/** Actions that change the lists that patterns, and the values of maps, come from. */
const LIST_CHANGES: readonly string[] = ['add-acl(', 'del-acl(', 'set-map(', 'del-map('];

function isListChange(words: readonly string[]): boolean {
  return words.some((word) => LIST_CHANGES.includes(string.sub(word, 1, 8)));
}

/**
 * Reads every section, each in its order.
 * @param hasPolicy whether there is a policy, which removes headers
 */
export function readSections(lines: readonly ConfigurationLine[], hasPolicy: boolean): Sections {
  const drafts: Draft[] = [];
  const hidden: { place: string; draft: Draft | undefined; cause: HiddenLine['cause'] }[] = [];
  let draft: Draft | undefined;
  let begun: readonly string[] = [];
  let blocks: readonly string[] = [];
  let changesLists = false;
  for (const { place, text } of lines) {
    const line = splitLine(text);
    const [keyword] = line.words;
    if (keyword === undefined) continue;
    blocks = enterBlock(blocks, line, place);
    if (PROXIES.includes(keyword) || keyword === FCGI_APP) {
      draft = { words: line.words, lines: [] };
      drafts.push(draft);
      begun = blocks;
    } else if (OTHERS.includes(keyword)) {
      draft = undefined;
      begun = blocks;
    } else draft?.lines.push({ place, line, blocks });
    changesLists = changesLists || isListChange(line.words);
    const isRule = keyword === 'http-request' || keyword === 'acl' || line.certain === 0;
    if (!isRule) continue;
    if (line.certain < 2 && line.certain < line.words.length) hidden.push({ place, draft, cause: 'environment' });
    else if (begun.some((block, index) => blocks[index] !== block)) hidden.push({ place, draft, cause: 'block' });
  }
  const all: Section[] = [];
  for (const one of drafts) all.push(finish(one, all, { changesLists, hasPolicy }));
  return {
    all,
    hidden: hidden.map(({ place, draft: one, cause }) => ({
      place,
      cause,
      section: one === undefined ? undefined : all[drafts.indexOf(one)],
    })),
  };
}
