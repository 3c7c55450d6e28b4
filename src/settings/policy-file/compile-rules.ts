// The rules of a policy and their index.
import type { Json, JsonObject } from '../../codec/json';
import type { SignIn } from '../../model/login';
import type { Access, Mode, PathTerms, Policy, Rule } from '../../model/policy';
import type { ClaimSlots } from './claim-slots';
import { compileDemands } from './compile-demands';
import { placeRule, readHosts, type PlacedHosts } from './hosts';
import { findForeignSegment } from './foreign-pattern';
import { parsePathPattern, type PatternStep } from '../../policy/path-pattern';
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
import { isMethod } from '../../request/request-target';
import { addRule, finishIndex, type IndexDraft } from '../../policy/rule-index';
import { checkSegments, type RequestNeeds } from './request-needs';
import { readRuleSignIn } from './rule-sign-in';
import { findTaker, keepReach, type Reach } from './rule-reach';

const KEYS: readonly string[] = [
  'name',
  'comment',
  'hosts',
  'methods',
  'paths',
  'access',
  'require',
  'mode',
  'sign_in',
];
const ACCESS: readonly Access[] = ['authenticated', 'optional', 'public', 'deny'];
export const MODES: readonly Mode[] = ['enforce', 'shadow'];
/** Names that rulings have besides those of rules. */
const RESERVED: readonly string[] = ['otherwise', 'preflight', 'metadata'];
const MAX_RULES = 10000;
const MAX_NAME_LENGTH = 64;

/** The context in which rules are compiled. */
export interface RuleTerms {
  readonly reader: Reader;
  readonly mode: Mode;
  readonly paths: PathTerms;
  readonly slots: ClaimSlots;
  readonly needs: RequestNeeds;
  /** Of rules that do not say it; undefined where the policy signs nobody in. */
  readonly signIn: SignIn | undefined;
}

export interface CompiledRules extends Pick<Policy, 'rules' | 'nodes' | 'usesHosts'> {
  /** The hosts of those that require a token. */
  readonly placed: readonly PlacedHosts[];
}

/** Rules while they are compiled. */
interface Draft {
  readonly rules: Rule[];
  readonly index: IndexDraft;
  readonly names: string[];
  /** Earlier rules that could match everything that a later one matches. */
  readonly wide: Reach[];
  readonly placed: PlacedHosts[];
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
  const pointer = place?.pointer ?? object.pointer;
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

function readMethods(terms: RuleTerms, object: Place<JsonObject>): readonly string[] {
  const place = member(object, 'methods');
  if (place === undefined) return [];
  const methods = readStrings(terms.reader, place);
  for (let index = 0; index < methods.length; index++) {
    const method = methods[index] ?? '';
    if (!isMethod(method))
      complain(terms.reader, place.pointer, '`' + method + '` is not a method; write it in capital letters, as `GET`');
  }
  return methods;
}

function sayForeign(segment: string): string {
  return 'matches `' + segment + '` literally; write `*` for any one segment, `**` for any number of them';
}

/** The patterns of a rule; undefined when it has no `paths` and so matches any. */
function readPaths(terms: RuleTerms, object: Place<JsonObject>): readonly (readonly PatternStep[])[] | undefined {
  const place = member(object, 'paths');
  if (place === undefined) return undefined;
  const patterns: (readonly PatternStep[])[] = [];
  const written: string[] = [];
  const places = readList(terms.reader, place) ?? [];
  for (let index = 0; index < places.length; index++) {
    const item = places[index];
    const pattern = item === undefined ? undefined : readString(terms.reader, item);
    if (item === undefined || pattern === undefined) continue;
    if (written.indexOf(pattern) >= 0) complain(terms.reader, item.pointer, 'is in the list twice');
    written.push(pattern);
    const answer = parsePathPattern(pattern, terms.paths, terms.reader.text);
    if (answer.ok) patterns.push(answer.steps);
    else complain(terms.reader, item.pointer, '`' + pattern + '` ' + answer.problem);
    const foreign = answer.ok ? findForeignSegment(pattern) : undefined;
    if (foreign !== undefined) remark(terms.reader, item.pointer, '`' + pattern + '` ' + sayForeign(foreign));
  }
  return patterns;
}

function checkComment(reader: Reader, object: Place<JsonObject>): void {
  const comment = member(object, 'comment');
  if (comment !== undefined) readString(reader, comment);
}

/** Reports a rule that is never reached. @param decides whether the index has a place for it */
function remarkTaken(terms: RuleTerms, draft: Draft, pointer: string, reach: Reach, decides: boolean): void {
  // Then its paths are a problem.
  if (reach.paths?.length === 0) return;
  const taker = findTaker(draft.wide, reach);
  keepReach(draft.wide, reach);
  if (taker === undefined && decides) return;
  const why = taker === undefined ? 'earlier rules match' : 'the earlier rule `' + taker + '` matches';
  remark(terms.reader, pointer, '`' + reach.name + '` is never reached: ' + why + ' all its hosts, methods and paths');
}

function compileRule(terms: RuleTerms, draft: Draft, place: Place<Json>): void {
  const object = readObject(terms.reader, place);
  if (object === undefined) return;
  checkMembers(terms.reader, object, KEYS);
  checkComment(terms.reader, object);
  const access = readChoice(terms.reader, object, 'access', ACCESS, 'authenticated');
  const required = member(object, 'require');
  const demands = required === undefined ? undefined : compileDemands(terms.reader, required, terms.slots, terms.needs);
  if (required !== undefined && access !== 'authenticated') {
    complain(
      terms.reader,
      required.pointer,
      access === 'optional'
        ? 'contradicts the access `optional`, with which requests without a token pass; leave one out'
        : 'contradicts the access `' + access + '`, which ignores the token; leave one out',
    );
  }
  const name = readName(terms, draft, object);
  const mode = readChoice(terms.reader, object, 'mode', MODES, terms.mode);
  const named = readHosts(terms.reader, object);
  const hosts = named ?? [];
  const methods = readMethods(terms, object);
  const paths = readPaths(terms, object);
  checkSegments(terms.reader, terms.needs, paths);
  const placed = placeRule(access, place.pointer, named);
  if (placed !== undefined) draft.placed.push(placed);
  if (hosts.length > 0) draft.usesHosts = true;
  const decides = addRule(draft.index, draft.rules.length, hosts, paths, methods);
  remarkTaken(terms, draft, place.pointer, { name, hosts, methods, paths }, decides);
  draft.rules.push(
    signingIn({ name, access, mode, demands }, readRuleSignIn(terms.reader, object, access, terms.signIn)),
  );
}

/** A rule with what a browser gets without a session, where it gets anything. */
function signingIn(rule: Rule, signIn: SignIn | undefined): Rule {
  return signIn === undefined ? rule : Object.assign({}, rule, { signIn });
}

/** The rule that `otherwise` is, at the end of the list. */
function otherwiseRule(access: Access, mode: Mode, signIn: SignIn | undefined): Rule {
  return signingIn({ name: 'otherwise', access, mode, demands: undefined }, signIn);
}

/**
 * Compiles `rules` and `otherwise`.
 * @param otherwise whether a request that no rule matches is refused, or passes with any verified token
 */
export function compileRules(
  terms: RuleTerms,
  place: Place<Json> | undefined,
  otherwise: 'deny' | 'authenticated',
): CompiledRules {
  const draft: Draft = { rules: [], index: { nodes: {}, count: 0 }, names: [], wide: [], placed: [], usesHosts: false };
  const places = place === undefined ? [] : (readList(terms.reader, place) ?? []);
  if (place !== undefined && places.length > MAX_RULES) {
    complain(terms.reader, place.pointer, 'has more than ' + MAX_RULES.toString() + ' rules');
  }
  for (let index = 0; index < places.length && index < MAX_RULES; index++) {
    const rule = places[index];
    if (rule !== undefined) compileRule(terms, draft, rule);
  }
  draft.rules.push(otherwiseRule(otherwise, terms.mode, terms.signIn));
  if (otherwise === 'authenticated') draft.placed.push({ pointer: '', hosts: undefined });
  const usesHosts = draft.usesHosts || terms.needs.usesHosts;
  return { rules: draft.rules, nodes: finishIndex(draft.index), usesHosts, placed: draft.placed };
}
