// HAProxy's own `jwt_verify`, and the rules beside it that compare algorithm, issuer, audience and times, as one action of jwtverify.
import { wordsInBraces } from '../../haproxy/operate/conditions';
import type { Rule } from '../../haproxy/operate/rules';
import type { Section } from '../../haproxy/operate/sections';
import { splitLine } from '../../haproxy/ports/configuration-line';
import {
  editText,
  indentOf,
  lineOf,
  withoutCondition,
  wordsAt,
  type Edits,
  type HaproxyText,
} from '../desk/haproxy-text';
import { readDefinitions, readGuard, readTokenValue, type Definitions, type Guard } from '../desk/haproxy-tokens';
import { noteSkew, writeLoad, writeSetting } from './haproxy-settings-lines';
import type { MigrationOptions, Note } from './migration';

/** A rule that refuses, and why: each part refuses by itself. */
interface Refusal {
  readonly line: number;
  readonly guards: readonly Guard[];
  /** Whether jwtverify does all that it does. */
  readonly isWhole: boolean;
}

/** What a section's rules say of tokens. */
interface Found {
  readonly section: Section;
  readonly refusals: readonly Refusal[];
  readonly keys: readonly string[];
  readonly issuers: readonly string[];
  /** Undefined where no rule compares them. */
  readonly audiences: readonly string[] | undefined;
  readonly algorithms: readonly string[] | undefined;
}

type Agreed = Omit<Found, 'section' | 'refusals'>;

/** What a rule refuses that has no token like this; undefined for any other rule. */
function readRefusal(section: Section, rule: Rule, definitions: Definitions): Refusal | undefined {
  const { kind, condition, blocks, place } = rule;
  if (kind !== 'refuse' || condition?.kind !== 'any' || blocks.length > 0) return undefined;
  const parts = condition.suites.map((suite) => {
    const [literal] = suite;
    if (literal === undefined || suite.length > 1) return undefined;
    const acl = section.acls.get(literal.name)?.lines;
    const named = acl?.length === 1 && acl[0]?.isCertain === true ? acl[0].words : undefined;
    const words = wordsInBraces(literal.name) ?? named;
    return words === undefined ? undefined : readGuard(words, literal.isNegated, definitions);
  });
  const guards = parts.flatMap((guard) => (guard === undefined ? [] : [guard]));
  return guards.length === 0 ? undefined : { line: lineOf(place), guards, isWhole: guards.length === parts.length };
}

/** Values that every list has; undefined without a list. */
function shared(lists: readonly (readonly string[])[]): readonly string[] | undefined {
  const [first, ...others] = lists;
  return first?.filter((value) => others.every((list) => list.includes(value)));
}

function readSection(section: Section, definitions: Definitions): Found {
  const refusals = section.rules.flatMap((rule) => readRefusal(section, rule, definitions) ?? []);
  const guards = refusals.flatMap((refusal) => refusal.guards);
  const listsOf = (kind: 'algorithm' | 'issuer' | 'audience'): readonly (readonly string[])[] =>
    guards.flatMap((guard) => (guard.kind === kind ? [guard.values] : []));
  const fixed = guards.flatMap((guard) =>
    guard.kind === 'signature' && /^[A-Z]{2}\d{3}$/.test(guard.algorithm) ? [[guard.algorithm]] : [],
  );
  return {
    section,
    refusals,
    keys: [...new Set(guards.flatMap((guard) => (guard.kind === 'signature' ? [guard.key] : [])))],
    issuers: shared(listsOf('issuer')) ?? [],
    audiences: shared(listsOf('audience')),
    algorithms: shared([...listsOf('algorithm'), ...fixed]),
  };
}

const isPath = (key: string): boolean => key.startsWith('/') || /\.(?:pem|crt|cert|key|pub)$/.test(key);
const isVariable = (key: string): boolean => /^(?:txn|req|res|sess|proc)\./.test(key);

/** Why the sections have no equal; undefined where they have one. */
function findObstacle(found: readonly Found[], issuers: readonly string[]): string | undefined {
  const [first] = found;
  const demands = found.map((one) => JSON.stringify([one.keys, one.issuers, one.audiences, one.algorithms]));
  if (first === undefined) return 'no rule refuses every request without such a token';
  if (new Set(demands).size > 1)
    return 'sections require different keys, issuers or audiences; write a policy whose rules have `hosts`';
  if (first.audiences?.length === 0 || first.algorithms?.length === 0)
    return 'rules require what no token has at once, two audiences or two algorithms';
  if (first.keys.length > 1) return 'there are several keys; write a policy with an issuer for each';
  if (isVariable(first.keys[0] ?? ''))
    return 'the key is a variable; write a policy, where `kid` chooses among the keys of an issuer';
  if (issuers.length > 1) return 'there are several issuers; write a policy with each of them';
  if (issuers.length === 0) return 'no rule compares the issuer, and jwtverify always does; name it with --issuer';
  return undefined;
}

/** Rules of which none lets a request out. */
const isQuiet = ({ kind }: Rule): boolean => kind === 'harmless' || kind === 'refuse';

/** Puts the action where the signature was checked, and removes what it does by itself. */
function editSection({ section, refusals, algorithms }: Found, lines: readonly string[], edits: Edits): void {
  const at = refusals.find(({ guards }) => guards.some(({ kind }) => kind === 'signature'));
  if (at === undefined) return;
  const place = section.rules.findIndex((rule) => lineOf(rule.place) === at.line);
  // A key has one type, and jwtverify refuses to start with an algorithm of another: a list stays a rule.
  const isListed = (guards: readonly Guard[]): boolean =>
    algorithms !== undefined && algorithms.length > 1 && guards.some(({ kind }) => kind === 'algorithm');
  for (const { line, isWhole, guards } of refusals) {
    if (isListed(guards)) continue;
    const own = section.rules.findIndex((rule) => lineOf(rule.place) === line);
    if (isWhole && (own >= place || section.rules.slice(own, place).every(isQuiet))) edits.set(line, []);
  }
  const old = lines[at.line - 1] ?? '';
  const words = wordsAt(lines, at.line);
  const end = words.findIndex((word, index) => index > 1 && (word === 'if' || word === 'unless'));
  const check = `${withoutCondition(old, end)} unless { var(txn.authorized) -m bool }`;
  edits.set(at.line, [`${indentOf(old)}http-request lua.jwtverify`, check, ...(at.isWhole ? [] : [old])]);
}

const escapeText = (text: string): string => text.replaceAll(/[.\\]/g, '\\$&');

/** Removes `set-var` and `acl` lines about tokens that no line needs any more. */
function removeUnused({ lines }: HaproxyText, definitions: Definitions, edits: Edits): void {
  const left = (): readonly (readonly [number: number, words: readonly string[]])[] =>
    lines.flatMap((line, index) =>
      (edits.get(index + 1) ?? [line]).map((one) => [index + 1, splitLine(one).words] as const),
    );
  for (;;) {
    const all = left();
    const isUnused = (number: number, name: string): boolean => {
      const use = new RegExp(`(?<![\\w.-])${escapeText(name)}(?![\\w.-])`);
      return !all.some(([other, words]) => other !== number && use.test(words.join(' ')));
    };
    const unused = all.find(([number, words]) => {
      const [keyword, action = ''] = words;
      const name = keyword === 'acl' ? action : /^set-var\(([\w.]+)\)$/.exec(action)?.[1];
      const isRule = keyword === 'acl' || keyword === 'http-request';
      if (name === undefined || !isRule || edits.has(number)) return false;
      return readTokenValue(words[2] ?? '', definitions) !== undefined && isUnused(number, name);
    });
    if (unused === undefined) return;
    edits.set(unused[0], []);
  }
}

function writeSettings(agreed: Agreed, issuer: string, options: MigrationOptions, notes: Note[]): readonly string[] {
  const [key = ''] = agreed.keys;
  const translated = (option: string, words: string): number => notes.push({ kind: 'translated', option, words });
  const given = options.audiences.length > 0 ? options.audiences : undefined;
  const audiences = agreed.audiences ?? given ?? ['*'];
  if (agreed.audiences === undefined && given === undefined)
    translated(
      'OAUTH_AUDIENCE',
      'is `*`, since no rule compares it; name yours, or tokens for other services pass too',
    );
  if (!isPath(key))
    translated(
      'OAUTH_HMAC_SECRET',
      'has to be in the environment of HAProxy, which does not start without it; no secret is copied',
    );
  return [
    writeSetting('OAUTH_ISSUER', issuer),
    writeSetting('OAUTH_AUDIENCE', audiences.join(' ')),
    ...(isPath(key) ? [writeSetting('OAUTH_PUBKEY_PATH', key)] : []),
    ...(agreed.algorithms?.length !== 1 ? [] : [writeSetting('OAUTH_ALGORITHMS', agreed.algorithms.join(' '))]),
    noteSkew(notes),
  ];
}

/** What became of each line that is about tokens. */
function noteLines(text: HaproxyText, edits: Edits, notes: Note[]): void {
  const replaced = [...edits].filter(([, own]) => own.length > 0).map(([number]) => String(number));
  const gone = [...edits].filter(([, own]) => own.length === 0).map(([number]) => String(number));
  const stay = text.lines.flatMap((line, index) =>
    splitLine(line).words.join(' ').includes('jwt_verify(') && !edits.has(index + 1) ? [String(index + 1)] : [],
  );
  notes.push({
    kind: 'translated',
    option: `line ${replaced.join(', ')}`,
    words: '`http-request lua.jwtverify`, and the same answer to whoever has no token that counts',
  });
  if (gone.length > 0)
    notes.push({ kind: 'translated', option: `line ${gone.join(', ')}`, words: 'the action does it' });
  if (stay.length > 0)
    notes.push({
      kind: 'no equal',
      option: `line ${stay.join(', ')}`,
      words: 'asks `jwt_verify` in another way; it stays, and goes on guarding what it guards',
    });
}

/** @returns the new text; undefined where no line asks `jwt_verify` */
export function translateOwnVerify(text: HaproxyText, options: MigrationOptions, notes: Note[]): string | undefined {
  const asking = text.lines.flatMap((line, index) =>
    splitLine(line).words.join(' ').includes('jwt_verify(') ? [String(index + 1)] : [],
  );
  if (asking.length === 0) return undefined;
  const definitions = readDefinitions(text.lines);
  const found = text.sections
    .filter(({ kind }) => kind !== 'defaults')
    .map((section) => readSection(section, definitions))
    .filter(({ keys }) => keys.length > 0);
  const [first] = found;
  const named = options.issuer === undefined ? [] : [options.issuer];
  const issuers = first === undefined || first.issuers.length === 0 ? named : first.issuers;
  const obstacle = findObstacle(found, issuers);
  const [issuer] = issuers;
  if (first === undefined || issuer === undefined || obstacle !== undefined) {
    const words = `stays as it is, and goes on guarding: ${obstacle ?? ''}`;
    notes.push({ kind: 'no equal', option: `line ${asking.join(', ')}`, words });
    return text.lines.join('\n');
  }
  const edits: Edits = new Map();
  for (const one of found) editSection(one, text.lines, edits);
  removeUnused(text, definitions, edits);
  noteLines(text, edits, notes);
  const settings = writeSettings(first, issuer, options, notes);
  return editText(text.lines, edits, [...settings, ...writeLoad(text, options.module)]);
}
