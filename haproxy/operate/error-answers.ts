// Finds what answers 2xx where HAProxy answers a gateway's question: an error page that HAProxy sends when it ends the service
// early or finds a request malformed, or a rule for responses. The gateway would let the client's request pass.
import type { Problem } from '../../src/model/problem';
import type { FileAnswer } from '../../src/ports/host';
import type { ConfigurationLine } from '../ports/configuration';
import { splitLine, type SplitLine } from '../ports/configuration-line';
import { findTargets } from './routes';
import { JUDGES } from './rules';
import { PROXIES, type Section, type SectionLine } from './sections';

const AUTHORIZER = 'lua.jwtauthorizer';
const GROUP = 'http-errors';
/** Rules that refuse, whose answers may come from a file. */
const REFUSALS: readonly string[] = ['http-request deny', 'http-request tarpit', 'http-response deny'];
const OF_RESPONSES: readonly string[] = ['http-response', 'http-after-response'];

/** An `errorfile` of a section `http-errors`. */
interface Page {
  readonly code: string;
  /** Empty where the environment names it. */
  readonly path: string;
}

type Groups = Readonly<Record<string, readonly Page[] | undefined>>;

/** A line of a section that says, or may say, 2xx. */
interface Yes {
  readonly section: Section;
  readonly place: string;
  readonly cause: string;
}

export interface ErrorAnswers {
  /** Where a gateway asks. */
  readonly faults: readonly { readonly section: Section; readonly place: string; readonly message: string }[];
  readonly notices: readonly Problem[];
}

/** The word at a place; empty where the environment decides. */
function wordAt({ words, certain }: SplitLine, index: number): string {
  return index < certain ? (words[index] ?? '') : '';
}

function readGroups(lines: readonly ConfigurationLine[]): Groups {
  const groups: Record<string, Page[] | undefined> = {};
  let name: string | undefined;
  for (const { text } of lines) {
    const line = splitLine(text);
    const [keyword = '', first = ''] = line.words;
    if (keyword === GROUP) name = first;
    else if (PROXIES.includes(keyword)) name = undefined;
    else if (name !== undefined && keyword === 'errorfile')
      groups[name] = [...(groups[name] ?? []), { code: first, path: wordAt(line, 2) }];
  }
  return groups;
}

function withoutCondition({ words }: SplitLine): readonly string[] {
  const end = words.findIndex((word) => word === 'if' || word === 'unless');
  return end < 0 ? words : words.slice(0, end);
}

/** The value of a rule's argument: empty where the environment decides; undefined without one. */
function argumentOf(line: SplitLine, name: string): string | undefined {
  const place = withoutCondition(line).indexOf(name);
  return place < 0 ? undefined : wordAt(line, place + 1);
}

function isYes(status: string): boolean {
  return string.match(status, '^2%d%d$')[0] !== undefined;
}

/** Whether a rule's answer may be a refusal: a `return` of requests that names no other status means success. */
function mayRefuse(line: SplitLine): boolean {
  const [keyword = '', action = ''] = line.words;
  if (action !== 'return') return REFUSALS.includes(keyword + ' ' + action);
  return OF_RESPONSES.includes(keyword) || !isYes(argumentOf(line, 'status') ?? '200');
}

/** The files of a line that HAProxy may answer with; empty for one that the environment names. */
function findFiles(line: SplitLine, groups: Groups): readonly string[] {
  const [keyword = '', first = ''] = line.words;
  if (keyword === 'errorfile') return [wordAt(line, 2)];
  if (keyword === 'errorfiles') {
    const codes = line.words.slice(2);
    const pages = groups[first] ?? [];
    return pages.filter(({ code }) => codes.length === 0 || codes.includes(code)).map(({ path }) => path);
  }
  if (keyword !== 'http-error' && !mayRefuse(line)) return [];
  const file = line.words.indexOf('errorfile');
  if (file >= 0) return [wordAt(line, file + 1)];
  const group = line.words.indexOf('errorfiles');
  return group < 0 ? [] : (groups[line.words[group + 1] ?? ''] ?? []).map(({ path }) => path);
}

/** The status that a rule gives a refusal or a response: empty where the environment decides, undefined for none. */
function statusOf(line: SplitLine): string | undefined {
  const [keyword = '', action = ''] = line.words;
  if (REFUSALS.includes(keyword + ' ' + action)) return argumentOf(line, 'deny_status');
  if (!OF_RESPONSES.includes(keyword)) return undefined;
  if (wordAt(line, 1) === '') return '';
  if (action === 'set-status') return wordAt(line, 2);
  const isFile = argumentOf(line, 'errorfile') !== undefined || argumentOf(line, 'errorfiles') !== undefined;
  return action === 'return' && !isFile ? (argumentOf(line, 'status') ?? '200') : undefined;
}

/** What is wrong with a rule that says 2xx, or may say so; undefined for any other. */
function describeRule(line: SplitLine): string | undefined {
  const status = statusOf(line);
  if (status === undefined) return undefined;
  const rule = '`' + line.words.slice(0, 3).join(' ') + '`';
  if (status === '') return 'the environment names the status that ' + rule + ' answers with; write it out';
  return isYes(status) ? rule + ' makes 2xx of an error' : undefined;
}

/** What is wrong with a page; undefined where it says an error, or nothing at all. */
function describeFile(path: string, readFile: (this: void, path: string) => FileAnswer): string | undefined {
  if (path === '') return 'the environment names the file that HAProxy answers with; write it out';
  const file = readFile(path);
  if (!file.ok) return '`' + path + '` cannot be read to see its status (' + file.problem + '); write its whole path';
  const [status] = string.match(file.text, '^[\r\n]*HTTP/%S+%s+(2%d%d)');
  return status === undefined ? undefined : '`' + path + '` answers ' + status + ' for an error; write the error there';
}

/** The `defaults` that a section begins with, and theirs. */
function linesOf(section: Section): readonly SectionLine[] {
  const { base, lines } = section;
  return base === undefined ? lines : [...linesOf(base), ...lines];
}

function hasRule(section: Section, isMeant: (this: void, words: readonly string[]) => boolean): boolean {
  return linesOf(section).some(({ line: { words } }) => words[0] === 'http-request' && isMeant(words));
}

/**
 * Finds each such line.
 * @param lines of the whole configuration
 * @param readFile reads a file that HAProxy answers with
 */
export function findErrorAnswers(
  sections: readonly Section[],
  lines: readonly ConfigurationLine[],
  readFile: (this: void, path: string) => FileAnswer,
): ErrorAnswers {
  const proxies = sections.filter(({ kind }) => PROXIES.includes(kind) && kind !== 'defaults');
  const asked = proxies.filter((one) => hasRule(one, (words) => words.includes(AUTHORIZER)));
  const judging = proxies.filter((one) => hasRule(one, (words) => JUDGES.includes(words[1] ?? '')));
  if (asked.length === 0 && judging.length === 0) return { faults: [], notices: [] };
  const groups = readGroups(lines);
  const find = (section: Section): readonly Yes[] => {
    const all: Yes[] = [];
    for (const { line, place } of linesOf(section)) {
      for (const path of findFiles(line, groups)) {
        const cause = describeFile(path, readFile);
        if (cause !== undefined) all.push({ section, place, cause });
      }
      const cause = describeRule(line);
      if (cause !== undefined) all.push({ section, place, cause });
    }
    return all;
  };
  const ways = proxies.filter((one) => asked.includes(one) || findTargets(one, asked).length > 0);
  const faults: Yes[] = [];
  for (const section of ways) faults.push(...find(section));
  const odd: Yes[] = [];
  for (const section of judging) if (!ways.includes(section)) odd.push(...find(section));
  return {
    faults: faults.map(({ section, place, cause }) => ({
      section,
      place,
      message: cause + '. The gateway that asks `' + section.name + '` would let the request pass',
    })),
    notices: odd.map(({ place, cause }) => ({
      setting: place,
      message: cause + '. A client, or a gateway that asks, would read a refusal as success',
    })),
  };
}
