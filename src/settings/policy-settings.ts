// Settings out of a policy file: `OAUTH_POLICY`, which replaces every other setting and can say all of them.
import { toVariableName } from '../codec/character';
import { asObject, type Json, type JsonObject } from '../codec/json';
import { findFaultyLine, parseJson } from '../codec/json-parse';
import type { NativeKey, Settings, SettingsAnswer } from '../core/settings';
import { compilePolicy, POLICY_KEYS } from '../policy/compile-policy';
import {
  checkMembers,
  complain,
  complainKind,
  member,
  readFlag,
  readString,
  readStringOrStrings,
  readStrings,
  readWhole,
  type Place,
  type Reader,
} from '../policy/reader';
import { report, type Compilation } from './compilation';
import { compileIssuers } from './policy-issuers';
import { readNativeFiles } from './read-native-keys';

const SETTING = 'OAUTH_POLICY';
const MAX_POLICY_LENGTH = 1048576;
const KEYS: readonly string[] = [
  '$schema',
  'comment',
  'issuers',
  'clock_skew',
  'jwks_refresh',
  'jwks_cooldown',
  'allow_http',
  'cache_size',
  'cache_age',
  'deny_path',
  'claim_variables',
  'plain_budget',
  'native_keys',
];

/** Every setting that a policy replaces: none may stand beside it. */
const REPLACED: readonly string[] = [
  'OAUTH_ISSUER',
  'OAUTH_AUDIENCE',
  'OAUTH_JWKS_URL',
  'OAUTH_PUBKEY_PATH',
  'OAUTH_JWKS_PATH',
  'OAUTH_HMAC_SECRET',
  'OAUTH_ALGORITHMS',
  'OAUTH_CLOCK_SKEW',
  'OAUTH_JWKS_REFRESH',
  'OAUTH_JWKS_COOLDOWN',
  'OAUTH_ALLOW_HTTP',
  'OAUTH_CA_FILE',
  'OAUTH_CACHE_SIZE',
  'OAUTH_CACHE_AGE',
  'OAUTH_DENY_PATH',
  'OAUTH_CLAIM_VARIABLES',
  'OAUTH_PLAIN_BUDGET',
  'OAUTH_NATIVE_KEYS',
];

function refuseOthers(compilation: Compilation): void {
  const others = REPLACED.filter((setting) => compilation.source.environment(setting) !== undefined);
  if (others.length === 0) return;
  const message = ', which it replaces; put what they say into the policy, and unset them';
  report(compilation, SETTING, 'stands beside ' + others.join(', ') + message);
}

function readDenyPath(compilation: Compilation, reader: Reader, document: Place<JsonObject>): string | undefined {
  const place = member(document, 'deny_path');
  const path = place === undefined ? undefined : readString(reader, place);
  if (place === undefined || path === undefined) return undefined;
  const answer = compilation.source.readFile(path);
  if (!answer.ok) complain(reader, place.pointer, 'cannot read `' + path + '`: ' + answer.problem);
  return path;
}

/** The claims that become variables; undefined for all. */
function readClaimVariables(reader: Reader, document: Place<JsonObject>): readonly string[] | undefined {
  const place = member(document, 'claim_variables');
  if (place === undefined) return undefined;
  const list = typeof place.value === 'string' || typeof place.value === 'boolean' ? undefined : place.value;
  // An empty list says in so many words that no claim becomes a variable.
  if (list !== undefined && list.kind === 'array' && list.items.length === 0) return [];
  const claims = readStrings(reader, place);
  const names: string[] = [];
  for (let index = 0; index < claims.length; index++) names.push(toVariableName(claims[index] ?? '', reader.text));
  return names;
}

/** The files of keys that HAProxy verifies with by itself. */
function readNative(compilation: Compilation, reader: Reader, document: Place<JsonObject>): readonly NativeKey[] {
  const place = member(document, 'native_keys');
  if (place === undefined) return [];
  return readNativeFiles(compilation, reader.file + '#' + place.pointer, readStringOrStrings(reader, place));
}

function compileDocument(compilation: Compilation, reader: Reader, document: Place<JsonObject>): Settings {
  checkMembers(reader, document, KEYS.concat(POLICY_KEYS));
  const comment = member(document, 'comment');
  if (comment !== undefined) readString(reader, comment);
  const schema = member(document, '$schema');
  if (schema !== undefined) readString(reader, schema);
  const allowHttp = readFlag(reader, document, 'allow_http', false);
  const clockSkew = readWhole(reader, document, 'clock_skew', 0, 3600, 60);
  const issuers = compileIssuers({ compilation, reader, allowHttp }, document);
  const names: string[] = [];
  for (let index = 0; index < issuers.length; index++) {
    const issuer = issuers[index];
    if (issuer !== undefined) names.push(issuer.issuer);
  }
  return {
    issuers,
    clockSkew,
    times: {
      refresh: readWhole(reader, document, 'jwks_refresh', 10, 86400, 600),
      cooldown: readWhole(reader, document, 'jwks_cooldown', 1, 3600, 30),
    },
    cache: {
      size: readWhole(reader, document, 'cache_size', 0, 1000000, 10000),
      age: readWhole(reader, document, 'cache_age', 1, 86400, 3600),
    },
    denyPath: readDenyPath(compilation, reader, document),
    claimVariables: readClaimVariables(reader, document),
    plainBudget: readWhole(reader, document, 'plain_budget', 0, 10000, 25),
    nativeKeys: readNative(compilation, reader, document),
    policy: compilePolicy(reader, document, names, clockSkew),
  };
}

/**
 * Compiles a policy document, and the files and variables that it names.
 * @param file what the operator called it, for problems: `FILE#/rules/0/paths/1`
 */
export function compilePolicyDocument(compilation: Compilation, document: Json, file: string): SettingsAnswer {
  const reader: Reader = {
    text: compilation.text,
    file,
    problems: compilation.problems,
    notices: compilation.notices,
  };
  const value = asObject(document);
  if (value === undefined) {
    complainKind(reader, { value: document, pointer: '' }, 'an object');
    return { ok: false, problems: compilation.problems };
  }
  const settings = compileDocument(compilation, reader, { value, pointer: '' });
  if (compilation.problems.length > 0) return { ok: false, problems: compilation.problems };
  return { ok: true, settings, notices: compilation.notices };
}

/** The policy file's content as JSON; undefined when there is none, which is noted. */
function readDocument(compilation: Compilation, path: string): Json | undefined {
  if (path === '') {
    report(compilation, SETTING, 'is empty; give the path of a policy file, or unset it');
    return undefined;
  }
  const answer = compilation.source.readFile(path);
  if (!answer.ok) {
    report(compilation, SETTING, 'cannot read `' + path + '`: ' + answer.problem);
    return undefined;
  }
  if (answer.text.length > MAX_POLICY_LENGTH) {
    report(compilation, SETTING, '`' + path + '` is longer than 1 MB');
    return undefined;
  }
  const document = parseJson(answer.text, compilation.text);
  if (document === undefined) {
    const line = findFaultyLine(answer.text, compilation.text) ?? 1;
    const fault = '`' + path + '` is not strict JSON at line ' + line.toString();
    report(
      compilation,
      SETTING,
      fault + ': no comments, no comma before a closing bracket, no name twice in an object',
    );
  }
  return document;
}

/** Compiles the policy file that `OAUTH_POLICY` names. */
export function compilePolicyFile(compilation: Compilation, path: string): SettingsAnswer {
  refuseOthers(compilation);
  const document = readDocument(compilation, path);
  if (document === undefined) return { ok: false, problems: compilation.problems };
  return compilePolicyDocument(compilation, document, path);
}
