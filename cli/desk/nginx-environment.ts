// The `env` lines of nginx's configuration: what its workers get, and the settings among it.
import { basename, dirname, join } from 'node:path';
import { text } from '../../nginx/ports/text';
import { compileSettings } from '../../src/settings/environment';
import { AUDIENCE, ISSUER, POLICY } from '../../src/settings/table';
import { findMeant, isUnknownName } from '../../src/settings/unknown-names';
import { NOT_HERE, proxySource, readText } from '../ports/source';
import { isFailure } from './failure';
import { error, type Finding } from './finding';
import { named, type Block } from './nginx-blocks';
import { compileDeployment, type Deployment } from './placeholders';
import { signatures } from './settings';

interface Line {
  readonly name: string;
  /** Undefined where the environment of the service has it. */
  readonly value: string | undefined;
  readonly words: readonly string[];
}

function linesOf(configuration: Block): readonly Line[] {
  return named(configuration, 'env').map(({ words }) => {
    const [, word = ''] = words;
    const end = word.indexOf('=');
    return end < 0
      ? { name: word, value: undefined, words }
      : { name: word.slice(0, end), value: word.slice(end + 1), words };
  });
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SHAPE = 'an `env` line has a name, or a name and its value: `env OAUTH_POLICY=/etc/nginx/policy.json;`';

/** What is wrong with the form of a line; nothing of a value is repeated, which may be a secret. */
function checkForm({ name, words }: Line): readonly Finding[] {
  if (words.length > 2) {
    const mend = NAME.test(name) ? `; write \`=\` after \`${name}\`, without a blank` : '';
    return [error('main', `has an \`env\` line of several words, so nginx does not start${mend}`)];
  }
  if (name.startsWith('$'))
    return [error('main', `has \`env ${name}\`, which sets nothing; write the name without \`$\``)];
  if (NAME.test(name)) return [];
  return [error('main', `has an \`env\` line with a value where a name belongs; ${SHAPE}`)];
}

function checkName({ name }: Line): readonly Finding[] {
  const upper = name.toUpperCase();
  const isOtherCase = name !== upper && upper.startsWith('OAUTH_') && !isUnknownName(upper);
  const near = isOtherCase ? upper : isUnknownName(name) ? findMeant(name) : undefined;
  return near === undefined ? [] : [error('main', `\`env ${name}\` sets nothing; did you mean \`${near}\`?`)];
}

/** The problems of values that are in the configuration itself. */
function checkValues(lines: readonly Line[], path: string): readonly Finding[] {
  const known = new Map(lines.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])));
  // The policy is checked by itself.
  if (known.size === 0 || lines.some(({ name }) => name === POLICY.name)) return [];
  const source = proxySource((name) => known.get(name), ['', dirname(path), path]);
  const answer = compileSettings(source, text, signatures.algorithms);
  if (answer.ok) return [];
  return answer.problems
    .filter(({ setting, message }) => known.has(setting) && !message.includes(NOT_HERE))
    .map(({ setting, message }) => error(`env ${setting}`, message));
}

function checkMissing(lines: readonly Line[]): readonly Finding[] {
  const names = lines.map(({ name }) => name);
  const has = (name: string): boolean => names.includes(name);
  if (!has(ISSUER.name) && !has(POLICY.name)) {
    const message = `has no \`env\` line for ${ISSUER.name} or ${POLICY.name}, so workers have no settings; write \`env ${POLICY.name};\``;
    return [error('main', message)];
  }
  if (has(POLICY.name) || has(AUDIENCE.name)) return [];
  const message = `has no \`env\` line for ${AUDIENCE.name}, so workers refuse every request; write \`env ${AUDIENCE.name};\``;
  return [error('main', message)];
}

/** A policy that workers judge by. */
export interface FoundPolicy extends Deployment {
  /** Where it is here. */
  readonly file: string;
}

/**
 * The policy that an `env` line names, where it says or beside the configuration.
 * @returns undefined where it is not here, or has a problem, which `check` of the policy says
 */
export function findPolicy(configuration: Block, path: string): FoundPolicy | undefined {
  const value = linesOf(configuration).find(({ name }) => name === POLICY.name)?.value;
  if (value === undefined) return undefined;
  const file = [value, join(dirname(path), basename(value))].find((one) => readText(one).ok);
  if (file === undefined) return undefined;
  try {
    return { ...compileDeployment(file, ''), file };
  } catch (problem) {
    if (isFailure(problem)) return undefined;
    throw problem;
  }
}

/** Variables that the policy names, and that no line gives to workers. */
function checkNamed(lines: readonly Line[], policy: FoundPolicy | undefined): readonly Finding[] {
  return (policy?.variables ?? [])
    .filter((variable) => !lines.some(({ name }) => name === variable))
    .map((name) =>
      error('main', `has no \`env\` line for \`${name}\`, which the policy names; write \`env ${name};\``),
    );
}

/** Whether workers judge by a policy. */
export const hasPolicy = (configuration: Block): boolean =>
  linesOf(configuration).some(({ name }) => name === POLICY.name);

/** Whether a line has a value, which workers get from njs 0.8.8 on. */
export const hasValues = (configuration: Block): boolean =>
  linesOf(configuration).some(({ value }) => value !== undefined);

/** Finds what is wrong with them. @param path the configuration's own, beside which other files may be */
export function checkEnvironment(
  configuration: Block,
  path: string,
  policy: FoundPolicy | undefined,
): readonly Finding[] {
  const lines = linesOf(configuration);
  const right = lines.filter((line) => checkForm(line).length === 0);
  return [
    ...lines.flatMap(checkForm),
    ...checkMissing(lines),
    ...checkNamed(lines, policy),
    ...right.flatMap(checkName),
    ...checkValues(right, path),
  ];
}
