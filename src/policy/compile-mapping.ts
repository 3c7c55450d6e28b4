// What a policy says of an issuer's tokens: where they have what, and what they must have.
import { asObject, type Json, type JsonObject } from '../codec/json';
import type { ClaimPath } from '../core/claim-path';
import type { ClaimMapping, IssuerTerms, ListMapping, TokenType } from '../core/policy';
import { readClaimPath, readConditions } from './compile-conditions';
import {
  checkMembers,
  complain,
  member,
  readFlag,
  readObjectMember,
  readStringOrStrings,
  readStrings,
  readWhole,
  type Place,
  type Reader,
} from './reader';
import { suggest } from './suggest';

const KEYS: readonly string[] = ['user', 'email', 'preferred_username', 'client', 'scopes', 'groups', 'roles'];
const TYPE_NAMES: readonly string[] = ['at+jwt', 'JWT', 'absent'];
const ALL_TYPES: readonly TokenType[] = ['jwt', 'at+jwt', 'absent'];
/** A year. */
const MAX_TOKEN_AGE = 31536000;

function usual(names: readonly string[]): readonly ClaimPath[] {
  const paths: ClaimPath[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    paths.push({ name, steps: [name] });
  }
  return paths;
}

/** Where tokens have what unless the policy says otherwise. */
const USUAL: ClaimMapping = {
  user: usual(['sub']),
  email: usual(['email']),
  preferredUsername: usual(['preferred_username']),
  // RFC 8693 §4.3, OpenID Connect Core 1.0 §2, Entra ID's version 1.0 tokens.
  client: usual(['client_id', 'azp', 'appid']),
  scopes: usual(['scope', 'scp']),
  groups: { paths: usual(['groups']), all: false },
  roles: { paths: usual(['roles']), all: false },
};

function toPaths(reader: Reader, pointer: string, names: readonly string[]): readonly ClaimPath[] {
  const paths: ClaimPath[] = [];
  for (let index = 0; index < names.length; index++) {
    const path = readClaimPath(reader, pointer, names[index] ?? '');
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
  if (place === undefined) return otherwise;
  return toPaths(reader, place.pointer, readStringOrStrings(reader, place));
}

/** Places of which the first counts, or with `{"all": [...]}` all together. */
function readListMapping(
  reader: Reader,
  object: Place<JsonObject> | undefined,
  name: string,
  otherwise: ListMapping,
): ListMapping {
  const place = object === undefined ? undefined : member(object, name);
  if (place === undefined) return otherwise;
  const value = asObject(place.value);
  if (value === undefined) {
    return { paths: toPaths(reader, place.pointer, readStringOrStrings(reader, place)), all: false };
  }
  const joined = { value, pointer: place.pointer };
  checkMembers(reader, joined, ['all']);
  const all: Place<Json> | undefined = member(joined, 'all');
  if (all === undefined) complain(reader, place.pointer, 'has no `all`; write {"all": [...]} or a list');
  const names = all === undefined ? [] : readStrings(reader, all);
  return { paths: toPaths(reader, place.pointer, names), all: true };
}

function compileMapping(reader: Reader, issuer: Place<JsonObject>): ClaimMapping {
  const object = readObjectMember(reader, issuer, 'claims');
  if (object !== undefined) checkMembers(reader, object, KEYS);
  return {
    user: readPaths(reader, object, 'user', USUAL.user),
    email: readPaths(reader, object, 'email', USUAL.email),
    preferredUsername: readPaths(reader, object, 'preferred_username', USUAL.preferredUsername),
    client: readPaths(reader, object, 'client', USUAL.client),
    scopes: readPaths(reader, object, 'scopes', USUAL.scopes),
    groups: readListMapping(reader, object, 'groups', USUAL.groups),
    roles: readListMapping(reader, object, 'roles', USUAL.roles),
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
      const near = suggest(name, TYPE_NAMES);
      const hint = near === undefined ? '' : '; did you mean `' + near + '`?';
      complain(reader, place.pointer, '`' + name + '` is none of ' + TYPE_NAMES.join(', ') + hint);
    }
  }
  return types;
}

/** Compiles what only a policy can say of an issuer. */
export function compileIssuerTerms(reader: Reader, issuer: Place<JsonObject>): IssuerTerms {
  const required = readObjectMember(reader, issuer, 'require');
  return {
    types: compileTypes(reader, issuer),
    claims: compileMapping(reader, issuer),
    require: required === undefined ? [] : readConditions(reader, required),
    maxTokenAge: readWhole(reader, issuer, 'max_token_age', 1, MAX_TOKEN_AGE, -1),
    takesUnverifiedEmail: readFlag(reader, issuer, 'allow_unverified_email', false),
  };
}

/** The keys that `compileIssuerTerms` reads. */
export const TERM_KEYS: readonly string[] = ['types', 'claims', 'require', 'max_token_age', 'allow_unverified_email'];
