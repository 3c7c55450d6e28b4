// The words of a claim, for groups and roles: a list of texts, the names of an object's members, or a member of each object
// in a list.
import { asArray, asObject, asStrings, isNull, type Json, type JsonObject } from '../codec/json';
import type { Text } from '../codec/text';
import type { ListMapping, WordPath } from '../model/policy';
import { findClaim } from './claim-path';

/** More names or objects than any signed token has room for; an introspection answer could have a hundred thousand. */
const MAX_MEMBERS = 4096;

/** The names of an object's members; a member that is null or false is not there. */
function readKeys(claim: Json): readonly string[] | undefined {
  const object = asObject(claim);
  if (object === undefined || object.names.length > MAX_MEMBERS) return undefined;
  const words: string[] = [];
  for (let index = 0; index < object.names.length; index++) {
    const value = object.values[index];
    if (value !== undefined && value !== false && !isNull(value)) words.push(object.names[index] ?? '');
  }
  return words;
}

/** The texts at a place in each object of a list; an object without it is passed over. */
function readEach(claim: Json, path: WordPath['member']): readonly string[] | undefined {
  const list = asArray(claim);
  if (list === undefined || list.items.length > MAX_MEMBERS || path === undefined) return undefined;
  const words: string[] = [];
  for (let index = 0; index < list.items.length; index++) {
    const object = asObject(list.items[index]);
    const word = object === undefined ? undefined : findClaim(object, path);
    if (object === undefined || (word !== undefined && typeof word !== 'string')) return undefined;
    if (word !== undefined) words.push(word);
  }
  return words;
}

/** A string is one word, spaces and all. */
function readTexts(claim: Json): readonly string[] | undefined {
  return typeof claim === 'string' ? [claim] : asStrings(claim);
}

/** The words at a place; undefined unless all of them can be read. */
function readWords(claims: JsonObject, path: WordPath, text: Text): readonly string[] | undefined {
  const claim = findClaim(claims, path);
  if (claim === undefined) return undefined;
  const words =
    path.keys === true ? readKeys(claim) : path.member === undefined ? readTexts(claim) : readEach(claim, path.member);
  if (words === undefined) return undefined;
  for (let index = 0; index < words.length; index++) {
    if (text.hasControl(words[index] ?? '')) return undefined;
  }
  return words;
}

/** The words at the first of these places where they can be read, or at all of them; each once, without empty words. */
export function readWordList(claims: JsonObject, mapping: ListMapping, text: Text): readonly string[] {
  const list: string[] = [];
  // INVARIANT: the `$` keeps words apart from what an engine's objects inherit.
  const seen: Record<string, true | undefined> = {};
  for (let index = 0; index < mapping.paths.length; index++) {
    const path = mapping.paths[index];
    const words = path === undefined ? undefined : readWords(claims, path, text);
    if (words === undefined) continue;
    for (let place = 0; place < words.length; place++) {
      const word = words[place] ?? '';
      if (word === '' || seen['$' + word] === true) continue;
      seen['$' + word] = true;
      list.push(word);
    }
    if (!mapping.all) break;
  }
  return list;
}
