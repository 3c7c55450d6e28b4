// What the backend is told, and what of the client's headers never reaches it.
import { asObject, type Json, type JsonObject } from '../codec/json';
import type { ForwardTerm, IdentityField } from '../core/policy';
import { slotOf, type ClaimSlots } from './claim-slots';
import { readClaimPath } from './compile-conditions';
import { isHeaderName, METHOD_OVERRIDES, normalizeHeaderName, PATH_OVERRIDES } from './headers';
import {
  checkMembers,
  complain,
  complainKind,
  member,
  pointTo,
  readObjectMember,
  readString,
  type Place,
  type Reader,
} from './reader';
import { suggest } from './suggest';

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

/** Headers that carry the connection or the request itself: nothing of a token may take their place. */
const RESERVED: readonly string[] = [
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

export interface CompiledForward {
  readonly forward: readonly ForwardTerm[];
  readonly tokenHeaders: readonly string[];
  readonly removals: readonly string[];
  readonly usesEmail: boolean;
}

interface Draft {
  readonly forward: ForwardTerm[];
  readonly tokenHeaders: string[];
  readonly removals: string[];
  usesEmail: boolean;
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
    const near = suggest(field, FIELD_NAMES);
    const hint = near === undefined ? '' : '; did you mean `' + near + '`?';
    complain(reader, place.pointer, 'is none of ' + FIELD_NAMES.join(', ') + hint);
    return;
  }
  if (known === 'email') draft.usesEmail = true;
  draft.forward.push({ name: header, kind: 'field', field: known });
}

function addClaim(reader: Reader, draft: Draft, slots: ClaimSlots, header: string, object: Place<JsonObject>): void {
  checkMembers(reader, object, ['claim']);
  const claim = member(object, 'claim');
  const name = claim === undefined ? undefined : readString(reader, claim);
  if (claim === undefined) complain(reader, object.pointer, 'names no claim; write {"claim": "NAME"}');
  const path = claim === undefined || name === undefined ? undefined : readClaimPath(reader, claim.pointer, name);
  if (path !== undefined) draft.forward.push({ name: header, kind: 'claim', slot: slotOf(slots, path) });
}

function compileHeader(reader: Reader, draft: Draft, slots: ClaimSlots, header: string, place: Place<Json>): void {
  const normalized = normalizeHeaderName(header, reader.text);
  if (!isHeaderName(header, reader.text)) {
    complain(reader, place.pointer, 'is no header name; they are made of letters, digits and `-`');
  } else if (RESERVED.indexOf(normalized) >= 0) {
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

/** Compiles `forward`: headers to set, and every header to remove first. */
export function compileForward(reader: Reader, document: Place<JsonObject>, slots: ClaimSlots): CompiledForward {
  const draft: Draft = { forward: [], tokenHeaders: [], removals: [], usesEmail: false };
  const forward = readObjectMember(reader, document, 'forward');
  for (let index = 0; forward !== undefined && index < forward.value.names.length; index++) {
    const header = forward.value.names[index] ?? '';
    const value = forward.value.values[index];
    if (value === undefined) continue;
    compileHeader(reader, draft, slots, header, { value, pointer: pointTo(forward.pointer, header) });
  }
  // Rules judge the method and path of the request line: no backend may be told others.
  addRemovals(draft, METHOD_OVERRIDES);
  addRemovals(draft, PATH_OVERRIDES);
  return draft;
}
