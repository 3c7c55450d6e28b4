// What a rule requires: its `require`.
import { asArray, asObject, type Json, type JsonObject } from '../codec/json';
import { lowerAscii } from '../codec/percent';
import type { ClaimDemand, Demands, WordDemand } from '../core/policy';
import { isScopeToken } from '../core/scope';
import { slotOf, type ClaimSlots } from './claim-slots';
import { readConditions } from './compile-conditions';
import {
  checkMembers,
  complain,
  complainKind,
  member,
  readObjectMember,
  readStringOrStrings,
  readStrings,
  readStringsMember,
  readWhole,
  type Place,
  type Reader,
} from './reader';

const KEYS: readonly string[] = [
  'scopes',
  'groups',
  'roles',
  'claims',
  'subject',
  'client',
  'email_domains',
  'acr_values',
  'max_age',
];

/** One empty list for all demands. */
const NONE: readonly string[] = [];
const NO_CLAIMS: readonly ClaimDemand[] = [];
const NOTHING: WordDemand = { all: NONE, any: NONE };
/** A year; a longer age would be none. */
const MAX_AGE = 31536000;

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
        '`' + scope + '` is no scope: RFC 6749 section 3.3 has no blank, quote or backslash',
      );
    }
  }
  return demand;
}

/** Groups or roles: one, or `all` and `any`. A plain list of several could mean either, and is refused. */
function readWordDemand(reader: Reader, place: Place<Json>): WordDemand {
  const object = asObject(place.value);
  if (object !== undefined) return readAllAny(reader, { value: object, pointer: place.pointer });
  const list = asArray(place.value);
  if (list !== undefined && list.items.length > 1) {
    complain(reader, place.pointer, 'could mean all or any of them; write {"any": [...]} or {"all": [...]}');
    return NOTHING;
  }
  return { all: readStringOrStrings(reader, place), any: NONE };
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

function readOneOf(reader: Reader, object: Place<JsonObject>, name: string): readonly string[] {
  const place = member(object, name);
  return place === undefined ? NONE : readStringOrStrings(reader, place);
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
      complain(reader, place.pointer, '`' + domain + '` has a `*`; `.a.example` takes what is below a domain, `*` any');
    }
    small.push(lowerAscii(domain, reader.text));
  }
  return small;
}

/** RFC 9470 §3: what stands in the challenge with blanks between. */
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

function readClaimDemands(reader: Reader, object: Place<JsonObject>, slots: ClaimSlots): readonly ClaimDemand[] {
  const claims = readObjectMember(reader, object, 'claims');
  if (claims === undefined) return NO_CLAIMS;
  const conditions = readConditions(reader, claims);
  const demands: ClaimDemand[] = [];
  for (let index = 0; index < conditions.length; index++) {
    const named = conditions[index];
    if (named !== undefined) demands.push({ slot: slotOf(slots, named.path), condition: named.condition });
  }
  return demands;
}

/** Compiles a rule's `require`. */
export function compileDemands(reader: Reader, place: Place<Json>, slots: ClaimSlots): Demands | undefined {
  const value = asObject(place.value);
  if (value === undefined) {
    complainKind(reader, place, 'an object');
    return undefined;
  }
  const object = { value, pointer: place.pointer };
  checkMembers(reader, object, KEYS);
  if (value.names.length === 0) complain(reader, place.pointer, 'is empty; name something, or leave it out');
  return {
    scopes: readDemand(reader, object, 'scopes', readScopeDemand),
    groups: readDemand(reader, object, 'groups', readWordDemand),
    roles: readDemand(reader, object, 'roles', readWordDemand),
    claims: readClaimDemands(reader, object, slots),
    subjects: readOneOf(reader, object, 'subject'),
    clients: readOneOf(reader, object, 'client'),
    emailDomains: readDomains(reader, object),
    acrValues: readAcrValues(reader, object),
    maxAge: readWhole(reader, object, 'max_age', 0, MAX_AGE, -1),
  };
}
