// Follows each action of ours through the rules of its section, as a request goes whose action HAProxy has ended early:
// no variable is set, and nothing is refused. Some rule has to refuse it before another lets it out.
import { ALWAYS, type Condition, type Literal, type Suite } from './conditions';
import { ENFORCE, type Rule } from './rules';
import type { Section } from './sections';
import type { Meaning } from './terms';

/** An action whose check has not come yet. */
interface Open {
  readonly rule: Rule;
  /** What conditions read that a rule below has changed. */
  readonly changes: string[];
  /** Whether a rule refuses some of those that are not authorized. */
  isPartly: boolean;
  /** Whether some pass whatever the action says of them. */
  isLoose: boolean;
}

/** An action without a check. */
export interface Gap {
  readonly rule: Rule;
  /** The rule that lets requests past the check; undefined when there is no check. */
  readonly past: Rule | undefined;
}

type MeaningOf = (this: void, name: string) => Meaning;

/** Whether a literal holds for every request that nobody let pass. */
function asksToPass(meaningOf: MeaningOf, { name, isNegated }: Literal): boolean {
  return isNegated && meaningOf(name).kind === 'allowed';
}

/** Whether a literal holds for no such request. */
function isForAllowed(meaningOf: MeaningOf, { name, isNegated }: Literal): boolean {
  return !isNegated && meaningOf(name).kind === 'allowed';
}

/** Whether a literal is now what it was when the action began. */
function isUnchanged(meaningOf: MeaningOf, { name }: Literal, changes: readonly string[]): boolean {
  const { kind, reads } = meaningOf(name);
  if (kind !== 'steady') return false;
  return reads.every((read) => changes.every((change) => change !== read && read.split(' ')[0] !== change));
}

function isWithin(suite: Suite, outer: Suite): boolean {
  return suite.every((one) => outer.some(({ name, isNegated }) => name === one.name && isNegated === one.isNegated));
}

/** Whether a rule acts on every request that an action ran for and nobody let pass. */
function coversAll(meaningOf: MeaningOf, open: Open, condition: Condition): boolean {
  const suites = condition.suites.filter((suite) => !suite.some((literal) => isForAllowed(meaningOf, literal)));
  const ran = open.rule.condition;
  const isKept = (literal: Literal): boolean => isUnchanged(meaningOf, literal, open.changes);
  if (condition.kind === 'none') {
    if (suites.length === 0) return true;
    if (ran === undefined || ran.kind === 'any') return false;
    const kept = ran.suites.filter((suite) => suite.every((literal) => isKept(literal)));
    return suites.every((suite) => kept.some((one) => isWithin(one, suite)));
  }
  const asked = suites.map((suite) => suite.filter((literal) => !asksToPass(meaningOf, literal)));
  if (asked.some((suite) => suite.length === 0)) return true;
  if (ran === undefined || ran.kind === 'none') return false;
  const kept = asked.filter((suite) => suite.every((literal) => isKept(literal)));
  return ran.suites.every((suite) => kept.some((one) => isWithin(one, suite)));
}

/** Whether a rule acts on nobody who may pass. */
function sparesAllowed(meaningOf: MeaningOf, { kind, suites }: Condition): boolean {
  if (kind === 'any') return suites.every((suite) => suite.some((literal) => asksToPass(meaningOf, literal)));
  return suites.some((suite) => suite.length > 0 && suite.every((literal) => isForAllowed(meaningOf, literal)));
}

/** Whether a rule acts on nobody but those who may pass. */
export function isOnlyForAllowed(meaningOf: MeaningOf, { kind, suites }: Condition): boolean {
  return kind === 'any' && suites.every((suite) => suite.some((literal) => isForAllowed(meaningOf, literal)));
}

/** Whether a rule lets out, besides those who may pass, some by nothing that depends on an action of ours. */
function isPartlySteady(meaningOf: MeaningOf, { kind, suites }: Condition): boolean {
  const isClear = (literal: Literal): boolean => {
    const meaning = meaningOf(literal.name).kind;
    return meaning === 'steady' || (kind === 'any' && !literal.isNegated && meaning !== 'other');
  };
  return suites.every((suite) => suite.every((literal) => isClear(literal)));
}

/** Whether a rule refuses some who are not authorized, and looks at nothing else that depends on an action of ours. */
function refusesPartly(meaningOf: MeaningOf, { kind, suites }: Condition): boolean {
  const asks = ({ name, isNegated }: Literal): boolean =>
    isNegated === (kind === 'any') && ['allowed', 'mixed'].includes(meaningOf(name).kind);
  const isClear = (suite: Suite): boolean =>
    suite.every((literal) => asks(literal) || meaningOf(literal.name).kind === 'steady');
  if (kind === 'any') return suites.some((suite) => isClear(suite) && suite.some((literal) => asks(literal)));
  return suites.every((suite) => isClear(suite)) && suites.some((suite) => suite.some((literal) => asks(literal)));
}

/** Whether a line in these blocks is in force wherever the action is. */
function isBeside(open: Open, blocks: readonly string[]): boolean {
  return blocks.every((block, place) => open.rule.blocks[place] === block);
}

/** What a rule makes of an action that waits for its check. */
type Fate = 'checked' | 'open' | 'gap';

/** Takes in a rule that answers. */
function meetAnswer(meaningOf: MeaningOf, open: Open, rule: Rule, condition: Condition): Fate {
  const refuses = rule.kind === 'refuse' || sparesAllowed(meaningOf, condition);
  if (refuses && isBeside(open, rule.blocks)) {
    if (coversAll(meaningOf, open, condition)) return 'checked';
    if (refusesPartly(meaningOf, condition)) open.isPartly = true;
  }
  return refuses ? 'open' : meetPass(meaningOf, open, condition);
}

/** Takes in a rule that lets requests out. */
function meetPass(meaningOf: MeaningOf, open: Open, condition: Condition | undefined): Fate {
  if (condition === undefined) return 'gap';
  if (isOnlyForAllowed(meaningOf, condition)) return 'open';
  // The action refuses nobody by itself: whom the condition names, the operator lets pass without a token.
  if (open.rule.action === ENFORCE || !isPartlySteady(meaningOf, condition)) return 'gap';
  open.isLoose = true;
  const isForAll = condition.kind === 'any' && condition.suites.some((suite) => suite.length === 0);
  if (!isForAll) return 'open';
  return open.isPartly ? 'checked' : 'gap';
}

function meetRule(meaningOf: MeaningOf, open: Open, rule: Rule): Fate {
  const { kind, condition } = rule;
  if (kind === 'judge') return 'open';
  if (kind === 'harmless') {
    open.changes.push(...rule.changes);
    return 'open';
  }
  if (kind === 'pass') return meetPass(meaningOf, open, condition);
  if (kind === 'other' || condition === undefined) return 'gap';
  return meetAnswer(meaningOf, open, rule, condition);
}

/** Whether the backend of those that are not authorized refuses all of them. */
function refusesAll({ rules, base, meaningOf }: Section, action: Rule): boolean {
  if (base !== undefined && base.rules.length > 0) return false;
  const open: Open = {
    rule: { ...action, condition: ALWAYS, blocks: [] },
    changes: [],
    isPartly: false,
    isLoose: false,
  };
  for (const rule of rules) {
    const fate = meetRule(meaningOf, open, rule);
    if (fate !== 'open') return fate === 'checked' && !open.isLoose;
  }
  return false;
}

/**
 * Finds the actions of a section that let a request out when they are ended.
 * @param refuge the one backend that requests reach which are not authorized; undefined where there is none
 * @param isIndependent whether no rule of the configuration tells a refused request from one whose action was ended, but by
 * asking whether it may pass: then a check for some requests will do below `lua.jwtverify`
 */
export function findGaps(
  { rules, meaningOf }: Section,
  refuge: Section | undefined,
  isIndependent: () => boolean,
): readonly Gap[] {
  const gaps: Gap[] = [];
  let waiting: Open[] = [];
  for (const rule of rules) {
    const left: Open[] = [];
    for (const open of waiting) {
      const fate = meetRule(meaningOf, open, rule);
      if (fate === 'open') left.push(open);
      else if (fate === 'gap' || (open.isLoose && !isIndependent())) gaps.push({ rule: open.rule, past: rule });
    }
    waiting = left;
    if (rule.kind !== 'judge') continue;
    if (rule.condition === undefined) gaps.push({ rule, past: rule });
    else waiting.push({ rule, changes: [], isPartly: false, isLoose: false });
  }
  for (const { rule, isPartly, isLoose } of waiting) {
    if (rule.action !== ENFORCE && isPartly && isIndependent()) continue;
    if (isLoose || refuge === undefined || !refusesAll(refuge, rule)) gaps.push({ rule, past: undefined });
  }
  return gaps;
}
