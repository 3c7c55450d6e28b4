// A policy file as compiled settings, with every problem and notice.
import { createSignatures } from '../../nginx/ports/signatures';
import { text } from '../../nginx/ports/text';
import type { Problem } from '../../src/model/problem';
import type { Settings, SettingsAnswer } from '../../src/model/settings';
import { compileSettings } from '../../src/settings/environment';
import { policySource } from '../ports/source';
import { failure } from './failure';

/** Checks every signature that a proxy could check. */
export const signatures = createSignatures(true);

/** @param root where the files are that the policy names; empty: where it says */
export function compileFile(path: string, root: string): SettingsAnswer {
  return compileSettings(policySource(path, root), text, signatures.algorithms);
}

/** A problem's place within the file: `/rules/0/paths`. */
export function placeOf(problem: Problem, path: string): string {
  const start = `${path}#`;
  return problem.setting.startsWith(start) ? problem.setting.slice(start.length) : problem.setting;
}

/** The first problem of a policy, and how many more there are. */
export function describeFirst(path: string, problems: readonly Problem[]): string {
  const [first] = problems;
  const more = problems.length - 1;
  const rest = more > 0 ? `, and ${String(more)} more; \`jwtverify check ${path}\` lists them` : '';
  return `${first?.setting ?? path}: ${first?.message ?? ''}${rest}`;
}

/** The settings of a policy without problems. @throws a failure that names the first */
export function settingsOf(path: string, root: string): Settings {
  const answer = compileFile(path, root);
  if (answer.ok) return answer.settings;
  throw failure(describeFirst(path, answer.problems));
}
