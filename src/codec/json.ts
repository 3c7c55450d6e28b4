// JSON values as the core holds them. `json-parse.ts` reads them, `json-format.ts` writes them.

/** JSON `null`: a value of its own, since Lua's nil is also a member that is not there. */
export interface JsonNull {
  readonly kind: 'null';
}

/** A number with the text it was written as, so that every engine prints it alike. */
export interface JsonNumber {
  readonly kind: 'number';
  readonly value: number;
  readonly text: string;
}

export interface JsonArray {
  readonly kind: 'array';
  readonly items: readonly Json[];
}

/** Members in the order they stand; `names[i]` belongs to `values[i]`. No name stands twice. */
export interface JsonObject {
  readonly kind: 'object';
  readonly names: readonly string[];
  readonly values: readonly Json[];
  /**
   * The values by name, where a reader has them so. INVARIANT: only one in whose tables nothing is inherited gives them, and
   * only for an object in which no string holds a control character.
   */
  readonly members?: Readonly<Record<string, Json | undefined>>;
}

export type Json = string | boolean | JsonNull | JsonNumber | JsonArray | JsonObject;

/** The value of the member `name`; undefined when there is none (a JSON null is a `JsonNull`). */
export function findMember(object: JsonObject, name: string): Json | undefined {
  const members = object.members;
  return members === undefined ? object.values[object.names.indexOf(name)] : members[name];
}

/** The value as an object; undefined for anything else. */
export function asObject(value: Json | undefined): JsonObject | undefined {
  if (value === undefined || typeof value === 'string' || typeof value === 'boolean') return undefined;
  return value.kind === 'object' ? value : undefined;
}

/** The value as an array; undefined for anything else. */
export function asArray(value: Json | undefined): JsonArray | undefined {
  if (value === undefined || typeof value === 'string' || typeof value === 'boolean') return undefined;
  return value.kind === 'array' ? value : undefined;
}

/** The value as a number; undefined for anything else. */
export function asNumber(value: Json | undefined): JsonNumber | undefined {
  if (value === undefined || typeof value === 'string' || typeof value === 'boolean') return undefined;
  return value.kind === 'number' ? value : undefined;
}

/** The value as a list of strings; undefined unless it is an array in which every item is a string. */
export function asStrings(value: Json | undefined): readonly string[] | undefined {
  const array = asArray(value);
  if (array === undefined) return undefined;
  const strings: string[] = [];
  for (let index = 0; index < array.items.length; index++) {
    const item = array.items[index];
    if (typeof item !== 'string') return undefined;
    strings.push(item);
  }
  return strings;
}
