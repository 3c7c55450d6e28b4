// Names of variables that no setting has, in `setenv` lines and in the process's environment: what they hold has no effect.
import type { Problem } from '../../src/model/problem';
import { findMeant, findMisspelledVariables, isUnknownName } from '../../src/settings/unknown-names';
import type { ConfigurationLine } from '../ports/configuration';
import { splitLine } from '../ports/configuration-line';
import type { Findings } from './configuration-gaps';

/** The environment of a process. */
export interface ProcessEnvironment {
  /** The names of the variables that the process was started with. */
  readonly names: readonly string[];
  readonly read: (this: void, name: string) => string | undefined;
  /** Whether a variable has been asked for: a setting, or what the policy names. */
  readonly wasAsked: (this: void, name: string) => boolean;
}

const SETS: readonly string[] = ['setenv', 'presetenv'];

/** Whether a line reads a variable of the environment. */
function reads(text: string, name: string): boolean {
  return text.includes('$' + name) || text.includes('${' + name) || text.includes('env(' + name);
}

/** The names of the process's own environment that the configuration neither sets nor reads. */
function listUnused(names: readonly string[], lines: readonly ConfigurationLine[]): readonly string[] {
  const isSet = ({ text }: ConfigurationLine, name: string): boolean => {
    const [keyword = '', set = ''] = splitLine(text).words;
    return SETS.includes(keyword) && set === name;
  };
  return names
    .filter((name) => isUnknownName(name))
    .filter((name) => !lines.some((line) => line.text.includes(name) && (isSet(line, name) || reads(line.text, name))));
}

/**
 * Finds each such name: as a problem where it is nearly that of a setting, otherwise, in a line, as a notice.
 * To be called when the settings have been compiled: a policy may name variables of secrets.
 * @param hasPolicy whether there is a policy
 */
export function findUnknownNames(
  lines: readonly ConfigurationLine[],
  hasPolicy: boolean,
  environment: ProcessEnvironment,
): Findings {
  const problems: Problem[] = [];
  const notices: Problem[] = [];
  for (const { place, text } of lines) {
    if (!text.includes('setenv')) continue;
    const [keyword = '', name = ''] = splitLine(text).words;
    if (!SETS.includes(keyword) || !isUnknownName(name)) continue;
    if (environment.wasAsked(name) || lines.some((line) => reads(line.text, name))) continue;
    const near = findMeant(name);
    const message = '`' + keyword + ' ' + name + '` sets nothing, for no setting has this name';
    if (near !== undefined) problems.push({ setting: place, message: message + '; did you mean `' + near + '`?' });
    else if (!hasPolicy) notices.push({ setting: place, message });
  }
  problems.push(...findMisspelledVariables(listUnused(environment.names, lines), environment.read));
  return { problems, notices };
}
