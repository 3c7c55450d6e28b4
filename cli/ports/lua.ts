// The part of Lua's library that the shared files of haproxy/ call, on Node. To be imported before them.

/** Lua's classes of characters, which know ASCII alone. */
const CLASSES: Readonly<Record<string, string>> = {
  a: 'A-Za-z',
  d: '0-9',
  l: 'a-z',
  s: ' \\t-\\r',
  S: '\\S',
  u: 'A-Z',
  w: 'A-Za-z0-9',
  x: '0-9A-Fa-f',
};

const known = new Map<string, RegExp>();

const escape = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');

/** What `%` and the character behind it mean, within a set or outside of one. */
function classOf(character: string, isInSet: boolean): string {
  const members = CLASSES[character];
  if (members === undefined) return escape(character);
  return isInSet ? members : `[${members}]`;
}

/** A set in brackets; the place is that of its first character. */
function readSet(pattern: string, start: number): readonly [source: string, end: number] {
  let place = start;
  let source = '[';
  if (pattern.charAt(place) === '^') {
    source += '^';
    place += 1;
  }
  for (; pattern.charAt(place) !== ']'; place++) {
    const character = pattern.charAt(place);
    if (character === '%') {
      place += 1;
      source += classOf(pattern.charAt(place), true);
    } else source += character === '-' ? '-' : escape(character);
  }
  return [`${source}]`, place];
}

/** A pattern of Lua as a regular expression. */
function compile(pattern: string): RegExp {
  let source = '';
  for (let place = 0; place < pattern.length; place++) {
    const character = pattern.charAt(place);
    if (character === '[') {
      const [set, end] = readSet(pattern, place + 1);
      source += set;
      place = end;
    } else if (character === '%') {
      place += 1;
      source += classOf(pattern.charAt(place), false);
    } else if (character === '.') source += '[^]';
    else if (character === '-') source += '*?';
    else source += '()*+?^$'.includes(character) ? character : escape(character);
  }
  return new RegExp(source, 'g');
}

function expressionOf(pattern: string): RegExp {
  const expression = known.get(pattern) ?? compile(pattern);
  known.set(pattern, expression);
  expression.lastIndex = 0;
  return expression;
}

/** The captures of a match; the whole match where the pattern has none. */
const capturesOf = (found: RegExpExecArray | RegExpMatchArray): readonly (string | undefined)[] =>
  found.length > 1 ? found.slice(1) : [found[0]];

/** Lua's `string`. */
export const library: LuaStrings = {
  match: (text, pattern) => {
    const found = expressionOf(pattern).exec(text);
    return found === null ? [] : capturesOf(found);
  },
  gmatch: (text, pattern) => [...text.matchAll(expressionOf(pattern))].map(capturesOf),
  gsub: (text, pattern, replacement) => {
    let count = 0;
    const changed = text.replace(expressionOf(pattern), () => {
      count += 1;
      return replacement;
    });
    return [changed, count];
  },
  sub: (text, first, last = -1) => {
    const start = first < 0 ? Math.max(text.length + first, 0) : Math.max(first - 1, 0);
    return text.slice(start, last < 0 ? text.length + last + 1 : last);
  },
  char: (code) => String.fromCharCode(code),
};

Object.assign(globalThis, {
  string: library,
  math: Math,
  LuaTable: Map,
  tostring: String,
  tonumber: (value: unknown, base = 10): number | undefined => {
    const number = base === 10 ? Number(value) : parseInt(String(value), base);
    return value === undefined || Number.isNaN(number) ? undefined : number;
  },
});
