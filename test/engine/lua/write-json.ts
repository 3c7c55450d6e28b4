// JSON for the results of a Lua engine, written apart from the product's own.

export function writeString(value: string): string {
  const [escaped] = string.gsub(value, '[%c"\\]', (character) => string.format('\\u%04x', string.byte(character)));
  return '"' + escaped + '"';
}

/** @param items JSON each */
export function writeArray(items: readonly string[]): string {
  return '[' + items.join(',') + ']';
}

/** @param members name and JSON each */
export function writeObject(members: readonly (readonly [name: string, json: string])[]): string {
  return '{' + members.map(([name, json]) => writeString(name) + ':' + json).join(',') + '}';
}
