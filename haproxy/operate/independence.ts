// Whether any rule tells a request that `lua.jwtverify` refused from one whose action was ended, but by asking whether it may
// pass: then what the operator lets pass without a token could be meant for requests without a bad one.
import {
  AUTHORIZED,
  ASKED_HOST,
  ASKED_METHOD,
  SCOPES_VARIABLE,
  ASKED_TARGET,
  TRANSACTION,
  VARIABLE_PREFIX,
} from '../../src/answer/contract';
import { readCondition } from './conditions';
import { ENDS, isMeddling, JUDGES } from './rules';
import type { Section, SectionLine } from './sections';
import { REMOVED, withoutQuotes } from './terms';

/** What they have in common, or what the operator sets for the authorizer. */
const SAME: readonly string[] = [ASKED_METHOD, ASKED_TARGET, ASKED_HOST].map((name) => TRANSACTION + name);
const SCOPES = TRANSACTION + SCOPES_VARIABLE;
/** What an action sets. */
const SET: readonly string[] = [TRANSACTION + VARIABLE_PREFIX, TRANSACTION + AUTHORIZED];
/** What lines with these words show reaches a log, or the client with the answer. */
const SHOWN: readonly string[] = ['log-format', 'log-format-sd', 'error-log-format'];
const ANSWERS: readonly string[] = ['http-response', 'http-after-response'];
const HEADERS: readonly string[] = ['set-header', 'add-header'];
/** The line by which a `fcgi-app` gives a backend something of a request, as a header does. */
const PARAMETER = 'set-param';
/** Keywords of lines that decide what becomes of a request. */
const DECIDES: readonly string[] = [
  'http-request',
  'http-response',
  'tcp-request',
  'use_backend',
  'use-server',
  'redirect',
];

/** Whether a condition reads a header that a refused request lacks, and one whose action was ended may have. */
function readsRemoved(text: string, hasPolicy: boolean): boolean {
  const lower = text.toLowerCase();
  if (!lower.includes('hdr') && !lower.includes('cook')) return false;
  return hasPolicy || REMOVED.some((name) => lower.includes(name));
}

/** Whether a text reads what a refusal sets. */
function tells(text: string): boolean {
  let other = withoutQuotes(text);
  for (const name of SAME) other = other.split(name).join('');
  if (SET.some((name) => other.includes(name)) || other.includes('dump_all_vars')) return true;
  return isMeddling(other);
}

/** Whether the words before a condition do; the scopes may go to the backend, for they are empty either way. */
function argumentsTell(words: readonly string[], end: number): boolean {
  // With `ignore-empty` the arguments of a `redirect` decide whether it ends the request.
  if (words[0] === 'http-request' && ENDS.includes(words[1] ?? '') && !words.includes('ignore-empty')) {
    return words.slice(1, end).some((word) => isMeddling(word));
  }
  const isHeader = words[0] === PARAMETER || (words[0] === 'http-request' && HEADERS.includes(words[1] ?? ''));
  for (let index = 1; index < end; index++) {
    const word = words[index] ?? '';
    if (index === 1 && JUDGES.includes(word)) continue;
    // `set-var` as an action names its variable: that it sets one is no matter here.
    const text = index === 1 ? word.split('set-var').join('') : word;
    if (tells(isHeader ? text.split(SCOPES).join('') : text)) return true;
  }
  return false;
}

function isShown([keyword = '', action = '']: readonly string[]): boolean {
  return SHOWN.includes(keyword) || (ANSWERS.includes(keyword) && HEADERS.includes(action));
}

/** Whether a line only takes `Upgrade` from requests: whichever it takes it from, nobody gets more. */
function takesUpgrade([keyword, action, header = '']: readonly string[], text: string): boolean {
  return keyword === 'http-request' && action === 'del-header' && header.toLowerCase() === 'upgrade' && !tells(text);
}

function lineTells({ acls, meaningOf }: Section, { line }: SectionLine, hasPolicy: boolean): boolean {
  const { words } = line;
  const [keyword = '', name = ''] = words;
  if (isShown(words)) return false;
  if (keyword === 'filter') return name === 'spoe';
  if (takesUpgrade(words, words.slice(1).join(' '))) return line.certain < words.length;
  if (DECIDES.includes(keyword) && line.certain < words.length) return true;
  const text = words.slice(1).join(' ');
  const isDecision = keyword === 'acl' || DECIDES.includes(keyword);
  if (!tells(text) && !(isDecision && readsRemoved(text, hasPolicy))) return false;
  if (keyword === 'acl') return meaningOf(name).kind === 'other';
  const start = words.findIndex((word) => word === 'if' || word === 'unless');
  const end = start < 0 ? words.length : start;
  if (argumentsTell(words, end)) return true;
  const condition = readCondition(acls, words, end);
  if (condition === undefined) return true;
  return condition.suites.some((suite) =>
    suite.some((literal) => {
      if (meaningOf(literal.name).kind !== 'other') return false;
      return tells(literal.name) || readsRemoved(literal.name, hasPolicy);
    }),
  );
}

/**
 * Whether no line of these sections does. With a policy never: the action of a refused request has removed the client's own
 * identity headers, and one that was ended may not have.
 */
export function areIndependent(sections: readonly Section[], hasPolicy: boolean): boolean {
  return !hasPolicy && !sections.some((section) => section.lines.some((line) => lineTells(section, line, hasPolicy)));
}
