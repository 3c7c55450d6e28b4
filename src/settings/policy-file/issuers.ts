// The issuers of a policy document, with their keys.
import { asObject, type JsonObject } from '../../codec/json';
import type { AlgorithmName } from '../../model/algorithm';
import type { IssuerSettings, KeySources } from '../../model/settings';
import { compileIssuerTerms, TERM_KEYS } from './compile-mapping';
import {
  checkMembers,
  complain,
  member,
  readComment,
  readList,
  readObject,
  readString,
  readStringOrStrings,
  type Place,
  type Reader,
} from './reader';
import { bindSources } from '../check-keys';
import { findFaultyIssuer } from '../never-meant';
import { compileIntrospection } from './introspection';
import { readKeys, vocabularyFor, type IssuerContext } from './issuer-keys';
import { readAlgorithms } from '../read-keys';
import { checkAmbiguous, readTenancy } from './tenants';
import { readTokenFrom, TOKEN } from './token';

const KEYS: readonly string[] = [
  'comment',
  'issuer',
  'tenants',
  'audiences',
  'keys',
  'introspection',
  'algorithms',
  TOKEN,
];
const MAX_ISSUERS = 1000;

/** Of an issuer whose tokens are all opaque: there is nothing to fetch, and no signed token of it is good. */
const NO_KEYS: KeySources = {
  configured: { ready: true, revision: 0, keys: [], algorithms: [], unavailable: [] },
  remotes: [],
};

export function readIssuerName(reader: Reader, object: Place<JsonObject>): string {
  const place = member(object, 'issuer');
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `issuer`; give it exactly as its tokens have it in `iss`');
    return '';
  }
  const issuer = readString(reader, place) ?? '';
  if (issuer.indexOf(' ') >= 0) complain(reader, place.pointer, 'holds a blank; it is compared exactly with `iss`');
  const fault = findFaultyIssuer(issuer.split('{').join('').split('}').join(''));
  if (fault !== undefined) complain(reader, place.pointer, fault);
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
  if (isAny && audiences.length > 1) complain(reader, place.pointer, 'has * beside other audiences; give * alone');
  return isAny ? undefined : audiences;
}

function readNames(context: IssuerContext, object: Place<JsonObject>): readonly AlgorithmName[] | undefined {
  const place = member(object, 'algorithms');
  if (place === undefined) return undefined;
  const words = readStringOrStrings(context.reader, place);
  // An empty list has been noted already.
  if (words.length === 0) return [];
  return readAlgorithms(context.compilation, context.reader.file + '#' + place.pointer, words);
}

function compileIssuer(context: IssuerContext, object: Place<JsonObject>): IssuerSettings {
  const reader = context.reader;
  checkMembers(reader, object, KEYS.concat(TERM_KEYS));
  const words = vocabularyFor(reader, object);
  readComment(reader, object);
  const issuer = readIssuerName(reader, object);
  const tenancy = readTenancy(reader, object, issuer);
  const audiences = readAudiences(reader, object);
  const allowed = readNames(context, object);
  const introspection = compileIntrospection(context, object);
  const hasKeys = introspection === undefined || member(object, 'keys') !== undefined;
  const sources = hasKeys
    ? bindSources(context.compilation, words, readKeys(context, { issuer, tenancy }, object, words), allowed)
    : NO_KEYS;
  const tokenFrom = readTokenFrom(context.compilation, reader, object);
  const terms = compileIssuerTerms(reader, object);
  return { issuer, tenancy, audiences, allowed, sources, introspection, tokenFrom, terms };
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
  const pointers: string[] = [];
  for (let index = 0; index < places.length && index < MAX_ISSUERS; index++) {
    const place = places[index];
    if (place === undefined) continue;
    const value = asObject(place.value);
    const compiled = value === undefined ? undefined : compileIssuer(context, { value, pointer: place.pointer });
    if (value === undefined) readObject(reader, place);
    if (compiled === undefined) continue;
    if (names.indexOf(compiled.issuer) >= 0)
      complain(reader, place.pointer, 'has the `issuer` of an earlier entry; join the two');
    if (compiled.introspection !== undefined && issuers.some((issuer) => issuer.introspection !== undefined)) {
      complain(
        reader,
        place.pointer,
        'is the second issuer with `introspection`; an opaque token does not name its issuer',
      );
    }
    names.push(compiled.issuer);
    pointers.push(place.pointer);
    issuers.push(compiled);
  }
  checkAmbiguous(reader, issuers, pointers);
  return issuers;
}
