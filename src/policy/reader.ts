// Reads the members of a policy document, and notes every problem with its place (JSON pointer, RFC 6901).
import { asArray, asNumber, asObject, findMember, type Json, type JsonArray, type JsonObject } from '../codec/json';
import { formatJson } from '../codec/json-format';
import type { Problem } from '../core/problem';
import type { Text } from '../ports/text';
import { suggest } from './suggest';

/** Where problems go. */
export interface Reader {
  readonly text: Text;
  /** What the operator called the file. */
  readonly file: string;
  readonly problems: Problem[];
  readonly notices: Problem[];
}

/** A value and where it stands. */
export interface Place<Value> {
  readonly value: Value;
  /** RFC 6901; empty for the whole document. */
  readonly pointer: string;
}

/** RFC 6901 §3. */
export function pointTo(pointer: string, name: string): string {
  return pointer + '/' + name.split('~').join('~0').split('/').join('~1');
}

/** Notes a problem. @param message what is wrong and how to mend it; never a secret */
export function complain(reader: Reader, pointer: string, message: string): void {
  reader.problems.push({ setting: locate(reader, pointer), message });
}

export function remark(reader: Reader, pointer: string, message: string): void {
  reader.notices.push({ setting: locate(reader, pointer), message });
}

/** A place on one line: a name in the document may hold anything. */
function locate(reader: Reader, pointer: string): string {
  return reader.file + '#' + (reader.text.hasControl(pointer) ? formatJson(pointer) : pointer);
}

/** What a value is, in the operator's words. */
function nameKind(value: Json): string {
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'boolean') return 'true or false';
  if (value.kind === 'null') return 'null';
  if (value.kind === 'number') return 'a number';
  return value.kind === 'array' ? 'a list' : 'an object';
}

export function complainKind(reader: Reader, place: Place<Json>, wanted: string): void {
  complain(reader, place.pointer, 'is ' + nameKind(place.value) + '; it must be ' + wanted);
}

/** A member with its place; undefined when it is not there. */
export function member(object: Place<JsonObject>, name: string): Place<Json> | undefined {
  const value = findMember(object.value, name);
  return value === undefined ? undefined : { value, pointer: pointTo(object.pointer, name) };
}

/** Notes each member that is not known. */
export function checkMembers(reader: Reader, object: Place<JsonObject>, known: readonly string[]): void {
  for (let index = 0; index < object.value.names.length; index++) {
    const name = object.value.names[index] ?? '';
    if (known.indexOf(name) >= 0) continue;
    const near = suggest(name, known);
    const hint = near === undefined ? 'known are ' + known.join(', ') : 'did you mean `' + near + '`?';
    complain(reader, pointTo(object.pointer, name), 'is not a known key; ' + hint);
  }
}

export function readObject(reader: Reader, place: Place<Json>): Place<JsonObject> | undefined {
  const value = asObject(place.value);
  if (value === undefined) complainKind(reader, place, 'an object');
  return value === undefined ? undefined : { value, pointer: place.pointer };
}

/** A member that is an object; undefined when it is not there or is none, which is noted. */
export function readObjectMember(
  reader: Reader,
  object: Place<JsonObject>,
  name: string,
): Place<JsonObject> | undefined {
  const place = member(object, name);
  return place === undefined ? undefined : readObject(reader, place);
}

/** The members of a list with their places; undefined when it is none or empty, which is noted. */
export function readList(reader: Reader, place: Place<Json>): readonly Place<Json>[] | undefined {
  const array: JsonArray | undefined = asArray(place.value);
  if (array === undefined) {
    complainKind(reader, place, 'a list');
    return undefined;
  }
  // An empty list could mean none or any: it means neither.
  if (array.items.length === 0) {
    complain(reader, place.pointer, 'is empty; name something, or leave it out');
    return undefined;
  }
  const places: Place<Json>[] = [];
  for (let index = 0; index < array.items.length; index++) {
    const value = array.items[index];
    if (value !== undefined) places.push({ value, pointer: place.pointer + '/' + index.toString() });
  }
  return places;
}

/** A string that is not empty and has no control character; undefined otherwise, which is noted. */
export function readString(reader: Reader, place: Place<Json>): string | undefined {
  if (typeof place.value !== 'string') {
    complainKind(reader, place, 'a string');
    return undefined;
  }
  if (place.value === '') {
    complain(reader, place.pointer, 'is empty');
    return undefined;
  }
  if (reader.text.hasControl(place.value)) {
    complain(reader, place.pointer, 'has a control character in it');
    return undefined;
  }
  return place.value;
}

/** A list of strings, no two the same; those that are none are noted and left out. */
export function readStrings(reader: Reader, place: Place<Json>): readonly string[] {
  const places = readList(reader, place);
  const strings: string[] = [];
  for (let index = 0; places !== undefined && index < places.length; index++) {
    const item = places[index];
    const value = item === undefined ? undefined : readString(reader, item);
    if (item === undefined || value === undefined) continue;
    if (strings.indexOf(value) >= 0) complain(reader, item.pointer, 'stands twice in the list');
    strings.push(value);
  }
  return strings;
}

/** A string, or a list of them. */
export function readStringOrStrings(reader: Reader, place: Place<Json>): readonly string[] {
  if (typeof place.value !== 'string') return readStrings(reader, place);
  const value = readString(reader, place);
  return value === undefined ? [] : [value];
}

/** The strings of a member; empty when it is not there. */
export function readStringsMember(reader: Reader, object: Place<JsonObject>, name: string): readonly string[] {
  const place = member(object, name);
  return place === undefined ? [] : readStrings(reader, place);
}

/** One of some words; `otherwise` when it is not there or another, which is noted. */
export function readChoice<Word extends string>(
  reader: Reader,
  object: Place<JsonObject>,
  name: string,
  words: readonly Word[],
  otherwise: Word,
): Word {
  const place = member(object, name);
  if (place === undefined) return otherwise;
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word !== undefined && word === place.value) return word;
  }
  const near = typeof place.value === 'string' ? suggest(place.value, words) : undefined;
  const hint = near === undefined ? '' : '; did you mean `' + near + '`?';
  complain(reader, place.pointer, 'is none of ' + words.join(', ') + hint);
  return otherwise;
}

/** `true` or `false`; `otherwise` when it is not there or something else, which is noted. */
export function readFlag(reader: Reader, object: Place<JsonObject>, name: string, otherwise: boolean): boolean {
  const place = member(object, name);
  if (place === undefined) return otherwise;
  if (typeof place.value === 'boolean') return place.value;
  complainKind(reader, place, 'true or false');
  return otherwise;
}

/** A whole number within bounds; `otherwise` when it is not there or something else, which is noted. */
export function readWhole(
  reader: Reader,
  object: Place<JsonObject>,
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const place = member(object, name);
  if (place === undefined) return otherwise;
  const number = asNumber(place.value);
  const value = number === undefined ? -1 : number.value;
  if (number !== undefined && Math.floor(value) === value && value >= least && value <= most) return value;
  complain(reader, place.pointer, 'is not a whole number from ' + least.toString() + ' to ' + most.toString());
  return otherwise;
}
