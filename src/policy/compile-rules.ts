// The rules of a policy and their index.
import type { Json, JsonObject } from '../codec/json';
import type { Access, Mode, PathTerms, Policy, Rule } from '../core/policy';
import { canonicalizeHost } from './canonical-host';
import type { ClaimSlots } from './claim-slots';
import { compileDemands } from './compile-demands';
import { parsePathPattern, type PatternStep } from './path-pattern';
import {
  checkMembers,
  complain,
  member,
  readChoice,
  readList,
  readObject,
  readString,
  readStrings,
  remark,
  type Place,
  type Reader,
} from './reader';
import { isMethod } from './request-target';
import { addRule, finishIndex, type IndexDraft } from './rule-index';
import { findTaker, keepReach, type Reach } from './rule-reach';

const KEYS: readonly string[] = ['name', 'comment', 'hosts', 'methods', 'paths', 'access', 'require', 'mode'];
const ACCESS: readonly Access[] = ['authenticated', 'public', 'deny'];
export const MODES: readonly Mode[] = ['enforce', 'shadow'];
/** Names that judgements have besides those of rules. */
const RESERVED: readonly string[] = ['otherwise', 'preflight', 'metadata'];
const MAX_RULES = 10000;
const MAX_NAME_LENGTH = 64;

/** What rules are compiled with. */
export interface RuleTerms {
  readonly reader: Reader;
  readonly mode: Mode;
  readonly paths: PathTerms;
  readonly slots: ClaimSlots;
}

export type CompiledRules = Pick<Policy, 'rules' | 'nodes' | 'usesHosts'>;

/** Rules while they are compiled. */
interface Draft {
  readonly rules: Rule[];
  readonly index: IndexDraft;
  readonly names: string[];
  /** Earlier rules that could take all of a later one. */
  readonly wide: Reach[];
  usesHosts: boolean;
}

/** Names go into logs and headers. */
function isPlainName(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code < 33 || code > 126 || code === 34 || code === 92) return false;
  }
  return name.length <= MAX_NAME_LENGTH;
}

function readName(terms: RuleTerms, draft: Draft, object: Place<JsonObject>): string {
  const place = member(object, 'name');
  const name = place === undefined ? undefined : readString(terms.reader, place);
  const pointer = place === undefined ? object.pointer : place.pointer;
  const chosen = name ?? 'rule-' + (draft.rules.length + 1).toString();
  if (!isPlainName(chosen)) {
    complain(
      terms.reader,
      pointer,
      'is not made of 1 to 64 printable ASCII characters without blank, quote and backslash',
    );
  }
  if (RESERVED.indexOf(chosen) >= 0)
    complain(terms.reader, pointer, 'is a name that jwtverify itself uses; choose another');
  if (draft.names.indexOf(chosen) >= 0)
    complain(terms.reader, pointer, 'is the name `' + chosen + '` of an earlier rule; choose another');
  draft.names.push(chosen);
  return chosen;
}

function readHosts(terms: RuleTerms, object: Place<JsonObject>): readonly string[] {
  const place = member(object, 'hosts');
  if (place === undefined) return [];
  const written = readStrings(terms.reader, place);
  const hosts: string[] = [];
  for (let index = 0; index < written.length; index++) {
    const value = written[index] ?? '';
    const isBelow = value.substring(0, 2) === '*.';
    const host = canonicalizeHost(isBelow ? value.substring(2) : value, terms.reader.text);
    const hasPort = value.indexOf(':') >= 0 && value.charAt(0) !== '[';
    if (host === undefined || hasPort) {
      complain(
        terms.reader,
        place.pointer,
        '`' + value + '` is no host name; give it without scheme and port, as `a.example` or `*.a.example`',
      );
      continue;
    }
    hosts.push(isBelow ? '*.' + host : host);
  }
  return hosts;
}

function readMethods(terms: RuleTerms, object: Place<JsonObject>): readonly string[] {
  const place = member(object, 'methods');
  if (place === undefined) return [];
  const methods = readStrings(terms.reader, place);
  for (let index = 0; index < methods.length; index++) {
    const method = methods[index] ?? '';
    if (!isMethod(method))
      complain(
        terms.reader,
        place.pointer,
        '`' + method + '` is no method; they are written in capital letters, as `GET`',
      );
  }
  return methods;
}

/** The patterns of a rule; undefined when it has no `paths` and so is for any. */
function readPaths(terms: RuleTerms, object: Place<JsonObject>): readonly (readonly PatternStep[])[] | undefined {
  const place = member(object, 'paths');
  if (place === undefined) return undefined;
  const patterns: (readonly PatternStep[])[] = [];
  const places = readList(terms.reader, place) ?? [];
  for (let index = 0; index < places.length; index++) {
    const item = places[index];
    const pattern = item === undefined ? undefined : readString(terms.reader, item);
    if (item === undefined || pattern === undefined) continue;
    const answer = parsePathPattern(pattern, terms.paths, terms.reader.text);
    if (answer.ok) patterns.push(answer.steps);
    else complain(terms.reader, item.pointer, '`' + pattern + '` ' + answer.problem);
  }
  return patterns;
}

function checkComment(reader: Reader, object: Place<JsonObject>): void {
  const comment = member(object, 'comment');
  if (comment !== undefined) readString(reader, comment);
}

/** Tells of a rule that never decides. @param decides whether the index has a place for it */
function remarkTaken(terms: RuleTerms, draft: Draft, pointer: string, reach: Reach, decides: boolean): void {
  // Then its paths are a problem.
  if (reach.paths !== undefined && reach.paths.length === 0) return;
  const taker = findTaker(draft.wide, reach);
  keepReach(draft.wide, reach);
  if (taker === undefined && decides) return;
  const why = taker === undefined ? 'earlier rules take the same' : 'the earlier rule `' + taker + '` takes all its';
  remark(terms.reader, pointer, '`' + reach.name + '` never decides: ' + why + ' hosts, methods and paths');
}

function compileRule(terms: RuleTerms, draft: Draft, place: Place<Json>): void {
  const object = readObject(terms.reader, place);
  if (object === undefined) return;
  checkMembers(terms.reader, object, KEYS);
  checkComment(terms.reader, object);
  const access = readChoice(terms.reader, object, 'access', ACCESS, 'authenticated');
  const required = member(object, 'require');
  const demands = required === undefined ? undefined : compileDemands(terms.reader, required, terms.slots);
  if (required !== undefined && access !== 'authenticated') {
    complain(
      terms.reader,
      required.pointer,
      'contradicts the access `' + access + '`, which looks at no token; leave one out',
    );
  }
  const name = readName(terms, draft, object);
  const mode = readChoice(terms.reader, object, 'mode', MODES, terms.mode);
  const hosts = readHosts(terms, object);
  const methods = readMethods(terms, object);
  const paths = readPaths(terms, object);
  if (hosts.length > 0) draft.usesHosts = true;
  const decides = addRule(draft.index, draft.rules.length, hosts, paths, methods);
  remarkTaken(terms, draft, place.pointer, { name, hosts, methods, paths }, decides);
  draft.rules.push({ name, access, mode, demands });
}

/** The rule that `otherwise` is, at the end of the list. */
function otherwiseRule(access: Access, mode: Mode): Rule {
  return { name: 'otherwise', access, mode, demands: undefined };
}

/**
 * Compiles `rules` and `otherwise`.
 * @param otherwise whether what no rule matches is refused or takes any verified token
 */
export function compileRules(
  terms: RuleTerms,
  place: Place<Json> | undefined,
  otherwise: 'deny' | 'authenticated',
): CompiledRules {
  const draft: Draft = { rules: [], index: { nodes: {}, count: 0 }, names: [], wide: [], usesHosts: false };
  const places = place === undefined ? [] : (readList(terms.reader, place) ?? []);
  if (place !== undefined && places.length > MAX_RULES) {
    complain(terms.reader, place.pointer, 'has more than ' + MAX_RULES.toString() + ' rules');
  }
  for (let index = 0; index < places.length && index < MAX_RULES; index++) {
    const rule = places[index];
    if (rule !== undefined) compileRule(terms, draft, rule);
  }
  draft.rules.push(otherwiseRule(otherwise, terms.mode));
  return { rules: draft.rules, nodes: finishIndex(draft.index), usesHosts: draft.usesHosts };
}
