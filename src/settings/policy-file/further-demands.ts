// The requirements of a rule that may be patterns: subjects, clients and claims.
import { asObject, type Json, type JsonObject } from '../../codec/json';
import { formatJson } from '../../codec/json-format';
import type { AudienceDemand, FurtherClaimDemand, FurtherDemands, Glob, NameDemand } from '../../model/demands';
import type { ClaimPath } from '../../model/policy';
import { slotOf, type ClaimSlots } from './claim-slots';
import { readConditions } from './compile-conditions';
import { readGlobs } from './compile-glob';
import {
  checkMembers,
  complain,
  complainKind,
  member,
  readEach,
  readObjectMember,
  readString,
  readStringOrStrings,
  type Place,
  type Reader,
} from './reader';
import type { RequestNeeds } from './request-needs';

const NO_NAMES: NameDemand = { exact: [], globs: [] };
const AUDIENCE: ClaimPath = { name: 'aud', steps: ['aud'] };
const PATTERNS: readonly string[] = ['prefix', 'glob'];

interface Names {
  readonly exact: string[];
  readonly globs: Glob[];
}

/** A name that is compared exactly: a star in it is meant as none. */
function readExact(reader: Reader, place: Place<Json>, key: string): string | undefined {
  const value = readString(reader, place);
  if (value === undefined || value.indexOf('*') < 0) return value;
  const mend = value === '*' ? 'leave `' + key + '` out for any' : 'write {"glob": ' + formatJson(value) + '}';
  complain(reader, place.pointer, '`' + value + '` has a `*`, which would be compared literally; ' + mend);
  return undefined;
}

function readName(reader: Reader, place: Place<Json>, key: string, names: Names): void {
  const value = asObject(place.value);
  if (value === undefined) {
    if (typeof place.value !== 'string') complainKind(reader, place, 'a string, {"prefix": TEXT} or {"glob": TEXT}');
    const exact = typeof place.value === 'string' ? readExact(reader, place, key) : undefined;
    if (exact !== undefined) names.exact.push(exact);
    return;
  }
  const object = { value, pointer: place.pointer };
  checkMembers(reader, object, PATTERNS);
  const globs = readGlobs(reader, object);
  if (globs === undefined && value.names.length === 0)
    complain(reader, place.pointer, 'names nobody; write {"prefix": TEXT} or {"glob": TEXT}');
  for (let index = 0; globs !== undefined && index < globs.length; index++) {
    const glob = globs[index];
    if (glob !== undefined) names.globs.push(glob);
  }
}

/** Subjects or clients: one or several, each a text that is compared exactly, or a pattern. */
export function readNames(reader: Reader, object: Place<JsonObject>, key: string): NameDemand {
  const place = member(object, key);
  if (place === undefined) return NO_NAMES;
  const names: Names = { exact: [], globs: [] };
  readEach(reader, place, (item) => {
    readName(reader, item, key, names);
  });
  return names;
}

/** `audience`: one or several, of which `aud` must name one. */
export function readAudiences(
  reader: Reader,
  object: Place<JsonObject>,
  slots: ClaimSlots,
): AudienceDemand | undefined {
  const place = member(object, 'audience');
  if (place === undefined) return undefined;
  const any = readStringOrStrings(reader, place);
  if (any.indexOf('*') >= 0) {
    complain(
      reader,
      place.pointer,
      '`*` would be compared literally; leave `audience` out for any that the issuer accepts',
    );
  }
  return { slot: slotOf(slots, AUDIENCE), any };
}

/** `claims`: each with its condition. */
export function readClaimDemands(
  reader: Reader,
  object: Place<JsonObject>,
  slots: ClaimSlots,
  needs: RequestNeeds,
): readonly FurtherClaimDemand[] {
  const claims = readObjectMember(reader, object, 'claims');
  const conditions = claims === undefined ? [] : readConditions(reader, claims, needs);
  const demands: FurtherClaimDemand[] = [];
  for (let index = 0; index < conditions.length; index++) {
    const named = conditions[index];
    if (named !== undefined)
      demands.push({ slot: slotOf(slots, named.path), condition: named.condition, request: named.request });
  }
  return demands;
}

/** Whether a claim's condition is checked by `checkFurther`. */
export function isFurther(demand: FurtherClaimDemand): boolean {
  return demand.condition.globs !== undefined || demand.request !== undefined;
}

/** The requirements for `checkFurther`; undefined when there are none. */
export function joinFurther(
  subject: NameDemand,
  client: NameDemand,
  audience: AudienceDemand | undefined,
  claims: readonly FurtherClaimDemand[],
): FurtherDemands | undefined {
  const further = {
    subject: subject.globs.length > 0 ? subject : undefined,
    client: client.globs.length > 0 ? client : undefined,
    audience,
    claims: claims.filter((demand) => isFurther(demand)),
  };
  const isNamed = further.subject !== undefined || further.client !== undefined || audience !== undefined;
  return isNamed || further.claims.length > 0 ? further : undefined;
}
