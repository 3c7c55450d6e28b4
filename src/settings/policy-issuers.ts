// The issuers of a policy document, with their keys.
import { asObject, type JsonObject } from '../codec/json';
import type { AlgorithmName } from '../core/algorithm';
import type { VerificationKey } from '../core/key';
import type { IssuerSettings, StaticKeys } from '../core/settings';
import { readJwkSet, readPemFile } from '../keys/key-file';
import { checkKeyUrl, discoveryUrl, PLAIN_HTTP, type RemoteKeys } from '../keys/key-url';
import { compileIssuerTerms, TERM_KEYS } from '../policy/compile-mapping';
import {
  checkMembers,
  complain,
  member,
  readList,
  readObject,
  readObjectMember,
  readString,
  readStringOrStrings,
  type Place,
  type Reader,
} from '../policy/reader';
import { bindConfiguredKeys, checkRemoteAlgorithms } from './check-keys';
import type { Compilation, Vocabulary } from './compilation';
import { readAlgorithms, readKeyFile, readSecret } from './read-keys';

const KEYS: readonly string[] = ['comment', 'issuer', 'audiences', 'keys', 'algorithms'];
const SOURCES: readonly string[] = ['discovery', 'jwks_url', 'jwks_file', 'public_key_file', 'secret_env'];
const MAX_ISSUERS = 1000;

/** What issuers are compiled with. */
export interface IssuerContext {
  readonly compilation: Compilation;
  readonly reader: Reader;
  readonly allowHttp: boolean;
}

function readIssuer(reader: Reader, object: Place<JsonObject>): string {
  const place = member(object, 'issuer');
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `issuer`; give it exactly as it stands in the `iss` of its tokens');
    return '';
  }
  const issuer = readString(reader, place) ?? '';
  if (issuer.indexOf(' ') >= 0) complain(reader, place.pointer, 'holds a blank; it is compared exactly with `iss`');
  return issuer;
}

/** The audiences; undefined for `*`. */
function readAudiences(reader: Reader, object: Place<JsonObject>): readonly string[] | undefined {
  const place = member(object, 'audiences');
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `audiences`; name one or more, or "*" for any audience');
    return [];
  }
  const audiences = readStringOrStrings(reader, place);
  const isAny = audiences.indexOf('*') >= 0;
  if (isAny && audiences.length > 1) complain(reader, place.pointer, 'has * beside other audiences; * stands alone');
  return isAny ? undefined : audiences;
}

function vocabularyFor(reader: Reader, object: Place<JsonObject>): Vocabulary {
  return {
    algorithms: reader.file + '#' + object.pointer + '/algorithms',
    secret: '`keys.secret_env`',
    publicKeyFile: '`keys.public_key_file`',
  };
}

/** A key URL, checked. */
function checkUrl(context: IssuerContext, pointer: string, url: string): void {
  const fault = checkKeyUrl(url, context.allowHttp, context.reader.text);
  if (fault === undefined) return;
  const words = fault === PLAIN_HTTP ? 'is a plain http:// URL; set `allow_http` to true if you mean it' : fault;
  complain(context.reader, pointer, words);
}

type Keys = { readonly kind: 'configured'; readonly keys: readonly VerificationKey[] } | RemoteKeys;

/** The one member of `keys`, by its name. */
function readSource(
  context: IssuerContext,
  issuer: string,
  keys: Place<JsonObject>,
  name: string,
  words: Vocabulary,
): Keys | undefined {
  const reader = context.reader;
  const place = member(keys, name);
  if (place === undefined) return undefined;
  const setting = reader.file + '#' + place.pointer;
  if (name === 'discovery') {
    if (place.value !== true) complain(reader, place.pointer, 'can only be true; name another source of keys instead');
    const url = discoveryUrl(issuer);
    if (issuer !== '') checkUrl(context, place.pointer, url);
    return { kind: 'discovery', url, issuer, allowHttp: context.allowHttp };
  }
  const value = readString(reader, place);
  if (value === undefined) return undefined;
  if (name === 'jwks_url') {
    checkUrl(context, place.pointer, value);
    return { kind: 'jwks', url: value, issuer, allowHttp: context.allowHttp };
  }
  if (name === 'secret_env') {
    const secret = context.compilation.source.environment(value);
    if (secret !== undefined) {
      return { kind: 'configured', keys: [readSecret(context.compilation, setting, words, secret)] };
    }
    complain(reader, place.pointer, 'names the variable `' + value + '`, which is not set');
    return undefined;
  }
  const text = reader.text;
  const parse = name === 'jwks_file' ? (content: string) => readJwkSet(content, text) : readPemFile;
  return { kind: 'configured', keys: readKeyFile(context.compilation, setting, value, parse) };
}

/** Where an issuer's keys come from; discovery unless the policy says otherwise. */
function readKeys(
  context: IssuerContext,
  issuer: string,
  object: Place<JsonObject>,
  words: Vocabulary,
): Keys | undefined {
  const reader = context.reader;
  if (member(object, 'keys') === undefined) {
    const url = discoveryUrl(issuer);
    if (issuer !== '') checkUrl(context, object.pointer + '/issuer', url);
    return { kind: 'discovery', url, issuer, allowHttp: context.allowHttp };
  }
  const keys = readObjectMember(reader, object, 'keys');
  if (keys === undefined) return undefined;
  checkMembers(reader, keys, SOURCES);
  const named: string[] = [];
  for (let index = 0; index < SOURCES.length; index++) {
    const name = SOURCES[index] ?? '';
    if (member(keys, name) !== undefined) named.push(name);
  }
  if (named.length !== 1) {
    const found = named.length === 0 ? 'names no source of keys' : 'names ' + named.join(' and ');
    complain(reader, keys.pointer, found + '; name one of ' + SOURCES.join(', '));
  }
  const name = named[0];
  return name === undefined ? undefined : readSource(context, issuer, keys, name, words);
}

function readNames(context: IssuerContext, object: Place<JsonObject>): readonly AlgorithmName[] | undefined {
  const place = member(object, 'algorithms');
  if (place === undefined) return undefined;
  const words = readStringOrStrings(context.reader, place);
  // An empty list has been noted already.
  if (words.length === 0) return [];
  return readAlgorithms(context.compilation, context.reader.file + '#' + place.pointer, words);
}

function bind(
  context: IssuerContext,
  keys: Keys | undefined,
  named: readonly AlgorithmName[] | undefined,
  words: Vocabulary,
): StaticKeys | RemoteKeys | undefined {
  if (keys === undefined) return undefined;
  if (keys.kind === 'configured') {
    return { kind: 'static', keySet: bindConfiguredKeys(context.compilation, words, keys.keys, named) };
  }
  checkRemoteAlgorithms(context.compilation, words, named);
  return keys;
}

function compileIssuer(context: IssuerContext, object: Place<JsonObject>): IssuerSettings | undefined {
  const reader = context.reader;
  checkMembers(reader, object, KEYS.concat(TERM_KEYS));
  const words = vocabularyFor(reader, object);
  const comment = member(object, 'comment');
  if (comment !== undefined) readString(reader, comment);
  const issuer = readIssuer(reader, object);
  const audiences = readAudiences(reader, object);
  const allowed = readNames(context, object);
  const source = bind(context, readKeys(context, issuer, object, words), allowed, words);
  const terms = compileIssuerTerms(reader, object);
  return source === undefined ? undefined : { issuer, audiences, allowed, source, terms };
}

/** Compiles `issuers`: each with what its tokens must be like. */
export function compileIssuers(context: IssuerContext, document: Place<JsonObject>): readonly IssuerSettings[] {
  const reader = context.reader;
  const list = member(document, 'issuers');
  if (list === undefined) {
    complain(reader, document.pointer, 'has no `issuers`; name at least one whose tokens are accepted');
    return [];
  }
  const places = readList(reader, list) ?? [];
  if (places.length > MAX_ISSUERS)
    complain(reader, list.pointer, 'has more than ' + MAX_ISSUERS.toString() + ' issuers');
  const issuers: IssuerSettings[] = [];
  const names: string[] = [];
  for (let index = 0; index < places.length && index < MAX_ISSUERS; index++) {
    const place = places[index];
    if (place === undefined) continue;
    const value = asObject(place.value);
    const compiled = value === undefined ? undefined : compileIssuer(context, { value, pointer: place.pointer });
    if (value === undefined) readObject(reader, place);
    if (compiled === undefined) continue;
    if (names.indexOf(compiled.issuer) >= 0)
      complain(reader, place.pointer, 'has the `issuer` of an earlier one; join them');
    names.push(compiled.issuer);
    issuers.push(compiled);
  }
  return issuers;
}
