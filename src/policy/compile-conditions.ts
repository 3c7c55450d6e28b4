// Conditions on claims, as a policy writes them: a value, or an object of `equals`, `any`, `all`, `none`, `gt` and kin.
import { asNumber, asObject, type Json, type JsonObject } from '../codec/json';
import type { ClaimCondition, Scalar } from '../core/claim-condition';
import { parseClaimPath, type ClaimPath } from '../core/claim-path';
import { checkMembers, complain, complainKind, member, pointTo, readList, type Place, type Reader } from './reader';

const KEYS: readonly string[] = ['equals', 'any', 'all', 'none', 'gt', 'gte', 'lt', 'lte', 'exists'];

/** A place of a claim with what is demanded of it. */
export interface NamedCondition {
  readonly path: ClaimPath;
  readonly condition: ClaimCondition;
}

/** Where a claim stands, from an operator's spelling; undefined for one that cannot be, which is noted. */
export function readClaimPath(reader: Reader, pointer: string, spelling: string): ClaimPath | undefined {
  const path = parseClaimPath(spelling);
  if (path === undefined) {
    complain(reader, pointer, 'names no claim; a name that begins with `/` is a JSON pointer (RFC 6901)');
  }
  return path;
}

/** A string, a number, true or false; undefined for anything else. */
function asScalar(value: Json): Scalar | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const number = asNumber(value);
  return number === undefined ? undefined : number.value;
}

function readScalars(reader: Reader, place: Place<Json>): readonly Scalar[] {
  const places = readList(reader, place);
  const scalars: Scalar[] = [];
  for (let index = 0; places !== undefined && index < places.length; index++) {
    const item = places[index];
    const scalar = item === undefined ? undefined : asScalar(item.value);
    if (scalar !== undefined) scalars.push(scalar);
    else if (item !== undefined) complainKind(reader, item, 'a string, a number, true or false');
  }
  return scalars;
}

/** The values that one of `equals` and `any` gives. */
function readAny(reader: Reader, object: Place<JsonObject>): readonly Scalar[] | undefined {
  const equals = member(object, 'equals');
  const any = member(object, 'any');
  if (equals !== undefined && any !== undefined) {
    complain(reader, equals.pointer, 'stands beside `any`; `any` alone can say both');
  }
  if (equals !== undefined) {
    const scalar = asScalar(equals.value);
    if (scalar !== undefined) return [scalar];
    complainKind(reader, equals, 'a string, a number, true or false');
  }
  return any === undefined ? undefined : readScalars(reader, any);
}

function readScalarsMember(reader: Reader, object: Place<JsonObject>, name: string): readonly Scalar[] | undefined {
  const place = member(object, name);
  return place === undefined ? undefined : readScalars(reader, place);
}

function readBound(reader: Reader, object: Place<JsonObject>, name: string): number | undefined {
  const place = member(object, name);
  if (place === undefined) return undefined;
  const number = asNumber(place.value);
  if (number === undefined) complainKind(reader, place, 'a number');
  return number === undefined ? undefined : number.value;
}

function readConditionObject(reader: Reader, object: Place<JsonObject>): ClaimCondition {
  checkMembers(reader, object, KEYS);
  if (object.value.names.length === 0) {
    complain(reader, object.pointer, 'demands nothing; `{"exists": true}` demands that the claim is there');
  }
  const exists = member(object, 'exists');
  if (exists !== undefined && exists.value !== true) {
    complain(reader, exists.pointer, 'can only be true: the claim must be there');
  }
  return {
    any: readAny(reader, object),
    all: readScalarsMember(reader, object, 'all'),
    none: readScalarsMember(reader, object, 'none'),
    gt: readBound(reader, object, 'gt'),
    gte: readBound(reader, object, 'gte'),
    lt: readBound(reader, object, 'lt'),
    lte: readBound(reader, object, 'lte'),
  };
}

/** One condition: a value that the claim must have, or an object. */
export function readCondition(reader: Reader, place: Place<Json>): ClaimCondition {
  const scalar = asScalar(place.value);
  if (scalar !== undefined) return { any: [scalar] };
  const object = asObject(place.value);
  if (object !== undefined) return readConditionObject(reader, { value: object, pointer: place.pointer });
  complainKind(reader, place, 'a string, a number, true, false or an object such as {"any": [...]}');
  return {};
}

/** An object of claims with the condition of each. */
export function readConditions(reader: Reader, object: Place<JsonObject>): readonly NamedCondition[] {
  const conditions: NamedCondition[] = [];
  if (object.value.names.length === 0) complain(reader, object.pointer, 'is empty; name something, or leave it out');
  for (let index = 0; index < object.value.names.length; index++) {
    const name = object.value.names[index] ?? '';
    const value = object.value.values[index];
    if (value === undefined) continue;
    const pointer = pointTo(object.pointer, name);
    const path = readClaimPath(reader, pointer, name);
    const condition = readCondition(reader, { value, pointer });
    if (path !== undefined) conditions.push({ path, condition });
  }
  return conditions;
}
