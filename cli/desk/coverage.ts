// What a policy's cases reach: each rule, and each requirement, met and not met.
import type { Policy, Rule } from '../../src/model/policy';
import type { Check } from './check';
import type { DeskAnswer } from './judge';
import { listRequirements } from './requirements';

/** A part of a policy that no case reaches. */
export interface Gap {
  readonly rule: string;
  readonly what: string;
}

export interface Coverage {
  readonly reached: number;
  readonly all: number;
  readonly gaps: readonly Gap[];
}

/** What cases have reached so far. */
export interface Reached {
  readonly parts: Set<string>;
}

const keyOf = (rule: string, part: string): string => `${rule}\n${part}`;
const DECIDES = 'decides';
const OUTCOMES = [
  ['passed', 'met'],
  ['failed', 'not met'],
] as const;

/** Notes what a case reached. */
export function noteReached(reached: Reached, answer: DeskAnswer, checks: readonly Check[]): void {
  const rule = answer.ruling.rule;
  if (rule !== '') reached.parts.add(keyOf(rule, DECIDES));
  const name = answer.target?.rule.name;
  if (name === undefined) return;
  for (const { check, outcome } of checks) reached.parts.add(keyOf(name, `${check} ${outcome}`));
}

function gapsOf(rule: Rule, policy: Policy, reached: Reached): readonly (Gap | undefined)[] {
  const needs = (part: string, what: string): Gap | undefined =>
    reached.parts.has(keyOf(rule.name, part)) ? undefined : { rule: rule.name, what };
  const requirements = listRequirements(rule, policy.claimPaths);
  return [
    needs(DECIDES, 'decides about no request'),
    ...requirements.flatMap((check) =>
      OUTCOMES.map(([outcome, word]) => needs(`${check} ${outcome}`, `${check} is ${word} by no request`)),
    ),
  ];
}

/** The parts of a policy that cases reach, and the gaps. The rule `otherwise` counts too. */
export function coverageOf(policy: Policy, reached: Reached): Coverage {
  const all = policy.rules.flatMap((rule) => gapsOf(rule, policy, reached));
  const gaps = all.filter((gap) => gap !== undefined);
  return { reached: all.length - gaps.length, all: all.length, gaps };
}
