// `token` of a policy or of one of its issuers: where a request may have its token.
import { asObject, type Json, type JsonObject } from '../../codec/json';
import type { Policy } from '../../model/policy';
import type { IssuerSettings } from '../../model/settings';
import type { TokenPlace } from '../../model/token-place';
import { HOST_OVERRIDES, METHOD_OVERRIDES, normalizeHeaderName, PATH_OVERRIDES } from '../../policy/headers';
import { ONLY_BEARER } from '../../token/places/accepted-place';
import type { Compilation } from '../compilation';
import { TOKEN_FROM, memberName } from '../table';
import {
  describeUnknown,
  findKind,
  findPlaceFault,
  isAmong,
  joinPlaces,
  MOST_PLACES,
  NAMED_PLACES,
  namedPlace,
  PLAIN_PLACES,
  plainPlace,
  unlessBearer,
} from '../token-places';
import {
  complain,
  complainKind,
  checkMembers,
  member,
  pointTo,
  readList,
  readObjectMember,
  readString,
  type Place,
  type Reader,
} from './reader';

export const TOKEN = 'token';

/** A place by a word alone. */
function readPlain(reader: Reader, place: Place<Json>, word: string): TokenPlace | undefined {
  const kind = findKind(PLAIN_PLACES, word);
  if (kind !== undefined) return plainPlace(kind);
  // As `OAUTH_TOKEN_FROM` has it: `query:NAME`.
  const named = findKind(NAMED_PLACES, word.split(':')[0] ?? '');
  const fault = named === undefined ? describeUnknown(word) : 'needs a name; write {"' + named + '": "NAME"}';
  complain(reader, place.pointer, fault);
  return undefined;
}

function isPlainAlone(word: string): boolean {
  return findKind(PLAIN_PLACES, word) !== undefined && findKind(NAMED_PLACES, word) === undefined;
}

/** A place with its name: an object with one member. */
function readNamed(compilation: Compilation, reader: Reader, object: Place<JsonObject>): TokenPlace | undefined {
  const first = object.value.names[0] ?? '';
  if (object.value.names.length === 1 && isPlainAlone(first)) {
    complain(reader, pointTo(object.pointer, first), 'has no name of its own; write "' + first + '" alone');
    return undefined;
  }
  checkMembers(reader, object, NAMED_PLACES);
  if (object.value.names.length !== 1) {
    complain(
      reader,
      object.pointer,
      'is not one place; write one object with one name for each, as {"cookie": "NAME"}',
    );
    return undefined;
  }
  const kind = findKind(NAMED_PLACES, first);
  const value = kind === undefined ? undefined : member(object, kind);
  const name = value === undefined ? undefined : readString(reader, value);
  if (kind === undefined || value === undefined || name === undefined) return undefined;
  const fault = findPlaceFault(compilation, kind, name);
  if (fault !== undefined) complain(reader, value.pointer, fault);
  return namedPlace(compilation, kind, name);
}

function readPlace(compilation: Compilation, reader: Reader, place: Place<Json>): TokenPlace | undefined {
  const object = asObject(place.value);
  if (object !== undefined) return readNamed(compilation, reader, { value: object, pointer: place.pointer });
  if (typeof place.value === 'string') return readPlain(reader, place, place.value);
  complainKind(reader, place, 'the name of a place, or {"cookie": "NAME"}');
  return undefined;
}

/** The places that an object's `token` names; undefined where it names none. */
export function readTokenFrom(
  compilation: Compilation,
  reader: Reader,
  object: Place<JsonObject>,
): readonly TokenPlace[] | undefined {
  const token = readObjectMember(reader, object, TOKEN);
  if (token === undefined) return undefined;
  const key = memberName(TOKEN_FROM.key);
  checkMembers(reader, token, [key]);
  const list = member(token, key);
  if (list === undefined) {
    complain(reader, token.pointer, 'has no `from`; list the places that a token may be at');
    return undefined;
  }
  const items = readList(reader, list) ?? [];
  if (items.length > MOST_PLACES)
    complain(reader, list.pointer, 'names more than ' + MOST_PLACES.toString() + ' places');
  const places: TokenPlace[] = [];
  for (let index = 0; index < items.length && index < MOST_PLACES; index++) {
    const item = items[index];
    const place = item === undefined ? undefined : readPlace(compilation, reader, item);
    if (item === undefined || place === undefined) continue;
    if (isAmong(places, place)) complain(reader, item.pointer, 'is in the list twice');
    places.push(place);
  }
  return places;
}

/**
 * The places to look at in each request: those of all issuers.
 * @param common the policy's own `token`, for issuers without one
 */
export function gatherPlaces(
  reader: Reader,
  common: readonly TokenPlace[] | undefined,
  issuers: readonly IssuerSettings[],
): readonly TokenPlace[] | undefined {
  let places: readonly TokenPlace[] = [];
  let isCommon = false;
  for (let index = 0; index < issuers.length; index++) {
    const issuer = issuers[index];
    if (issuer === undefined) continue;
    if (issuer.tokenFrom === undefined) isCommon = true;
    places = joinPlaces(places, issuer.tokenFrom ?? common ?? ONLY_BEARER);
  }
  if (common !== undefined && !isCommon && issuers.length > 0) {
    complain(reader, '/' + TOKEN, 'has no effect, because every issuer has a `token` of its own; remove it');
  }
  return unlessBearer(places);
}

/** Notes headers of tokens that the policy also compares, or keeps for the backend. */
function checkReadHeaders(reader: Reader, policy: Policy, headers: readonly string[]): void {
  const overrides = METHOD_OVERRIDES.concat(PATH_OVERRIDES, policy.usesHosts ? HOST_OVERRIDES : []);
  for (let index = 0; index < headers.length; index++) {
    const name = headers[index] ?? '';
    const what = '`' + name + '` is a header that clients send their token in, which no backend gets; ';
    if ((policy.comparedHeaders ?? []).indexOf(name) >= 0)
      complain(reader, '/' + TOKEN, what + 'let `equals_header` of the rules compare another');
    if (overrides.indexOf(name) >= 0 && policy.removals.indexOf(name) < 0)
      complain(reader, '/keep_headers', what + 'remove it here');
  }
}

/** The policy with the headers that are places among those that no backend gets. */
export function removePlaces(reader: Reader, policy: Policy, places: readonly TokenPlace[] | undefined): Policy {
  const headers: string[] = [];
  for (let index = 0; places !== undefined && index < places.length; index++) {
    const place = places[index];
    if (place?.kind === 'header') headers.push(place.name);
  }
  if (headers.length === 0) return policy;
  const forwarded = policy.forward.map((term) => term.name).concat(policy.tokenHeaders);
  for (let index = 0; index < forwarded.length; index++) {
    const name = forwarded[index] ?? '';
    if (headers.indexOf(normalizeHeaderName(name, reader.text)) < 0) continue;
    const message = 'is a header that clients send their token in (`token`); forward under another name';
    complain(reader, pointTo('/forward', name), message);
  }
  checkReadHeaders(reader, policy, headers);
  const added = headers.filter((name) => policy.removals.indexOf(name) < 0);
  return Object.assign({}, policy, { removals: policy.removals.concat(added) });
}
