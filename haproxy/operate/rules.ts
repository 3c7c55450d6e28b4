// What an `http-request` rule does to a request that nobody has judged. Whatever is not in these lists counts as dangerous.
import { ALWAYS, readCondition, type Acls, type Condition } from './conditions';
import { isOurVariable } from './terms';
import type { SplitLine } from '../ports/configuration-line';

/**
 * `judge`: an action of ours. `refuse`: answers with an error, or not at all. `answer`: answers with something else, which
 * refuses only those that are not authorized. `pass`: hands the request on, or answers it out of HAProxy itself.
 * `harmless`: lets nothing out; `changes` names what conditions may read otherwise below. `other`: anything else.
 */
export type RuleKind = 'judge' | 'refuse' | 'answer' | 'pass' | 'harmless' | 'other';

export interface Rule {
  /** `FILE:NUMBER`. */
  readonly place: string;
  /** As `deny`, `lua.jwtenforce`. */
  readonly action: string;
  readonly kind: RuleKind;
  /** Undefined where it is unknown. */
  readonly condition: Condition | undefined;
  readonly changes: readonly string[];
  /** The `.if` blocks around it. */
  readonly blocks: readonly string[];
}

/** Answers a refused request itself. */
export const ENFORCE = 'lua.jwtenforce';
export const JUDGES: readonly string[] = ['lua.jwtverify', ENFORCE];

/** How many words follow each argument of a rule that answers. */
const ARGUMENTS: Readonly<Record<string, number | undefined>> = {
  deny_status: 1,
  status: 1,
  'content-type': 1,
  'default-errorfiles': 0,
  errorfile: 1,
  errorfiles: 1,
  file: 1,
  'lf-file': 1,
  string: 1,
  'lf-string': 1,
  hdr: 2,
  realm: 1,
  'rst-ttl': 1,
  location: 1,
  prefix: 1,
  scheme: 1,
  code: 1,
  'drop-query': 0,
  'append-slash': 0,
  'set-cookie': 1,
  'clear-cookie': 1,
};
const REFUSES: readonly string[] = ['deny', 'tarpit', 'reject', 'silent-drop', 'auth'];
/** Actions that end a request: their arguments are what the client is shown. */
export const ENDS: readonly string[] = [...REFUSES, 'return', 'redirect'];
/** How many words these have as arguments. */
const PASSES: Readonly<Record<string, number | undefined>> = { allow: 0, 'use-service': 1, 'cache-use': 1 };
/** Rules that go on, and what conditions read that they change. */
const HARMLESS: Readonly<Record<string, string | undefined>> = {
  'add-header': 'header',
  'del-header': 'header',
  'replace-header': 'header',
  'replace-value': 'header',
  'set-header': 'header',
  'normalize-uri': 'target',
  'replace-path': 'request',
  'replace-pathq': 'request',
  'replace-uri': 'target',
  'set-method': 'request',
  'set-path': 'request',
  'set-pathq': 'request',
  'set-query': 'request',
  'set-uri': 'target',
  'set-dst': 'connection',
  'set-dst-port': 'connection',
  'set-src': 'connection',
  'set-src-port': 'connection',
  capture: '',
  'disable-l7-retry': '',
  'set-log-level': '',
  'do-log': '',
  pause: '',
  'set-bc-mark': '',
  'set-bc-tos': '',
  'set-fc-mark': '',
  'set-fc-tos': '',
  'set-mark': '',
  'set-nice': '',
  'set-priority-class': '',
  'set-priority-offset': '',
  'set-retries': '',
  'set-timeout': '',
  'set-tos': '',
  'strict-mode': '',
  'wait-for-body': '',
};

/** Actions that name the variable that they set. */
const SETS: readonly string[] = ['^set%-var%(([%w_.]+)', '^set%-var%-fmt%(([%w_.]+)', '^unset%-var%(([%w_.]+)'];

/** What such a rule changes; undefined when it sets a variable of ours. */
function findChanges(name: string, words: readonly string[]): readonly string[] | undefined {
  const part = HARMLESS[name];
  if (part === 'header') {
    const header = (words[2] ?? '').toLowerCase();
    // After `-m` it is a pattern: any header may be meant. HAProxy keeps Host and the authority of the target alike.
    if (name === 'del-header' && words[3] === '-m') return ['header', 'authority'];
    return header === 'host' ? ['header host', 'authority'] : ['header ' + header];
  }
  if (part === 'target') return ['request', 'header host', 'authority'];
  if (part !== undefined) return part === '' ? [] : [part];
  for (const pattern of SETS) {
    const [variable] = string.match(name, pattern);
    if (variable !== undefined) return isOurVariable(variable) ? undefined : ['variable ' + variable];
  }
  return string.match(name, '^sc%-')[0] !== undefined || string.match(name, '^track%-sc%d+$')[0] !== undefined
    ? []
    : undefined;
}

/** Where the arguments of a rule that answers end; undefined where one of them is not known here. */
function endOfArguments(words: readonly string[]): number | undefined {
  let index = 2;
  while (index < words.length && words[index] !== 'if' && words[index] !== 'unless') {
    const count = ARGUMENTS[words[index] ?? ''];
    if (count === undefined) return undefined;
    index += 1 + count;
  }
  return index;
}

/** Whether a rule that answers says an error. */
function isError(action: string, words: readonly string[], end: number): boolean {
  let status: string | undefined;
  for (let index = 2; index < end; index++) {
    const word = words[index] ?? '';
    if (word === 'status' || word === 'deny_status') status = words[index + 1] ?? '';
    index += ARGUMENTS[word] ?? 0;
  }
  if (status === undefined) return REFUSES.includes(action);
  return string.match(status, '^[45]%d%d$')[0] !== undefined;
}

function kindOfAnswer(action: string, words: readonly string[], end: number): RuleKind {
  if (action === 'return' || REFUSES.includes(action)) return isError(action, words, end) ? 'refuse' : 'answer';
  // Whoever asks again with TLS is judged then.
  const isBare = end === 4 || (end === 6 && words[4] === 'code');
  return isBare && words[2] === 'scheme' && words[3] === 'https' ? 'refuse' : 'answer';
}

/** What of ours a configuration calls, but for the actions. */
const OWN_LUA: readonly string[] = [
  'lua.oauth_has(',
  'lua.jwtverify_ready',
  'lua.jwtverify_health',
  'lua.jwtauthorizer',
  'lua.jwtlogin',
  'lua.jwtbroker',
];

/**
 * Whether a word does what no list above says: sets a variable, or calls Lua that is not ours, which could set one.
 * @param text a word, or several
 */
export function isMeddling(text: string): boolean {
  if (text.includes('set-var')) return true;
  let foreign = text;
  for (const own of OWN_LUA) foreign = foreign.split(own).join('');
  return foreign.includes('lua.');
}

/** Whether a rule's arguments or condition do, or an `acl` that it names. */
function meddles(acls: Acls, words: readonly string[]): boolean {
  for (let index = 2; index < words.length; index++) {
    const word = words[index] ?? '';
    if (isMeddling(word)) return true;
    const [name] = string.gsub(word, '^!+', '');
    if (acls.get(name)?.meddles === true) return true;
  }
  return false;
}

function readOthers(
  acls: Acls,
  words: readonly string[],
  action: string,
): Pick<Rule, 'kind' | 'condition' | 'changes'> {
  const changes = findChanges(action, words);
  if (changes !== undefined) return { kind: 'harmless', condition: undefined, changes };
  const count = PASSES[action];
  if (count !== undefined) return { kind: 'pass', condition: readCondition(acls, words, 2 + count), changes: [] };
  if (!ENDS.includes(action)) return { kind: 'other', condition: readCondition(acls, words, 2), changes: [] };
  const end = endOfArguments(words);
  const condition = end === undefined ? undefined : readCondition(acls, words, end);
  if (end === undefined || condition === undefined) return { kind: 'other', condition: undefined, changes: [] };
  return { kind: kindOfAnswer(action, words, end), condition, changes: [] };
}

/** Reads an `http-request` line in a section whose `acl` lines have all been read. */
export function readRule(acls: Acls, line: SplitLine, place: string, blocks: readonly string[]): Rule {
  const { words } = line;
  const action = words[1] ?? '';
  const isPlain = line.certain === words.length && !words.includes('');
  if (JUDGES.includes(action)) {
    // Its condition may be what sets `txn.authorized`: nothing below is a check then.
    if (isPlain && meddles(acls, words))
      return { place, action, kind: 'judge', condition: undefined, changes: [], blocks };
    const condition = isPlain ? readCondition(acls, words, 2) : undefined;
    return { place, action, kind: 'judge', condition: condition ?? ALWAYS, changes: [], blocks };
  }
  // INVARIANT: HAProxy stops at an empty word, and nobody knows what the environment makes of a line.
  if (!isPlain || meddles(acls, words))
    return { place, action, kind: 'other', condition: undefined, changes: [], blocks };
  return { place, action, blocks, ...readOthers(acls, words, action) };
}
