// A policy's terms for an issuer's tokens: the claim path of each identity field, and the required claims.
import { asArray, asObject, type Json, type JsonObject } from '../../codec/json';
import { CLIENT_PATHS } from '../../token/deny-entries';
import type { ClaimMapping, IssuerTerms, TokenType, ClaimPath } from '../../model/policy';
import { readClaimPath, readConditions } from './compile-conditions';
import { readHosts } from './hosts';
import {
  checkMembers,
  complain,
  complainKind,
  member,
  readFlag,
  readObjectMember,
  readStringOrStrings,
  readWhole,
  type Place,
  type Reader,
} from './reader';
import { hintAt } from './suggest';
import { isWordPlace, readWordPaths, WORD_KEYS } from './word-places';
import { MAX_TOKEN_AGE } from '../table';

const KEYS: readonly string[] = ['user', 'email', 'preferred_username', 'client', 'scopes', 'groups', 'roles'];
const JOINED: readonly string[] = ['all'];
const TYPE_NAMES: readonly string[] = ['at+jwt', 'JWT', 'absent'];
const ALL_TYPES: readonly TokenType[] = ['jwt', 'at+jwt', 'absent'];

function usual(names: readonly string[]): readonly ClaimPath[] {
  const paths: ClaimPath[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    paths.push({ name, steps: [name] });
  }
  return paths;
}

/** The claim paths of identity fields unless the policy has others. */
const USUAL: ClaimMapping = {
  user: usual(['sub']),
  email: usual(['email']),
  preferredUsername: usual(['preferred_username']),
  client: CLIENT_PATHS,
  scopes: { paths: usual(['scope', 'scp']), all: false },
  groups: { paths: usual(['groups']), all: false },
  roles: { paths: usual(['roles']), all: false },
};

function toPaths(reader: Reader, place: Place<Json>): readonly ClaimPath[] {
  const names = readStringOrStrings(reader, place, 'a path or a list of paths');
  const paths: ClaimPath[] = [];
  for (let index = 0; index < names.length; index++) {
    const path = readClaimPath(reader, place.pointer, names[index] ?? '');
    if (path !== undefined) paths.push(path);
  }
  return paths;
}

function readPaths(
  reader: Reader,
  object: Place<JsonObject> | undefined,
  name: string,
  otherwise: readonly ClaimPath[],
): readonly ClaimPath[] {
  const place = object === undefined ? undefined : member(object, name);
  return place === undefined ? otherwise : toPaths(reader, place);
}

/** Places: the first that exists counts, or with `{"all": [...]}` all together. */
function readJoined<Path extends ClaimPath>(
  reader: Reader,
  object: Place<JsonObject> | undefined,
  name: string,
  otherwise: { readonly paths: readonly Path[]; readonly all: boolean },
  read: (reader: Reader, place: Place<Json>) => readonly Path[],
): { readonly paths: readonly Path[]; readonly all: boolean } {
  const place = object === undefined ? undefined : member(object, name);
  if (place === undefined) return otherwise;
  const value = asObject(place.value);
  const hasWords = read !== toPaths;
  if (value === undefined || (hasWords && isWordPlace(value))) return { paths: read(reader, place), all: false };
  const joined = { value, pointer: place.pointer };
  checkMembers(reader, joined, hasWords ? JOINED.concat(WORD_KEYS) : JOINED);
  const all: Place<Json> | undefined = member(joined, 'all');
  if (all === undefined && value.names.length === 0)
    complain(reader, place.pointer, 'has no `all`; write {"all": [...]} or a list');
  else if (all === undefined) return otherwise;
  else if (asArray(all.value) === undefined) complainKind(reader, all, 'a list');
  else return { paths: read(reader, all), all: true };
  return otherwise;
}

function compileMapping(reader: Reader, issuer: Place<JsonObject>): ClaimMapping {
  const object = readObjectMember(reader, issuer, 'claims');
  if (object !== undefined) checkMembers(reader, object, KEYS);
  return {
    user: readPaths(reader, object, 'user', USUAL.user),
    email: readPaths(reader, object, 'email', USUAL.email),
    preferredUsername: readPaths(reader, object, 'preferred_username', USUAL.preferredUsername),
    client: readPaths(reader, object, 'client', USUAL.client),
    scopes: readJoined(reader, object, 'scopes', USUAL.scopes, toPaths),
    groups: readJoined(reader, object, 'groups', USUAL.groups, readWordPaths),
    roles: readJoined(reader, object, 'roles', USUAL.roles, readWordPaths),
  };
}

function compileTypes(reader: Reader, issuer: Place<JsonObject>): readonly TokenType[] {
  const place = member(issuer, 'types');
  if (place === undefined) return ALL_TYPES;
  const names = readStringOrStrings(reader, place);
  const types: TokenType[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    if (name === 'JWT') types.push('jwt');
    else if (name === 'at+jwt' || name === 'absent') types.push(name);
    else {
      const hint = hintAt(name, TYPE_NAMES);
      complain(reader, place.pointer, '`' + name + '` is not one of ' + TYPE_NAMES.join(', ') + hint);
    }
  }
  return types;
}

/** Compiles the terms of an issuer that only a policy can have. */
export function compileIssuerTerms(reader: Reader, issuer: Place<JsonObject>): IssuerTerms {
  const required = readObjectMember(reader, issuer, 'require');
  return {
    types: compileTypes(reader, issuer),
    claims: compileMapping(reader, issuer),
    require: required === undefined ? [] : readConditions(reader, required, undefined),
    maxTokenAge: readWhole(reader, issuer, MAX_TOKEN_AGE),
    takesUnverifiedEmail: readFlag(reader, issuer, 'allow_unverified_email', false),
    hosts: readHosts(reader, issuer),
  };
}

/** The keys that `compileIssuerTerms` reads. */
export const TERM_KEYS: readonly string[] = [
  'types',
  'claims',
  'require',
  'max_token_age',
  'allow_unverified_email',
  'hosts',
];
