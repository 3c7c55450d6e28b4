// The requirements of a rule: its `require`.
import { asArray, asObject, type Json, type JsonObject } from '../../codec/json';
import { lowerAscii } from '../../codec/percent';
import type { Demands, WordDemand } from '../../model/demands';
import { isScopeToken } from '../../claims/scope';
import type { ClaimSlots } from './claim-slots';
import { isFurther, joinFurther, readAudiences, readClaimDemands, readNames } from './further-demands';
import {
  checkMembers,
  complain,
  complainKind,
  member,
  readStringOrStrings,
  readStrings,
  readStringsMember,
  readWhole,
  type Place,
  type Reader,
} from './reader';
import type { RequestNeeds } from './request-needs';
import { MAX_AGE } from '../table';

const KEYS: readonly string[] = [
  'scopes',
  'groups',
  'roles',
  'claims',
  'audience',
  'subject',
  'client',
  'email_domains',
  'acr_values',
  'max_age',
];

/** One empty list for all demands. */
const NONE: readonly string[] = [];
const NOTHING: WordDemand = { all: NONE, any: NONE };

/** `{"all": [...], "any": [...]}`. */
function readAllAny(reader: Reader, object: Place<JsonObject>): WordDemand {
  checkMembers(reader, object, ['all', 'any']);
  const demand = { all: readStringsMember(reader, object, 'all'), any: readStringsMember(reader, object, 'any') };
  if (object.value.names.length === 0) complain(reader, object.pointer, 'is empty; give `all`, `any` or both');
  return demand;
}

/** Scopes: one, a list of which the token must have all, or `all` and `any`. */
function readScopeDemand(reader: Reader, place: Place<Json>): WordDemand {
  const object = asObject(place.value);
  const demand =
    object === undefined
      ? { all: readStringOrStrings(reader, place), any: NONE }
      : readAllAny(reader, { value: object, pointer: place.pointer });
  const scopes = demand.all.concat(demand.any);
  for (let index = 0; index < scopes.length; index++) {
    const scope = scopes[index] ?? '';
    if (!isScopeToken(scope, reader.text)) {
      complain(
        reader,
        place.pointer,
        '`' + scope + '` is not a scope: a scope has no blank, quote or backslash (RFC 6749 section 3.3)',
      );
    }
  }
  return demand;
}

/** Notes a `*` that would be the name of a group or role. */
function checkWords(reader: Reader, pointer: string, demand: WordDemand): WordDemand {
  if (demand.all.indexOf('*') >= 0 || demand.any.indexOf('*') >= 0) {
    complain(reader, pointer, '`*` would be compared literally; name what the token must have, or leave it out');
  }
  return demand;
}

/** Groups or roles: one, or `all` and `any`. A plain list of several could mean either, and is refused. */
function readWordDemand(reader: Reader, place: Place<Json>): WordDemand {
  const object = asObject(place.value);
  if (object !== undefined) {
    return checkWords(reader, place.pointer, readAllAny(reader, { value: object, pointer: place.pointer }));
  }
  const list = asArray(place.value);
  if (list !== undefined && list.items.length > 1) {
    complain(reader, place.pointer, 'could mean all or any of them; write {"any": [...]} or {"all": [...]}');
    return NOTHING;
  }
  return checkWords(reader, place.pointer, { all: readStringOrStrings(reader, place), any: NONE });
}

function readDemand(
  reader: Reader,
  object: Place<JsonObject>,
  name: string,
  read: (reader: Reader, place: Place<Json>) => WordDemand,
): WordDemand {
  const place = member(object, name);
  return place === undefined ? NOTHING : read(reader, place);
}

function readDomains(reader: Reader, object: Place<JsonObject>): readonly string[] {
  const place = member(object, 'email_domains');
  if (place === undefined) return NONE;
  const domains = readStrings(reader, place);
  const small: string[] = [];
  for (let index = 0; index < domains.length; index++) {
    const domain = domains[index] ?? '';
    if (domain.indexOf('@') >= 0) complain(reader, place.pointer, '`' + domain + '` has an `@`; give what follows it');
    if (domain !== '*' && domain.indexOf('*') >= 0) {
      complain(
        reader,
        place.pointer,
        '`' + domain + '` has a `*`; write `.a.example` for every subdomain, `*` for any domain',
      );
    }
    const lower = lowerAscii(domain, reader.text);
    if (small.indexOf(lower) >= 0 && domains.indexOf(domain) === index)
      complain(reader, place.pointer, '`' + domain + '` is in the list twice, in another case');
    small.push(lower);
  }
  return small;
}

/** RFC 9470 §3: values that the challenge lists with blanks between them. */
function readAcrValues(reader: Reader, object: Place<JsonObject>): readonly string[] {
  const place = member(object, 'acr_values');
  if (place === undefined) return NONE;
  const values = readStrings(reader, place);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? '';
    if (!isScopeToken(value, reader.text))
      complain(reader, place.pointer, '`' + value + '` has a blank, a quote or a backslash');
  }
  return values;
}

/** Compiles a rule's `require`. */
export function compileDemands(
  reader: Reader,
  place: Place<Json>,
  slots: ClaimSlots,
  needs: RequestNeeds,
): Demands | undefined {
  const value = asObject(place.value);
  if (value === undefined) {
    complainKind(reader, place, 'an object');
    return undefined;
  }
  const object = { value, pointer: place.pointer };
  checkMembers(reader, object, KEYS);
  if (value.names.length === 0) complain(reader, place.pointer, 'is empty; name something, or leave it out');
  const subject = readNames(reader, object, 'subject');
  const client = readNames(reader, object, 'client');
  const claims = readClaimDemands(reader, object, slots, needs);
  return {
    scopes: readDemand(reader, object, 'scopes', readScopeDemand),
    groups: readDemand(reader, object, 'groups', readWordDemand),
    roles: readDemand(reader, object, 'roles', readWordDemand),
    claims: claims.filter((demand) => !isFurther(demand)),
    subjects: subject.globs.length === 0 ? subject.exact : NONE,
    clients: client.globs.length === 0 ? client.exact : NONE,
    emailDomains: readDomains(reader, object),
    acrValues: readAcrValues(reader, object),
    maxAge: readWhole(reader, object, MAX_AGE),
    further: joinFurther(subject, client, readAudiences(reader, object, slots), claims),
  };
}
