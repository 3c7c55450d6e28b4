// The headers that the backend gets, and those of the client that never reach it.
import { asObject, type Json, type JsonObject } from '../../codec/json';
import type { ForwardTerm, IdentityField } from '../../model/policy';
import { slotOf, type ClaimSlots } from './claim-slots';
import { readClaimPath } from './compile-conditions';
import {
  HOST_OVERRIDES,
  isHeaderName,
  METHOD_OVERRIDES,
  normalizeHeaderName,
  PATH_OVERRIDES,
  RESERVED_HEADERS,
} from '../../policy/headers';
import {
  checkMembers,
  complain,
  complainKind,
  member,
  pointTo,
  readObjectMember,
  readString,
  readStrings,
  type Place,
  type Reader,
} from './reader';
import { hintAt } from './suggest';

const FIELDS: readonly IdentityField[] = [
  'subject',
  'user',
  'email',
  'preferred_username',
  'client',
  'issuer',
  'scopes',
  'groups',
  'roles',
];
const TOKEN = 'token';
const FIELD_NAMES: readonly string[] = FIELDS.map((field): string => field).concat([TOKEN]);

export interface CompiledForward {
  readonly forward: readonly ForwardTerm[];
  readonly tokenHeaders: readonly string[];
  readonly removals: readonly string[];
  readonly forwardsEmail: boolean;
}

interface Draft {
  readonly forward: ForwardTerm[];
  readonly tokenHeaders: string[];
  readonly removals: string[];
  forwardsEmail: boolean;
}

function addRemovals(draft: Draft, names: readonly string[]): void {
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    if (draft.removals.indexOf(name) < 0) draft.removals.push(name);
  }
}

function findField(name: string): IdentityField | undefined {
  for (let index = 0; index < FIELDS.length; index++) {
    if (FIELDS[index] === name) return FIELDS[index];
  }
  return undefined;
}

function addField(reader: Reader, draft: Draft, header: string, place: Place<Json>, field: string): void {
  if (field === TOKEN) {
    draft.tokenHeaders.push(header);
    return;
  }
  const known = findField(field);
  if (known === undefined) {
    complain(reader, place.pointer, 'is not one of ' + FIELD_NAMES.join(', ') + hintAt(field, FIELD_NAMES));
    return;
  }
  if (known === 'email') draft.forwardsEmail = true;
  draft.forward.push({ name: header, kind: 'field', field: known });
}

function addClaim(reader: Reader, draft: Draft, slots: ClaimSlots, header: string, object: Place<JsonObject>): void {
  checkMembers(reader, object, ['claim']);
  const claim = member(object, 'claim');
  const name = claim === undefined ? undefined : readString(reader, claim);
  if (claim === undefined) complain(reader, object.pointer, 'names no claim; write {"claim": "NAME"}');
  const path = claim === undefined || name === undefined ? undefined : readClaimPath(reader, claim.pointer, name);
  if (path === undefined) return;
  if (path.steps.length === 1 && path.steps[0] === 'email') draft.forwardsEmail = true;
  draft.forward.push({ name: header, kind: 'claim', slot: slotOf(slots, path) });
}

function compileHeader(reader: Reader, draft: Draft, slots: ClaimSlots, header: string, place: Place<Json>): void {
  const normalized = normalizeHeaderName(header, reader.text);
  if (!isHeaderName(header, reader.text)) {
    complain(reader, place.pointer, 'is not a header name; use letters, digits and `-`');
  } else if (RESERVED_HEADERS.indexOf(normalized) >= 0) {
    complain(
      reader,
      place.pointer,
      'is a header that the request itself needs; choose another, as `X-Auth-Request-User`',
    );
  } else if (draft.removals.indexOf(normalized) >= 0) {
    complain(reader, place.pointer, 'names the same header as an earlier key, in another case');
  }
  addRemovals(draft, [normalized]);
  const object = asObject(place.value);
  if (typeof place.value === 'string') addField(reader, draft, header, place, place.value);
  else if (object !== undefined) addClaim(reader, draft, slots, header, { value: object, pointer: place.pointer });
  else complainKind(reader, place, 'the name of a field, or {"claim": "NAME"}');
}

/** The override headers that the operator's own proxies set, normalized: `keep_headers`. */
function readKept(reader: Reader, document: Place<JsonObject>, overrides: readonly string[]): readonly string[] {
  const place = member(document, 'keep_headers');
  if (place === undefined) return [];
  const names = readStrings(reader, place);
  const kept: string[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    const normalized = normalizeHeaderName(name, reader.text);
    if (overrides.indexOf(normalized) < 0) {
      const message = '`' + name + '` is not one of the headers that this policy removes: ' + overrides.join(', ');
      complain(reader, place.pointer, message);
    }
    kept.push(normalized);
  }
  return kept;
}

/** Rules judge method, path and host of the request itself: no client may send a backend others. */
function addOverrides(reader: Reader, draft: Draft, document: Place<JsonObject>, usesHosts: boolean): void {
  const overrides = METHOD_OVERRIDES.concat(PATH_OVERRIDES, usesHosts ? HOST_OVERRIDES : []);
  const kept = readKept(reader, document, overrides);
  addRemovals(
    draft,
    overrides.filter((name) => kept.indexOf(name) < 0),
  );
}

/**
 * Compiles `forward`: headers to set, and every header to remove first.
 * @param usesHosts whether some rule names hosts
 */
export function compileForward(
  reader: Reader,
  document: Place<JsonObject>,
  slots: ClaimSlots,
  usesHosts: boolean,
): CompiledForward {
  const draft: Draft = { forward: [], tokenHeaders: [], removals: [], forwardsEmail: false };
  const forward = readObjectMember(reader, document, 'forward');
  for (let index = 0; forward !== undefined && index < forward.value.names.length; index++) {
    const header = forward.value.names[index] ?? '';
    const value = forward.value.values[index];
    if (value === undefined) continue;
    compileHeader(reader, draft, slots, header, { value, pointer: pointTo(forward.pointer, header) });
  }
  addOverrides(reader, draft, document, usesHosts);
  return draft;
}
