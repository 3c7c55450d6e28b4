// Settings out of a policy file: `OAUTH_POLICY`, which replaces every other setting and can hold all of them.
import { toVariableName } from '../../codec/character';
import { asObject, type Json, type JsonObject } from '../../codec/json';
import { findFaultyLine, parseJson } from '../../codec/json-parse';
import type { OpenIdClient } from '../../model/login';
import type { NativeKey, Settings, SettingsAnswer, FetchTimes } from '../../model/settings';
import { compileBroker } from './broker';
import { compilePolicy, POLICY_KEYS } from './compile-policy';
import { compileLogin, readOwnSignIn, withEndpoints } from './login';
import {
  checkMembers,
  complain,
  complainKind,
  member,
  readComment,
  readFlag,
  readString,
  readStringOrStrings,
  readStrings,
  readWhole,
  settingMember,
  type Place,
  type Reader,
} from './reader';
import { issuerOf } from '../../keys/issuer-pattern';
import { report, type Compilation } from '../compilation';
import { describeTooShort, isTooShort, joinTimes } from '../fetch-times';
import { compileIssuers } from './issuers';
import { remarkForeignAudiences } from './rule-audiences';
import { remarkSharedSubjects } from './shared-subjects';
import { readNativeFiles } from '../native-keys';
import { gatherPlaces, readTokenFrom, removePlaces } from './token';
import {
  ALLOW_HTTP,
  CACHE_AGE,
  CACHE_SIZE,
  CLAIM_VARIABLES,
  CLOCK_SKEW,
  DENY_PATH,
  JWKS_COOLDOWN,
  JWKS_MAX_STALE,
  JWKS_REFRESH,
  NATIVE_KEYS,
  PLAIN_BUDGET,
  POLICY,
  REPLACED,
  memberName,
  topLevelNames,
} from '../table';
import { nameFile } from '../repeated-values';

const SETTING = POLICY.name;
const MAX_POLICY_LENGTH = 1048576;
const COMMENTS: readonly string[] = ['$schema', 'comment'];

function refuseOthers(compilation: Compilation): void {
  const others = REPLACED.map((setting) => setting.name).filter(
    (name) => compilation.source.environment(name) !== undefined,
  );
  if (others.length === 0) return;
  const message = ', which it replaces; move them into the policy and unset them';
  report(compilation, SETTING, 'is set together with ' + others.join(', ') + message);
}

function readDenyPath(compilation: Compilation, reader: Reader, document: Place<JsonObject>): string | undefined {
  const place = settingMember(document, DENY_PATH);
  const path = place === undefined ? undefined : readString(reader, place);
  if (place === undefined || path === undefined) return undefined;
  const answer = compilation.source.readFile(path);
  if (!answer.ok) complain(reader, place.pointer, 'cannot read ' + nameFile(path) + ': ' + answer.problem);
  return path;
}

/** The claims that become variables; undefined for all. */
function readClaimVariables(reader: Reader, document: Place<JsonObject>): readonly string[] | undefined {
  const place = settingMember(document, CLAIM_VARIABLES);
  if (place === undefined) return undefined;
  const list = typeof place.value === 'string' || typeof place.value === 'boolean' ? undefined : place.value;
  // An empty list means explicitly that no claim becomes a variable.
  if (list?.kind === 'array' && list.items.length === 0) return [];
  const claims = readStrings(reader, place);
  const names: string[] = [];
  for (let index = 0; index < claims.length; index++) names.push(toVariableName(claims[index] ?? '', reader.text));
  return names;
}

/** The files of keys that HAProxy itself verifies with. */
function readNative(compilation: Compilation, reader: Reader, document: Place<JsonObject>): readonly NativeKey[] {
  const place = settingMember(document, NATIVE_KEYS);
  if (place === undefined) return [];
  return readNativeFiles(compilation, reader.file + '#' + place.pointer, readStringOrStrings(reader, place));
}

/** How often keys are fetched, and how long they count. */
function readTimes(reader: Reader, document: Place<JsonObject>): FetchTimes {
  const refresh = readWhole(reader, document, JWKS_REFRESH);
  const cooldown = readWhole(reader, document, JWKS_COOLDOWN);
  const maxStale = readWhole(reader, document, JWKS_MAX_STALE);
  const place = settingMember(document, JWKS_MAX_STALE);
  if (place !== undefined && isTooShort(refresh, maxStale)) {
    complain(reader, place.pointer, describeTooShort('`' + memberName(JWKS_REFRESH.key) + '`'));
  }
  return joinTimes(refresh, cooldown, maxStale);
}

function compileDocument(compilation: Compilation, reader: Reader, document: Place<JsonObject>): Settings {
  checkMembers(reader, document, COMMENTS.concat(topLevelNames(REPLACED), POLICY_KEYS, ['login', 'broker']));
  readComment(reader, document);
  const schema = member(document, '$schema');
  if (schema !== undefined) readString(reader, schema);
  const allowHttp = readFlag(reader, document, memberName(ALLOW_HTTP.key), false);
  const clockSkew = readWhole(reader, document, CLOCK_SKEW);
  const context = { compilation, reader, allowHttp };
  const issuers = compileIssuers(context, document);
  const tokenFrom = readTokenFrom(compilation, reader, document);
  const tokenPlaces = gatherPlaces(reader, tokenFrom, issuers);
  const names: string[] = [];
  for (let index = 0; index < issuers.length; index++) {
    const issuer = issuers[index];
    const tenancy = issuer?.tenancy;
    const tenants = tenancy?.tenants;
    if (issuer !== undefined && tenants === undefined) names.push(issuer.issuer);
    for (let place = 0; tenancy !== undefined && tenants !== undefined && place < tenants.length; place++) {
      names.push(issuerOf(tenancy, tenants[place] ?? ''));
    }
  }
  const hosts = issuers.map((issuer) => issuer.terms?.hosts);
  const compiled = compilePolicy(reader, document, names, hosts, clockSkew, tokenPlaces, readOwnSignIn(document));
  const policy = removePlaces(reader, compiled, tokenPlaces);
  remarkSharedSubjects(reader, policy, issuers);
  remarkForeignAudiences(reader, policy, issuers);
  const login = compileLogin(context, document, issuers, policy.tokenHeaders);
  const brokered = compileBroker(context, document, issuers, login);
  const broker = brokered.broker;
  const own: readonly OpenIdClient[] = login === undefined ? [] : [login];
  const clients = own.concat(broker?.desk?.providers.map((provider) => provider.client) ?? []);
  const settings: Settings = {
    issuers: withEndpoints(brokered.issuers, clients),
    tokenFrom,
    tokenPlaces,
    clockSkew,
    times: readTimes(reader, document),
    cache: {
      size: readWhole(reader, document, CACHE_SIZE),
      age: readWhole(reader, document, CACHE_AGE),
    },
    denyPath: readDenyPath(compilation, reader, document),
    claimVariables: readClaimVariables(reader, document),
    plainBudget: readWhole(reader, document, PLAIN_BUDGET),
    nativeKeys: readNative(compilation, reader, document),
    policy,
  };
  // Left out where nobody signs in, and where this proxy is no issuer.
  if (login !== undefined) Object.assign(settings, { login });
  return broker === undefined ? settings : Object.assign(settings, { broker });
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

/** The policy file's content as JSON; reports a missing or broken one and returns undefined. */
function readDocument(compilation: Compilation, path: string): Json | undefined {
  if (path === '') {
    report(compilation, SETTING, 'is empty; give the path of a policy file, or unset it');
    return undefined;
  }
  const answer = compilation.source.readFile(path);
  if (!answer.ok) {
    report(compilation, SETTING, 'cannot read ' + nameFile(path) + ': ' + answer.problem);
    return undefined;
  }
  if (answer.text.length > MAX_POLICY_LENGTH) {
    report(compilation, SETTING, nameFile(path) + ' is longer than 1 MB');
    return undefined;
  }
  const document = parseJson(answer.text, compilation.text);
  if (document === undefined) {
    const line = findFaultyLine(answer.text, compilation.text) ?? 1;
    const fault = nameFile(path) + ' is not strict JSON at line ' + line.toString();
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
