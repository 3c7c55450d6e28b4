// What the shared files of haproxy/ use of Lua, in types: `lua.ts` gives it to them on Node.

interface LuaStrings {
  readonly match: (text: string, pattern: string) => readonly (string | undefined)[];
  readonly gmatch: (text: string, pattern: string) => Iterable<readonly (string | undefined)[]>;
  readonly gsub: (text: string, pattern: string, replacement: string) => readonly [text: string, count: number];
  readonly sub: (text: string, first: number, last?: number) => string;
  readonly char: (code: number) => string;
}

interface LuaTable<Key, Value> {
  readonly get: (key: Key) => Value;
  readonly set: (key: Key, value: Value) => void;
  readonly has: (key: Key) => boolean;
}

declare const string: LuaStrings;
declare const math: Pick<Math, 'floor' | 'max' | 'min'>;
declare const LuaTable: new <Key, Value>() => LuaTable<Key, Value>;
declare function tostring(value: unknown): string;
declare function tonumber(value: unknown, base?: number): number | undefined;
