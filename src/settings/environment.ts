// Settings, from the environment or a policy file: every problem is found, none is guessed around.
import { toVariableName } from '../codec/character';
import type { FileAnswer, SettingsSource } from '../ports/host';
import type { Text } from '../codec/text';
import type { AlgorithmName } from '../model/algorithm';
import { bindSources } from './check-keys';
import { ENVIRONMENT, report, type Compilation } from './compilation';
import { describeTooShort, isTooShort, joinTimes } from './fetch-times';
import { compilePolicyFile } from './policy-file/document';
import { refuseLoginSettings } from './policy-file/login-environment';
import { findFaultyAudience, findFaultyIssuer } from './never-meant';
import { readNativeKeys } from './native-keys';
import { readAlgorithmNames, readKeys } from './read-keys';
import type { SettingsAnswer, FetchTimes } from '../model/settings';
import { readTokenPlaces } from './token-places';
import { splitWords } from '../codec/words';
import {
  AUDIENCE,
  CACHE_AGE,
  CACHE_SIZE,
  CA_FILE,
  CLAIM_VARIABLES,
  CLOCK_SKEW,
  DENY_PATH,
  ISSUER,
  JWKS_COOLDOWN,
  JWKS_MAX_STALE,
  JWKS_REFRESH,
  PLAIN_BUDGET,
  POLICY,
  type NumberSetting,
} from './table';
import { nameFile } from './repeated-values';

function readIssuer(compilation: Compilation): string {
  const setting = ISSUER.name;
  const issuer = compilation.source.environment(setting);
  let message: string | undefined;
  if (issuer === undefined) message = 'is not set; give the issuer exactly as your tokens have it in `iss`';
  else if (issuer === '') message = 'is empty; is a variable in its value not set?';
  else if (issuer.indexOf(' ') >= 0 || compilation.text.hasControl(issuer)) {
    message = 'holds white space; it is compared exactly with the `iss` of a token';
  } else message = findFaultyIssuer(issuer);
  if (message !== undefined) compilation.problems.push({ setting, message });
  return issuer ?? '';
}

/** The audiences; undefined for `*`. */
function readAudiences(compilation: Compilation): readonly string[] | undefined {
  const setting = AUDIENCE.name;
  const value = compilation.source.environment(setting);
  const audiences = splitWords(value ?? '');
  let message: string | undefined;
  if (value === undefined) message = 'is not set; give one or more separated by spaces, or * for any audience';
  else if (audiences.length === 0) message = 'is empty; give one or more separated by spaces, or * for any audience';
  else if (audiences.length > 1 && audiences.indexOf('*') >= 0) message = 'has * beside other audiences; give * alone';
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
  const value = compilation.source.environment(bounds.name);
  if (value === undefined) return bounds.otherwise;
  const number = readWholeNumber(value);
  if (number !== undefined && number >= bounds.least && number <= bounds.most) return number;
  const range = bounds.least.toString() + ' to ' + bounds.most.toString();
  const message = 'is not a whole number of ' + bounds.unit + ' from ' + range;
  compilation.problems.push({ setting: bounds.name, message });
  return bounds.otherwise;
}

/** How often keys are fetched, and how long they count. */
function readTimes(compilation: Compilation): FetchTimes {
  const refresh = readNumber(compilation, JWKS_REFRESH);
  const cooldown = readNumber(compilation, JWKS_COOLDOWN);
  const maxStale = readNumber(compilation, JWKS_MAX_STALE);
  const isSet = compilation.source.environment(JWKS_MAX_STALE.name) !== undefined;
  if (isSet && isTooShort(refresh, maxStale)) {
    report(compilation, JWKS_MAX_STALE.name, describeTooShort(JWKS_REFRESH.name));
  }
  return joinTimes(refresh, cooldown, maxStale);
}

/** The deny list's path; the host reads the list itself, again and again. */
function readDenyPath(compilation: Compilation): string | undefined {
  const name = DENY_PATH.name;
  const path = compilation.source.environment(name);
  if (path === undefined) return undefined;
  const answer: FileAnswer =
    path === '' ? { ok: false, problem: 'the name is empty' } : compilation.source.readFile(path);
  if (!answer.ok)
    compilation.problems.push({ setting: name, message: 'cannot read ' + nameFile(path) + ': ' + answer.problem });
  return path;
}

/** RFC 8446 §4.4.2: the proxy itself verifies certificates, and a module cannot name it the authorities to trust. */
function refuseCaFile(compilation: Compilation): void {
  if (compilation.source.environment(CA_FILE.name) === undefined) return;
  const message =
    "is set, but only the proxy's own directive works; HAProxy: `httpclient.ssl.ca-file PATH` in `global`, " +
    'nginx: `js_fetch_trusted_certificate PATH`; then unset it';
  compilation.problems.push({ setting: CA_FILE.name, message });
}

/** The claims that the operator wants as variables, by their names in tokens; undefined for all. */
function readClaimVariables(compilation: Compilation): readonly string[] | undefined {
  const value = compilation.source.environment(CLAIM_VARIABLES.name);
  if (value === undefined) return undefined;
  const names: string[] = [];
  const words = splitWords(value);
  for (let index = 0; index < words.length; index++) names.push(toVariableName(words[index] ?? '', compilation.text));
  return names;
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
  const policyPath = source.environment(POLICY.name);
  if (policyPath !== undefined) return compilePolicyFile(compilation, policyPath);
  const issuer = readIssuer(compilation);
  const audiences = readAudiences(compilation);
  const named = readAlgorithmNames(compilation);
  const keys = readKeys(compilation, issuer);
  const tokenPlaces = readTokenPlaces(compilation);
  const clockSkew = readNumber(compilation, CLOCK_SKEW);
  const times = readTimes(compilation);
  const cache = { size: readNumber(compilation, CACHE_SIZE), age: readNumber(compilation, CACHE_AGE) };
  const denyPath = readDenyPath(compilation);
  const claimVariables = readClaimVariables(compilation);
  const plainBudget = readNumber(compilation, PLAIN_BUDGET);
  const nativeKeys = readNativeKeys(compilation);
  refuseCaFile(compilation);
  refuseLoginSettings(compilation);
  const sources = bindSources(compilation, ENVIRONMENT, keys, named);
  if (compilation.problems.length > 0) return { ok: false, problems: compilation.problems };
  const issuers = [{ issuer, audiences, allowed: named, sources }];
  return {
    ok: true,
    settings: {
      issuers,
      tokenFrom: tokenPlaces,
      tokenPlaces,
      clockSkew,
      times,
      cache,
      denyPath,
      claimVariables,
      plainBudget,
      nativeKeys,
    },
    notices: compilation.notices,
  };
}
