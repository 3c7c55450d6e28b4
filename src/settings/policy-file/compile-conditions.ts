// Conditions on claims, as a policy writes them: a value, or an object of `equals`, `any`, `glob`, `none`, `gt` and kin.
import { asNumber, asObject, type Json, type JsonObject } from '../../codec/json';
import { parseClaimPath } from '../../claims/claim-path';
import { readGlobs } from './compile-glob';
import { checkCondition } from './condition-faults';
import { COMPARISONS, readComparison, type RequestNeeds } from './request-needs';
import { checkMembers, complain, complainKind, member, pointTo, readList, type Place, type Reader } from './reader';
import type { Scalar, ClaimCondition, RequestComparison } from '../../model/demands';
import type { ClaimPath } from '../../model/policy';

/** Each of these names the value; a condition has one of them. */
const VALUES: readonly string[] = ['equals', 'any', 'prefix', 'glob'];
const KEYS: readonly string[] = VALUES.concat(COMPARISONS, ['all', 'none', 'gt', 'gte', 'lt', 'lte', 'exists']);

/** A place of a claim with what is demanded of it. */
export interface NamedCondition {
  readonly path: ClaimPath;
  readonly condition: ClaimCondition;
  /** The parts of the request that it must equal. */
  readonly request?: RequestComparison | undefined;
}

/** The path of a claim, from an operator's spelling; reports an impossible one and returns undefined. */
export function readClaimPath(reader: Reader, pointer: string, spelling: string): ClaimPath | undefined {
  const path = parseClaimPath(spelling);
  if (path === undefined) {
    complain(reader, pointer, 'names no claim; a name that begins with `/` is a JSON pointer (RFC 6901)');
  }
  return path;
}

/** 2^53 - 1: each whole number up to it is a number of its own in every JSON parser (RFC 8259 section 6). */
const MOST = 9007199254740991;

/** A number; undefined for anything else. Reports one that a parser may take for another. */
function readNumber(reader: Reader, place: Place<Json>): number | undefined {
  const number = asNumber(place.value);
  if (number === undefined) return undefined;
  if (number.value > MOST || number.value < -MOST) {
    const what = 'is beyond ' + MOST.toString() + ' (2^53 - 1), where other numbers would be accepted as this one';
    complain(reader, place.pointer, what + '; have the issuer send it as a string, and compare the string');
  }
  return number.value;
}

/** A string, a number, true or false; undefined for anything else. */
function readScalar(reader: Reader, place: Place<Json>): Scalar | undefined {
  const value = place.value;
  return typeof value === 'string' || typeof value === 'boolean' ? value : readNumber(reader, place);
}

function readScalars(reader: Reader, place: Place<Json>): readonly Scalar[] {
  const places = readList(reader, place);
  const scalars: Scalar[] = [];
  for (let index = 0; places !== undefined && index < places.length; index++) {
    const item = places[index];
    const scalar = item === undefined ? undefined : readScalar(reader, item);
    if (item !== undefined && scalar !== undefined && scalars.indexOf(scalar) >= 0)
      complain(reader, item.pointer, 'is in the list twice');
    if (scalar !== undefined) scalars.push(scalar);
    else if (item !== undefined) complainKind(reader, item, 'a string, a number, true or false');
  }
  return scalars;
}

/** The values that one of `equals` and `any` gives. */
function readAny(reader: Reader, object: Place<JsonObject>): readonly Scalar[] | undefined {
  const equals = member(object, 'equals');
  const any = member(object, 'any');
  if (equals !== undefined) {
    const scalar = readScalar(reader, equals);
    if (scalar !== undefined) return [scalar];
    complainKind(reader, equals, 'a string, a number, true or false');
  }
  return any === undefined ? undefined : readScalars(reader, any);
}

/** Notes a condition that names the value in two ways: a claim would have to be both. */
function checkValues(reader: Reader, object: Place<JsonObject>): void {
  const used = VALUES.filter((name) => member(object, name) !== undefined);
  // `readGlobs` notes two patterns.
  if (used.length < 2 || used.join() === 'prefix,glob') return;
  const isPlain = used.every((name) => name === 'equals' || name === 'any');
  const mend = isPlain ? 'list every value in `any`' : 'keep one; `glob` and `prefix` may be lists';
  const others = used.slice(1).map((name) => '`' + name + '`');
  complain(
    reader,
    pointTo(object.pointer, used[0] ?? ''),
    'cannot be used together with ' + others.join(', ') + '; ' + mend,
  );
}

/** `exists`, where it is all that is asked. */
function readExists(reader: Reader, object: Place<JsonObject>): boolean | undefined {
  const exists = member(object, 'exists');
  if (exists === undefined) return undefined;
  if (typeof exists.value !== 'boolean') {
    complainKind(reader, exists, 'true or false');
    return undefined;
  }
  const isAlone = object.value.names.length === 1;
  if (!isAlone && !exists.value) {
    complain(
      reader,
      exists.pointer,
      'is false beside other parts, which a missing claim never fulfils; keep one of them',
    );
  }
  return isAlone ? exists.value : undefined;
}

function readScalarsMember(reader: Reader, object: Place<JsonObject>, name: string): readonly Scalar[] | undefined {
  const place = member(object, name);
  return place === undefined ? undefined : readScalars(reader, place);
}

function readBound(reader: Reader, object: Place<JsonObject>, name: string): number | undefined {
  const place = member(object, name);
  if (place === undefined) return undefined;
  const number = readNumber(reader, place);
  if (number === undefined) complainKind(reader, place, 'a number');
  return number;
}

function readConditionObject(reader: Reader, object: Place<JsonObject>): ClaimCondition {
  checkMembers(reader, object, KEYS);
  if (object.value.names.length === 0) {
    complain(reader, object.pointer, 'requires nothing; write `{"exists": true}` to require the claim');
  }
  checkValues(reader, object);
  return {
    any: readAny(reader, object),
    all: readScalarsMember(reader, object, 'all'),
    none: readScalarsMember(reader, object, 'none'),
    gt: readBound(reader, object, 'gt'),
    gte: readBound(reader, object, 'gte'),
    lt: readBound(reader, object, 'lt'),
    lte: readBound(reader, object, 'lte'),
    exists: readExists(reader, object),
    globs: readGlobs(reader, object),
  };
}

/** One condition: a value that the claim must have, or an object. */
export function readCondition(reader: Reader, place: Place<Json>): ClaimCondition {
  const scalar = readScalar(reader, place);
  if (scalar !== undefined) return { any: [scalar] };
  const object = asObject(place.value);
  if (object !== undefined) return readConditionObject(reader, { value: object, pointer: place.pointer });
  complainKind(reader, place, 'a string, a number, true, false or an object such as {"any": [...]}');
  return {};
}

/**
 * An object of claims with the condition of each.
 * @param needs where what they ask of requests goes; undefined where there is no request
 */
export function readConditions(
  reader: Reader,
  object: Place<JsonObject>,
  needs: RequestNeeds | undefined,
): readonly NamedCondition[] {
  const conditions: NamedCondition[] = [];
  if (object.value.names.length === 0) complain(reader, object.pointer, 'is empty; name something, or leave it out');
  for (let index = 0; index < object.value.names.length; index++) {
    const name = object.value.names[index] ?? '';
    const value = object.value.values[index];
    if (value === undefined) continue;
    const pointer = pointTo(object.pointer, name);
    const path = readClaimPath(reader, pointer, name);
    const condition = readCondition(reader, { value, pointer });
    checkCondition(reader, pointer, condition);
    const parts = asObject(value);
    const request = parts === undefined ? undefined : readComparison(reader, { value: parts, pointer }, needs);
    if (path !== undefined) conditions.push({ path, condition, request });
  }
  return conditions;
}
