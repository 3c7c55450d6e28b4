// Finds what of HAProxy's configuration would let a request pass that nobody judged. HAProxy goes on with the next rule when it
// ends an action early, for memory, time, or a client that has gone: a rule below has to ask whether the request may pass.
import type { Settings } from '../../src/model/settings';
import type { Problem } from '../../src/model/problem';
import type { FileAnswer } from '../../src/ports/host';
import { findSettings, type Setting } from './asked-variables';
import { findGaps, type Gap } from './checks';
import { ELSEWHERE, describeSection, findExcuseProblems, isExcused, isFileExcused, readExcuses } from './elsewhere';
import { findErrorAnswers } from './error-answers';
import { areIndependent } from './independence';
import { findBrokerFaults } from './broker-lines';
import { findLoginFaults } from './login-lines';
import { findNotices } from './notices';
import { findRefuge } from './routes';
import { ASKED, findAgain, type Again } from './second-judgement';
import { readSections, type HiddenLine, type Section, type Sections } from './sections';
import type { Configuration, ConfigurationLine, UnreadFile } from '../ports/configuration';
import { CHECK_LINE } from '../ports/wanted-lines';

/** A problem of a section, or of no section. */
interface Fault {
  readonly section: Section | undefined;
  readonly place: string;
  readonly message: string;
}

export interface Findings {
  readonly problems: readonly Problem[];
  /** A notice: odd, but perhaps intended. */
  readonly notices: readonly Problem[];
}

/** A file that cannot be read again may have an action without a check: the operator has to vouch for it. */
function problemOf({ path, problem }: UnreadFile): Problem {
  const cause = 'cannot be read again to look for the check below each action of jwtverify (' + problem + ')';
  const mend = 'use a regular file, or make sure of the checks and `setenv ' + ELSEWHERE + ' ' + path + '`';
  return { setting: path, message: cause + '; ' + mend };
}

function excuseFor(section: Section): string {
  const name = describeSection(section);
  return '`setenv ' + ELSEWHERE + ' ' + (name.includes(' ') ? '"' + name + '"' : name) + '`';
}

function describeAgain({ section, rule }: Again): Fault {
  const again = '`http-request ' + rule.action + '` judges again what a rule above it has changed';
  const kept = ', and a request keeps the first answer when HAProxy ends the action early';
  const unset = ASKED.map((name) => '`http-request unset-var(' + name + ')`').join(', ');
  const mend = '; use one action, or put ' + unset + ' above it, or ' + excuseFor(section);
  return { section, place: rule.place, message: again + kept + mend };
}

function describeGap(section: Section, { rule, past }: Gap): Fault {
  const cause = '`http-request ' + rule.action + '` has no check below it in `' + section.name + '`';
  const effect = ', so HAProxy lets requests pass when it ends the action early';
  const where = past === undefined || past === rule ? '' : ', above the `' + past.action + '` of ' + past.place;
  const mend = '; put `' + CHECK_LINE + '` below it' + where + ', or ' + excuseFor(section);
  return { section, place: rule.place, message: cause + effect + mend };
}

function isJudging({ rules }: Section): boolean {
  return rules.some(({ kind }) => kind === 'judge');
}

/** The `mode` of a section; `tcp` where none is certain to be `http`. */
function modeOf(section: Section): string {
  let mode: string | undefined;
  for (const { line, blocks } of section.lines) {
    if (line.words[0] !== 'mode') continue;
    if (line.words[1] !== 'http' || line.certain < 2) return 'tcp';
    if (blocks.length === 0) mode = 'http';
  }
  return mode ?? (section.base === undefined ? 'tcp' : modeOf(section.base));
}

/** Sections whose rules HAProxy ignores, although they have an action of jwtverify. */
function findTcp(sections: readonly Section[]): readonly Fault[] {
  const faults: Fault[] = [];
  for (const section of sections) {
    if (section.kind === 'defaults') continue;
    const judging = [section, section.base].find((one) => one !== undefined && isJudging(one));
    const rule = judging?.rules.find(({ kind }) => kind === 'judge');
    if (rule === undefined || modeOf(section) === 'http') continue;
    const cause = 'HAProxy ignores `http-request ' + rule.action + '` in `' + section.name + '`, whose mode is `tcp`';
    faults.push({ section: undefined, place: rule.place, message: cause + '; put `mode http` into it' });
  }
  return faults;
}

const SETS = 'sets a variable of jwtverify, which a request keeps whose action HAProxy ends early; use another name';

function describeSetting({ section, place }: Setting): Fault {
  return { section, place, message: section === undefined ? SETS : SETS + ', or ' + excuseFor(section) };
}

const HIDDEN: Readonly<Record<HiddenLine['cause'], string>> = {
  environment:
    'the environment decides what this line does, so nobody can look for an action of jwtverify; write it out',
  block:
    'the `.if` block in which a section begins ends above this line, so nobody knows the section of the line; ' +
    'put the whole section into the block',
};

function findFaults(
  { all, hidden }: Sections,
  lines: readonly ConfigurationLine[],
  hasPolicy: boolean,
): readonly Fault[] {
  const faults: Fault[] = hidden.map(({ place, section, cause }) => ({ section, place, message: HIDDEN[cause] }));
  let isIndependent: boolean | undefined;
  const judgeIndependence = (): boolean => {
    isIndependent ??= areIndependent(all, hasPolicy);
    return isIndependent;
  };
  for (const section of all) {
    const gaps = findGaps(section, isJudging(section) ? findRefuge(section, all) : undefined, judgeIndependence);
    const last = gaps[gaps.length - 1];
    if (last !== undefined) faults.push(describeGap(section, last));
  }
  if (!all.some((section) => isJudging(section))) return faults;
  const settings = findSettings(all, lines).map((setting) => describeSetting(setting));
  return [...faults, ...findAgain(all).map((again) => describeAgain(again)), ...findTcp(all), ...settings];
}

/**
 * Finds each section with an action of ours that no check follows, and each file that cannot be read again, except those that
 * the operator names.
 * @param named the value of OAUTH_CHECKED_ELSEWHERE
 * @param settings undefined where they are broken
 * @param readFile reads a file that HAProxy answers with
 */
export function findUnchecked(
  { lines, unread }: Configuration,
  named: string | undefined,
  settings: Pick<Settings, 'policy' | 'login' | 'broker'> | undefined,
  readFile: (this: void, path: string) => FileAnswer,
): Findings {
  const policy = settings?.policy;
  const hasPolicy = policy !== undefined;
  const excuses = readExcuses(named);
  const sections = readSections(lines, hasPolicy);
  const problems: Problem[] = unread.filter(({ path }) => !isFileExcused(excuses, path)).map((file) => problemOf(file));
  const open: Section[] = [];
  const answers = findErrorAnswers(sections.all, lines, readFile);
  const faults: Fault[] = answers.faults.map((fault) => ({
    ...fault,
    message: fault.message + ', or ' + excuseFor(fault.section),
  }));
  for (const { section, place, message } of [...findFaults(sections, lines, hasPolicy), ...faults]) {
    if (section !== undefined) open.push(section);
    if (section === undefined || !isExcused(excuses, section)) problems.push({ setting: place, message });
  }
  problems.push(
    ...findExcuseProblems(
      named,
      open,
      sections.all.filter((section) => isJudging(section)),
      unread.length > 0,
    ),
  );
  if (settings !== undefined) {
    problems.push(...findLoginFaults(sections.all, lines, settings.login));
    problems.push(...findBrokerFaults(sections.all, settings.broker));
  }
  return { problems, notices: [...findNotices(sections.all, policy), ...answers.notices] };
}
