// Finds what of HAProxy's configuration keeps browsers from signing in: the service for login's paths, the line that gives a
// refreshed session to its browser, and the room for that.
import type { Login } from '../../src/model/login';
import type { Problem } from '../../src/model/problem';
import type { ConfigurationLine } from '../ports/configuration';
import { MAKE_ROOM, SESSION_LINE, writeLoginLine } from '../ports/wanted-lines';
import { readCookieRoom, readRewrite, REWRITE } from './buffer-room';
import { ENFORCE, type Rule } from './rules';
import type { Section, SectionLine } from './sections';

export const SERVICE = 'lua.jwtlogin';
export const SESSION = 'lua.jwtsession';
/** A session with groups and a refresh token has one to four thousand bytes. */
const LEAST_ROOM = 4096;
const RESPONSES: readonly string[] = ['http-response', 'http-after-response'];

/** Whether a line is one that login needs. */
type IsMeant = (this: void, words: readonly string[]) => boolean;

/** What is wrong with a service below the action of its section. */
export const BELOW = 'is below an action of jwtverify, which refuses who signs in; put it above';

/** A line with its section. */
export interface Placed {
  readonly section: Section;
  readonly line: SectionLine;
}

export function findAll(sections: readonly Section[], isMeant: IsMeant): Placed[] {
  return sections.flatMap((section) =>
    section.lines.filter(({ line }) => isMeant(line.words)).map((line) => ({ section, line })),
  );
}

const isService = (words: readonly string[]): boolean =>
  words[0] === 'http-request' && words[1] === 'use-service' && words[2] === SERVICE;

const isSession = (words: readonly string[]): boolean => RESPONSES.includes(words[0] ?? '') && words[1] === SESSION;

/** The words of a line's condition, and of each `acl` that it names. */
function wordsOf({ section, line }: Placed): readonly string[] {
  const words = line.line.words.slice(3);
  const named = words.map((word) => string.gsub(word, '^!+', '')[0]);
  return [...words, ...named.flatMap((name) => section.acls.get(name)?.lines.flatMap((acl) => acl.words) ?? [])];
}

/** Whether a line looks at paths, and at none of login's. */
function isForOthers(placed: Placed, prefix: string): boolean {
  const words = wordsOf(placed);
  const paths = words.filter((word) => string.sub(word, 1, 1) === '/');
  return (
    paths.length > 0 &&
    !paths.some((path) => path === prefix || string.sub(path, 1, prefix.length + 1) === prefix + '/')
  );
}

/** Whether a line is below an action of its section, which refuses before it. */
export function isBelow({ section, line }: Placed): boolean {
  const judge = section.rules.find(({ kind }) => kind === 'judge');
  if (judge === undefined) return false;
  const places = section.lines.map(({ place }) => place);
  return places.indexOf(judge.place) < places.indexOf(line.place);
}

/** What is there although nobody signs in. */
function findUseless(sections: readonly Section[]): readonly Problem[] {
  return findAll(sections, (words) => isService(words) || isSession(words)).map(({ line }) => ({
    setting: line.place,
    message: 'has no effect, for the policy has no `login`; add it, or remove the line',
  }));
}

/** Whether a section has such a line, or the `defaults` that it begins with. */
function has(section: Section, isMeant: IsMeant): boolean {
  return (
    section.lines.some(({ line }) => isMeant(line.words)) || (section.base !== undefined && has(section.base, isMeant))
  );
}

/** Whether a section hands requests on to another one, or gets them from there. */
const isBackend = ({ kind }: Section): boolean => kind === 'backend';
const isFrontend = ({ kind }: Section): boolean => kind === 'frontend' || kind === 'listen';

/** Whether the paths of login reach a service before the action of a section refuses them. */
function isServed(section: Section, judge: Rule, all: readonly Section[]): boolean {
  if (has(section, isService)) return true;
  // Another section may answer them: a frontend above a backend, or a backend where the action itself refuses nothing.
  const isElsewhere = isBackend(section) || judge.action !== ENFORCE;
  return isElsewhere && all.some((other) => other !== section && has(other, isService));
}

/** Whether each answer to a request of a section passes the line for sessions: in it, or wherever it can come from or go to. */
function isGiven(section: Section, all: readonly Section[]): boolean {
  if (has(section, isSession)) return true;
  if (section.kind === 'listen') return false;
  const isOther = isBackend(section) ? isFrontend : section.kind === 'defaults' ? undefined : isBackend;
  const others = all.filter((other) => (isOther === undefined ? other.base === section : isOther(other)));
  return others.length > 0 && others.every((other) => has(other, isSession));
}

function wantedService(prefix: string): string {
  return '`' + writeLoginLine(prefix) + '`';
}

/** Services that cannot do their work. */
function findServiceFaults(services: readonly Placed[], prefix: string): readonly Problem[] {
  const faults: Problem[] = [];
  for (const service of services) {
    const setting = service.line.place;
    if (isForOthers(service, prefix)) {
      faults.push({ setting, message: 'is for other paths than those of `login`; write ' + wantedService(prefix) });
    } else if (isBelow(service)) {
      faults.push({ setting, message: BELOW });
    }
  }
  return faults;
}

/** What a section with an action lacks. */
function findGaps(section: Section, judge: Rule, all: readonly Section[], prefix: string): readonly Problem[] {
  const problems: Problem[] = [];
  const start = 'the policy has `login`, and no line of `' + section.name + '` ';
  if (!isServed(section, judge, all)) {
    const message = start + 'answers its paths: put ' + wantedService(prefix) + ' above this line';
    problems.push({ setting: judge.place, message });
  }
  if (!isGiven(section, all)) {
    const message = start + 'gives a refreshed session to its browser: put `' + SESSION_LINE + '`';
    problems.push({ setting: judge.place, message: message + ' into this section' });
  }
  return problems;
}

/**
 * Finds each such line that is missing in a section with an action, or that cannot do its work.
 * @param login undefined where nobody signs in
 */
export function findLoginFaults(
  sections: readonly Section[],
  lines: readonly ConfigurationLine[],
  login: Login | undefined,
): readonly Problem[] {
  if (login === undefined) return findUseless(sections);
  const problems: Problem[] = [...findServiceFaults(findAll(sections, isService), login.prefix)];
  let judge: Rule | undefined;
  for (const section of sections) {
    const own = section.rules.find(({ kind }) => kind === 'judge');
    if (own === undefined) continue;
    judge ??= own;
    problems.push(...findGaps(section, own, sections, login.prefix));
  }
  if (judge === undefined) return [];
  const room = readCookieRoom(lines);
  if (readRewrite(lines) < LEAST_ROOM || room.most === 0) {
    const cause = '`' + REWRITE + '` leaves no room for a session beside a long answer';
    problems.push({
      setting: judge.place,
      message: cause + '; ' + MAKE_ROOM,
    });
  }
  return problems;
}
