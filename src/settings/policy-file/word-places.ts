// Places of groups and roles in a policy: paths, the keys of an object, or a member of each object in a list.
import { asObject, type Json, type JsonObject } from '../../codec/json';
import type { WordPath } from '../../model/policy';
import { readClaimPath } from './compile-conditions';
import { checkMembers, complain, complainKind, member, readEach, readString, type Place, type Reader } from './reader';

export const WORD_KEYS: readonly string[] = ['keys_of', 'each', 'member'];
const WANTED = 'a path, {"keys_of": "PATH"} or {"each": "PATH", "member": "NAME"}';

/** Whether an object is one place, and not several together. */
export function isWordPlace(object: JsonObject): boolean {
  return object.names.some((name) => WORD_KEYS.indexOf(name) >= 0);
}

function readPathMember(reader: Reader, object: Place<JsonObject>, name: string): WordPath | undefined {
  const place = member(object, name);
  const path = place === undefined ? undefined : readString(reader, place);
  return place === undefined || path === undefined ? undefined : readClaimPath(reader, place.pointer, path);
}

function readObjectPlace(reader: Reader, object: Place<JsonObject>): WordPath | undefined {
  const all = member(object, 'all');
  checkMembers(reader, object, all === undefined ? WORD_KEYS : WORD_KEYS.concat(['all']));
  if (all !== undefined)
    complain(reader, all.pointer, 'is beside or within another place; write {"all": [...]} round all of them');
  const keys = readPathMember(reader, object, 'keys_of');
  const list = readPathMember(reader, object, 'each');
  const inner = readPathMember(reader, object, 'member');
  const names = object.value.names;
  const isKeys = names.indexOf('keys_of') >= 0;
  const hasEach = names.indexOf('each') >= 0;
  const hasMember = names.indexOf('member') >= 0;
  if (isKeys && (hasEach || hasMember)) {
    complain(reader, object.pointer, 'has `keys_of` beside `each` or `member`; give two places in a list');
  } else if (!isKeys && !(hasEach && hasMember) && all === undefined) {
    const lacking = hasEach ? '`member`, the name within each object' : '`each`, the path of the list';
    complain(
      reader,
      object.pointer,
      isWordPlace(object.value) ? 'has no ' + lacking : 'names no claim; write ' + WANTED,
    );
  }
  if (isKeys) return keys === undefined ? undefined : { name: keys.name, steps: keys.steps, keys: true };
  if (list === undefined || inner === undefined) return undefined;
  return { name: list.name, steps: list.steps, member: inner };
}

function readPlace(reader: Reader, place: Place<Json>): WordPath | undefined {
  if (typeof place.value === 'string') {
    const path = readString(reader, place);
    return path === undefined ? undefined : readClaimPath(reader, place.pointer, path);
  }
  const object = asObject(place.value);
  if (object !== undefined) return readObjectPlace(reader, { value: object, pointer: place.pointer });
  complainKind(reader, place, WANTED);
  return undefined;
}

/** One place, or a list of them, no two the same. */
export function readWordPaths(reader: Reader, place: Place<Json>): readonly WordPath[] {
  const paths: WordPath[] = [];
  readEach(reader, place, (item) => {
    const path = readPlace(reader, item);
    if (path !== undefined) paths.push(path);
  });
  return paths;
}
