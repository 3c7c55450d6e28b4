// Settings from the environment: every problem is found, none is guessed around.
import type { SettingsSource } from '../ports/host';
import type { Text } from '../ports/text';
import type { AlgorithmName } from './algorithm';
import { bindKeys } from './bind-keys';
import type { Problem } from './problem';
import { readAlgorithmNames, readKeys } from './read-keys';
import type { Settings, SettingsAnswer } from './settings';
import { splitWords } from './words';

const DEFAULT_CLOCK_SKEW = 60;
/** The most seconds of tolerance: beyond it `exp` would mean little. */
const MAX_CLOCK_SKEW = 3600;

/** Settings of the contract that this version does not have: never passed over in silence. */
const NOT_YET: readonly string[] = [
  'OAUTH_JWKS_URL',
  'OAUTH_JWKS_REFRESH',
  'OAUTH_JWKS_COOLDOWN',
  'OAUTH_CA_FILE',
  'OAUTH_PLAIN_BUDGET',
  'OAUTH_ALLOW_HTTP',
  'OAUTH_POLICY',
];

/** What is read from, and where problems and notices are gathered. */
export interface Compilation {
  readonly source: SettingsSource;
  readonly text: Text;
  readonly problems: Problem[];
  readonly notices: Problem[];
}

function readIssuer(compilation: Compilation): string {
  const setting = 'OAUTH_ISSUER';
  const issuer = compilation.source.environment(setting);
  let message: string | undefined;
  if (issuer === undefined) message = 'is not set; give the issuer exactly as it stands in the `iss` of your tokens';
  else if (issuer === '') message = 'is empty; was a variable that it is made of never exported?';
  else if (issuer.indexOf(' ') >= 0 || compilation.text.hasControl(issuer)) {
    message = 'holds white space; it is compared exactly with the `iss` of a token';
  }
  if (message !== undefined) compilation.problems.push({ setting, message });
  return issuer ?? '';
}

/** The audiences; undefined for `*`. */
function readAudiences(compilation: Compilation): readonly string[] | undefined {
  const setting = 'OAUTH_AUDIENCE';
  const value = compilation.source.environment(setting);
  const audiences = splitWords(value ?? '');
  let message: string | undefined;
  if (value === undefined) message = 'is not set; give one or more separated by spaces, or * for any audience';
  else if (audiences.length === 0) message = 'is empty; give one or more separated by spaces, or * for any audience';
  else if (audiences.length > 1 && audiences.indexOf('*') >= 0)
    message = 'has * beside other audiences; * stands alone';
  if (message !== undefined) compilation.problems.push({ setting, message });
  return audiences.length === 1 && audiences[0] === '*' ? undefined : audiences;
}

/** A whole number written in decimal digits; undefined for anything else. */
function readWholeNumber(value: string): number | undefined {
  if (value === '' || value.length > 9) return undefined;
  let number = 0;
  for (let index = 0; index < value.length; index++) {
    const digit = value.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

function readClockSkew(compilation: Compilation): number {
  const setting = 'OAUTH_CLOCK_SKEW';
  const value = compilation.source.environment(setting);
  if (value === undefined) return DEFAULT_CLOCK_SKEW;
  const seconds = readWholeNumber(value);
  if (seconds !== undefined && seconds <= MAX_CLOCK_SKEW) return seconds;
  const message = 'is not a whole number of seconds from 0 to ' + MAX_CLOCK_SKEW.toString();
  compilation.problems.push({ setting, message });
  return DEFAULT_CLOCK_SKEW;
}

function refuseUnbuilt(compilation: Compilation): void {
  for (let index = 0; index < NOT_YET.length; index++) {
    const setting = NOT_YET[index];
    if (setting === undefined || compilation.source.environment(setting) === undefined) continue;
    compilation.problems.push({ setting, message: 'is set, but this version of jwtverify does not have it; unset it' });
  }
}

/**
 * Compiles the settings out of the environment and the files that it names.
 * @param engineAlgorithms what the host can check; a key or setting that needs more is a problem or a notice
 * @returns the settings with what the operator should know, or every problem there is
 */
export function compileSettings(
  source: SettingsSource,
  text: Text,
  engineAlgorithms: readonly AlgorithmName[],
): SettingsAnswer {
  const compilation: Compilation = { source, text, problems: [], notices: [] };
  const issuer = readIssuer(compilation);
  const audiences = readAudiences(compilation);
  const named = readAlgorithmNames(compilation);
  const keys = readKeys(compilation);
  const clockSkew = readClockSkew(compilation);
  refuseUnbuilt(compilation);
  const bound = bindKeys(compilation, keys, named, engineAlgorithms);
  if (compilation.problems.length > 0) return { ok: false, problems: compilation.problems };
  const settings: Settings = {
    issuer,
    audiences,
    keys: bound.keys,
    algorithms: bound.algorithms,
    unavailable: bound.unavailable,
    clockSkew,
  };
  return { ok: true, settings, notices: compilation.notices };
}
