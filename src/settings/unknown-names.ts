// Variables of the environment that begin as settings do and that no setting has: what they hold has no effect.
import type { Problem } from '../model/problem';
import { distance } from './policy-file/suggest';
import { CHECKED_ELSEWHERE, LANE_SIZE, LANE_SOCKETS, LOGIN_SETTINGS, POLICY, REPLACED } from './table';

const PREFIX = 'OAUTH_';
const KNOWN: readonly string[] = REPLACED.concat(
  LOGIN_SETTINGS,
  POLICY,
  CHECKED_ELSEWHERE,
  LANE_SIZE,
  LANE_SOCKETS,
).map((setting) => setting.name);
/** So many letters may be wrong in a name that was meant to be another. */
const FEW = 2;

/** Whether a name begins as those of settings do, and is that of none. */
export function isUnknownName(name: string): boolean {
  return name.indexOf(PREFIX) === 0 && KNOWN.indexOf(name) < 0;
}

/** The setting that a name was meant for; undefined when none is near. */
export function findMeant(name: string): string | undefined {
  return KNOWN.find((known) => distance(name, known) <= FEW);
}

/**
 * Finds each variable of the process's environment that was meant to be a setting which is not set.
 * @param names of the environment's variables
 * @param environment as the settings are read
 * @returns none with a policy, which replaces every setting: such a name belongs to something else
 */
export function findMisspelledVariables(
  names: readonly string[],
  environment: (this: void, name: string) => string | undefined,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (environment(POLICY.name) !== undefined) return problems;
  for (let index = 0; index < names.length; index++) {
    const setting = names[index] ?? '';
    const meant = isUnknownName(setting) ? findMeant(setting) : undefined;
    if (meant === undefined || environment(meant) !== undefined) continue;
    problems.push({
      setting,
      message: 'has no effect, for no setting has this name; did you mean `' + meant + '`?',
    });
  }
  return problems;
}
