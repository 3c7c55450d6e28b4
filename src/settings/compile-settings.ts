// Settings, from the environment or a policy file: every problem is found, none is guessed around.
import { toVariableName } from '../codec/character';
import type { FileAnswer, SettingsSource } from '../ports/host';
import type { Text } from '../ports/text';
import type { AlgorithmName } from '../core/algorithm';
import type { RemoteKeys } from '../keys/key-url';
import { bindConfiguredKeys, checkRemoteAlgorithms } from './check-keys';
import { ENVIRONMENT, type Compilation } from './compilation';
import { compilePolicyFile } from './policy-settings';
import { findFaultyAudience, findFaultyIssuer } from './never-meant';
import { readNativeKeys } from './read-native-keys';
import { readAlgorithmNames, readKeys, type KeyConfiguration } from './read-keys';
import type { SettingsAnswer, StaticKeys } from '../core/settings';
import { splitWords } from '../core/words';

interface NumberSetting {
  readonly setting: string;
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
  readonly unit: Unit;
}

type Unit = 'seconds' | 'tokens' | 'signatures';

function setting(name: string, least: number, most: number, otherwise: number, unit: Unit): NumberSetting {
  return { setting: name, least, most, otherwise, unit };
}

/** Beyond an hour of tolerance `exp` would mean little. */
const CLOCK_SKEW = setting('OAUTH_CLOCK_SKEW', 0, 3600, 60, 'seconds');
const REFRESH = setting('OAUTH_JWKS_REFRESH', 10, 86400, 600, 'seconds');
const COOLDOWN = setting('OAUTH_JWKS_COOLDOWN', 1, 3600, 30, 'seconds');
const CACHE_SIZE = setting('OAUTH_CACHE_SIZE', 0, 1000000, 10000, 'tokens');
const CACHE_AGE = setting('OAUTH_CACHE_AGE', 1, 86400, 3600, 'seconds');
/** In Lua 5.3 a signature of RS256 takes 4 ms: 25 of them are a tenth of a second's processor time. */
const PLAIN_BUDGET = setting('OAUTH_PLAIN_BUDGET', 0, 10000, 25, 'signatures');

const POLICY = 'OAUTH_POLICY';

/** Only the proxy's own configuration can name the authorities that key URLs are trusted by. */
const CA_FILE = 'OAUTH_CA_FILE';

function readIssuer(compilation: Compilation): string {
  const setting = 'OAUTH_ISSUER';
  const issuer = compilation.source.environment(setting);
  let message: string | undefined;
  if (issuer === undefined) message = 'is not set; give the issuer exactly as it stands in the `iss` of your tokens';
  else if (issuer === '') message = 'is empty; was a variable that it is made of never exported?';
  else if (issuer.indexOf(' ') >= 0 || compilation.text.hasControl(issuer)) {
    message = 'holds white space; it is compared exactly with the `iss` of a token';
  } else message = findFaultyIssuer(issuer);
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
  else message = findFaultyAudience(value, audiences);
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

/** A setting that is a whole number within bounds, or its default. */
function readNumber(compilation: Compilation, bounds: NumberSetting): number {
  const value = compilation.source.environment(bounds.setting);
  if (value === undefined) return bounds.otherwise;
  const number = readWholeNumber(value);
  if (number !== undefined && number >= bounds.least && number <= bounds.most) return number;
  const range = bounds.least.toString() + ' to ' + bounds.most.toString();
  const message = 'is not a whole number of ' + bounds.unit + ' from ' + range;
  compilation.problems.push({ setting: bounds.setting, message });
  return bounds.otherwise;
}

/** The deny list's path; the host reads the list itself, again and again. */
function readDenyPath(compilation: Compilation): string | undefined {
  const name = 'OAUTH_DENY_PATH';
  const path = compilation.source.environment(name);
  if (path === undefined) return undefined;
  const answer: FileAnswer =
    path === '' ? { ok: false, problem: 'the name is empty' } : compilation.source.readFile(path);
  if (!answer.ok)
    compilation.problems.push({ setting: name, message: 'cannot read `' + path + '`: ' + answer.problem });
  return path;
}

/** RFC 8446 §4.4.2: certificates are verified by the proxy itself, which a module cannot tell whom to trust. */
function refuseCaFile(compilation: Compilation): void {
  if (compilation.source.environment(CA_FILE) === undefined) return;
  const message =
    'is set, but only the proxy itself can be told; HAProxy: `httpclient.ssl.ca-file PATH` in `global`, ' +
    'nginx: `js_fetch_trusted_certificate PATH`; then unset it';
  compilation.problems.push({ setting: CA_FILE, message });
}

/** The claims that the operator wants as variables, named as they stand in tokens; undefined for all. */
function readClaimVariables(compilation: Compilation): readonly string[] | undefined {
  const value = compilation.source.environment('OAUTH_CLAIM_VARIABLES');
  if (value === undefined) return undefined;
  const names: string[] = [];
  const words = splitWords(value);
  for (let index = 0; index < words.length; index++) names.push(toVariableName(words[index] ?? '', compilation.text));
  return names;
}

/** The issuer's keys, bound; or where to fetch them. */
function bindSource(
  compilation: Compilation,
  keys: KeyConfiguration,
  named: readonly AlgorithmName[] | undefined,
): StaticKeys | RemoteKeys {
  if (keys.kind === 'configured') {
    return { kind: 'static', keySet: bindConfiguredKeys(compilation, ENVIRONMENT, keys.keys, named) };
  }
  checkRemoteAlgorithms(compilation, ENVIRONMENT, named);
  return keys.source;
}

/**
 * Compiles the settings out of the environment, or out of the policy that `OAUTH_POLICY` names, and the files that they
 * name.
 * @param engineAlgorithms what the host can check; a key or setting that needs more is a problem or a notice
 * @returns the settings with what the operator should know, or every problem there is
 */
export function compileSettings(
  source: SettingsSource,
  text: Text,
  engineAlgorithms: readonly AlgorithmName[],
): SettingsAnswer {
  const compilation: Compilation = { source, text, engine: engineAlgorithms, problems: [], notices: [] };
  const policyPath = source.environment(POLICY);
  if (policyPath !== undefined) return compilePolicyFile(compilation, policyPath);
  const issuer = readIssuer(compilation);
  const audiences = readAudiences(compilation);
  const named = readAlgorithmNames(compilation);
  const keys = readKeys(compilation, issuer);
  const clockSkew = readNumber(compilation, CLOCK_SKEW);
  const times = { refresh: readNumber(compilation, REFRESH), cooldown: readNumber(compilation, COOLDOWN) };
  const cache = { size: readNumber(compilation, CACHE_SIZE), age: readNumber(compilation, CACHE_AGE) };
  const denyPath = readDenyPath(compilation);
  const claimVariables = readClaimVariables(compilation);
  const plainBudget = readNumber(compilation, PLAIN_BUDGET);
  const nativeKeys = readNativeKeys(compilation);
  refuseCaFile(compilation);
  const bound = bindSource(compilation, keys, named);
  if (compilation.problems.length > 0) return { ok: false, problems: compilation.problems };
  const issuers = [{ issuer, audiences, allowed: named, source: bound }];
  return {
    ok: true,
    settings: { issuers, clockSkew, times, cache, denyPath, claimVariables, plainBudget, nativeKeys },
    notices: compilation.notices,
  };
}
