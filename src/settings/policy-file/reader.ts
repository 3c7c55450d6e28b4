// Reads the members of a policy document, and notes every problem with its place (JSON pointer, RFC 6901).
import { asArray, asNumber, asObject, findMember, type Json, type JsonArray, type JsonObject } from '../../codec/json';
import { formatJson } from '../../codec/json-format';
import type { Problem } from '../../model/problem';
import type { Text } from '../../codec/text';
import { memberName, type PolicyNumber } from '../table';
import { hintAt } from './suggest';

/** Collects the problems. */
export interface Reader {
  readonly text: Text;
  /** The operator's name of the file. */
  readonly file: string;
  readonly problems: Problem[];
  readonly notices: Problem[];
}

/** A value and its place. */
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

/** The kind of a value, in the operator's words. */
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

/** A member with its place; undefined when it is missing. */
export function member(object: Place<JsonObject>, name: string): Place<Json> | undefined {
  const value = findMember(object.value, name);
  return value === undefined ? undefined : { value, pointer: pointTo(object.pointer, name) };
}

/** The member that holds a setting. */
export function settingMember(object: Place<JsonObject>, setting: { readonly key: string }): Place<Json> | undefined {
  return member(object, memberName(setting.key));
}

/** Whether a member's name says that its value is a secret itself, which no policy holds. */
function isSecret(name: string): boolean {
  return ['secret', 'password'].some((word) => name.substring(name.length - word.length) === word);
}

/** What to write in place of a member that is not known. */
function hintFor(name: string, known: readonly string[]): string {
  const file = known.find((one) => one === 'secret_file' || one === 'client_secret_file');
  return file !== undefined && isSecret(name)
    ? '; a policy holds no secrets: write it into a file, and name that file by `' + file + '`'
    : hintAt(name, known);
}

/** Notes each member that is not known. */
export function checkMembers(reader: Reader, object: Place<JsonObject>, known: readonly string[]): void {
  for (let index = 0; index < object.value.names.length; index++) {
    const name = object.value.names[index] ?? '';
    if (known.indexOf(name) >= 0) continue;
    const hint = hintFor(name, known);
    const all = '; known are ' + known.join(', ');
    complain(reader, pointTo(object.pointer, name), 'is not a known key' + (hint === '' ? all : hint));
  }
}

/** @param wanted in a message about anything else */
export function readObject(reader: Reader, place: Place<Json>, wanted?: string): Place<JsonObject> | undefined {
  const value = asObject(place.value);
  if (value === undefined) complainKind(reader, place, wanted ?? 'an object');
  return value === undefined ? undefined : { value, pointer: place.pointer };
}

/** A member that is an object; undefined when it is missing; reports any other value and returns undefined. */
export function readObjectMember(
  reader: Reader,
  object: Place<JsonObject>,
  name: string,
): Place<JsonObject> | undefined {
  const place = member(object, name);
  return place === undefined ? undefined : readObject(reader, place);
}

/** The members of a list with their places; reports an empty list or any other value and returns undefined. */
export function readList(reader: Reader, place: Place<Json>): readonly Place<Json>[] | undefined {
  const array: JsonArray | undefined = asArray(place.value);
  if (array === undefined) {
    complainKind(reader, place, 'a list');
    return undefined;
  }
  // An empty list could mean none or any, so it is refused.
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

/** Reads one value, or each member of a list of them; reports a member that the list has twice. */
export function readEach(reader: Reader, place: Place<Json>, read: (item: Place<Json>) => void): void {
  const places = asArray(place.value) === undefined ? [place] : (readList(reader, place) ?? []);
  const seen: string[] = [];
  for (let index = 0; index < places.length; index++) {
    const item = places[index];
    if (item === undefined) continue;
    const written = formatJson(item.value);
    if (seen.indexOf(written) >= 0) complain(reader, item.pointer, 'is in the list twice');
    seen.push(written);
    read(item);
  }
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

/** `comment`, which is for people. */
export function readComment(reader: Reader, object: Place<JsonObject>): void {
  const place = member(object, 'comment');
  if (place !== undefined) readString(reader, place);
}

/** A list of strings, no two the same; reports other values and leaves them out. */
export function readStrings(reader: Reader, place: Place<Json>): readonly string[] {
  const places = readList(reader, place);
  const strings: string[] = [];
  for (let index = 0; places !== undefined && index < places.length; index++) {
    const item = places[index];
    const value = item === undefined ? undefined : readString(reader, item);
    if (item === undefined || value === undefined) continue;
    if (strings.indexOf(value) >= 0) complain(reader, item.pointer, 'is in the list twice');
    strings.push(value);
  }
  return strings;
}

/** A string, or a list of them. @param wanted in a message about anything else */
export function readStringOrStrings(reader: Reader, place: Place<Json>, wanted?: string): readonly string[] {
  if (typeof place.value !== 'string' && asArray(place.value) === undefined) {
    complainKind(reader, place, wanted ?? 'a string or a list of strings');
    return [];
  }
  if (typeof place.value !== 'string') return readStrings(reader, place);
  const value = readString(reader, place);
  return value === undefined ? [] : [value];
}

/** The strings of a member; empty when it is missing. */
export function readStringsMember(reader: Reader, object: Place<JsonObject>, name: string): readonly string[] {
  const place = member(object, name);
  return place === undefined ? [] : readStrings(reader, place);
}

/** One of some words; `otherwise` when it is missing; reports any other value. */
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
  const hint = typeof place.value === 'string' ? hintAt(place.value, words) : '';
  complain(reader, place.pointer, 'is not one of ' + words.join(', ') + hint);
  return otherwise;
}

/** `true` or `false`; `otherwise` when it is missing; reports any other value. */
export function readFlag(reader: Reader, object: Place<JsonObject>, name: string, otherwise: boolean): boolean {
  const place = member(object, name);
  if (place === undefined) return otherwise;
  if (typeof place.value === 'boolean') return place.value;
  complainKind(reader, place, 'true or false');
  return otherwise;
}

/**
 * A whole number within its bounds; the default when it is missing; reports any other value.
 * @param object has the member
 */
export function readWhole(reader: Reader, object: Place<JsonObject>, wanted: PolicyNumber): number {
  const place = settingMember(object, wanted);
  if (place === undefined) return wanted.otherwise;
  const number = asNumber(place.value);
  const value = number?.value ?? -1;
  if (number !== undefined && Math.floor(value) === value && value >= wanted.least && value <= wanted.most)
    return value;
  const range = wanted.least.toString() + ' to ' + wanted.most.toString();
  complain(reader, place.pointer, 'is not a whole number from ' + range);
  return wanted.otherwise;
}
