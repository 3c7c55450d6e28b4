// Finds each action that judges again a request that a rule has changed since another action, in its own section or in one
// that the request came through: when HAProxy ends the second one early, the request keeps the answer of the first.
import { AUTHORIZED, SCOPES_VARIABLE, STATUS_VARIABLE, TRANSACTION } from '../../src/answer/contract';
import type { Rule } from './rules';
import { findTargets } from './routes';
import { PROXIES, type Section } from './sections';

/** An action that may be such a second one. */
export interface Again {
  readonly section: Section;
  readonly rule: Rule;
}

/** How far a request has come. */
interface State {
  wasJudged: boolean;
  isChanged: boolean;
  /** The variables of the first answer that rules have unset. */
  forgotten: readonly string[];
}

/** What an action judges by: what a rule changes of it makes another request. */
const JUDGED: readonly string[] = ['request', 'header', 'header host', 'header authorization'];

/** What a check may ask for: without them no answer is left. */
export const ASKED: readonly string[] = [AUTHORIZED, STATUS_VARIABLE, SCOPES_VARIABLE].map(
  (name) => TRANSACTION + name,
);

/** The variable of an answer that a rule unsets for every request. */
function findForgotten({ action, condition, blocks }: Rule): string | undefined {
  const [variable] = string.match(action, '^unset%-var%(([%w_.]+)%)$');
  const isForAll = condition?.kind === 'any' && condition.suites.some((suite) => suite.length === 0);
  return variable !== undefined && isForAll && blocks.length === 0 ? variable : undefined;
}

function takeRule(state: State, rule: Rule): boolean {
  if (rule.kind === 'judge') {
    const isAgain = state.wasJudged && state.isChanged;
    state.wasJudged = true;
    state.isChanged = false;
    state.forgotten = [];
    return isAgain;
  }
  const variable = findForgotten(rule);
  if (variable !== undefined) {
    state.forgotten = [...state.forgotten, variable];
    if (ASKED.every((name) => state.forgotten.includes(name))) state.wasJudged = false;
  } else if (rule.kind === 'other' || rule.changes.some((change) => JUDGED.includes(change))) state.isChanged = true;
  return false;
}

/** Goes on through a section, and the `defaults` that it begins with; gives each second action to `found`. */
function goThrough(state: State, section: Section, found: (this: void, again: Again) => void): State {
  const next = { ...state };
  for (const one of [section.base, section]) {
    for (const rule of one?.rules ?? []) if (one !== undefined && takeRule(next, rule)) found({ section: one, rule });
  }
  return next;
}

/** Finds each such action, once. */
export function findAgain(sections: readonly Section[]): readonly Again[] {
  const all: Again[] = [];
  const known: string[] = [];
  const found = (again: Again): void => {
    if (known.includes(again.rule.place)) return;
    known.push(again.rule.place);
    all.push(again);
  };
  const fresh: State = { wasJudged: false, isChanged: false, forgotten: [] };
  const judging = sections.filter((one) =>
    [one, one.base].some((part) => part?.rules.some(({ kind }) => kind === 'judge') === true),
  );
  for (const section of judging) {
    if (!PROXIES.includes(section.kind) || section.kind === 'defaults') continue;
    const state = goThrough(fresh, section, found);
    if (!state.wasJudged || section.kind === 'backend') continue;
    for (const target of findTargets(section, judging)) if (target !== section) goThrough(state, target, found);
  }
  return all;
}
