// The core's JSON values. `json-parse.ts` reads them, `json-format.ts` writes them.

/** JSON `null`: a value of its own, since Lua's nil also means a missing member. */
export interface JsonNull {
  readonly kind: 'null';
}

/** A number with its original text, so that every engine prints it alike. */
export interface JsonNumber {
  readonly kind: 'number';
  readonly value: number;
  readonly text: string;
}

export interface JsonArray {
  readonly kind: 'array';
  readonly items: readonly Json[];
}

/** Members in their order; `names[i]` belongs to `values[i]`. No name occurs twice. */
export interface JsonObject {
  readonly kind: 'object';
  readonly names: readonly string[];
  readonly values: readonly Json[];
  /**
   * The values by name, from a reader that has them. INVARIANT: only a reader whose tables inherit nothing sets them, and
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

/** Whether the value is a JSON null. */
export function isNull(value: Json): boolean {
  return typeof value !== 'string' && typeof value !== 'boolean' && value.kind === 'null';
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

/** A whole number, without what a number has behind its point. */
export function wholeNumber(value: number): JsonNumber {
  const whole = Math.floor(value);
  return { kind: 'number', value: whole, text: whole.toString() };
}
