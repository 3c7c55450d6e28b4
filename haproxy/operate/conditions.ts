// Conditions of HAProxy's rules as suites of literals. Names of `acl` lines stay names: nothing is multiplied out, so that
// reading a condition takes time in proportion to its length.

/** A name of `acl` lines, or the text between braces; each word of that text is on a line of its own after `{`. */
export interface Literal {
  readonly name: string;
  readonly isNegated: boolean;
}

/** Literals that hold together. */
export type Suite = readonly Literal[];

/** `any`: it holds where one of the suites holds. `none`: where none of them holds. */
export interface Condition {
  readonly kind: 'any' | 'none';
  readonly suites: readonly Suite[];
}

/** The conditions of a section's `acl` lines, by name. */
export type Acls = LuaTable<string, Acl | undefined>;

export interface Acl {
  readonly lines: AclLine[];
  /** Whether evaluating it may change the values that other conditions read. */
  meddles: boolean;
}

export interface AclLine {
  /** From the fetch on. */
  readonly words: readonly string[];
  readonly isCertain: boolean;
}

export const ALWAYS: Condition = { kind: 'any', suites: [[]] };
const NEVER: Condition = { kind: 'any', suites: [] };

/** The words of a literal in braces; undefined for a name. */
export function wordsInBraces(name: string): readonly string[] | undefined {
  return string.sub(name, 1, 2) === '{\n' ? string.sub(name, 3).split('\n') : undefined;
}

/** The suites after `if` or `unless`; undefined where a brace stays open, which HAProxy refuses. */
function readSuites(words: readonly string[], start: number): readonly Suite[] | undefined {
  const suites: Literal[][] = [];
  let current: Literal[] | undefined;
  let isNegated = false;
  for (let index = start; index < words.length; index++) {
    let word = words[index] ?? '';
    while (string.sub(word, 1, 1) === '!') {
      isNegated = !isNegated;
      word = string.sub(word, 2);
    }
    if (word === '') continue;
    if (word === '||' || word.toLowerCase() === 'or') {
      current = undefined;
      isNegated = false;
      continue;
    }
    if (word === '{') {
      const end = words.indexOf('}', index);
      if (end < 0) return undefined;
      word = '{\n' + words.slice(index + 1, end).join('\n');
      index = end;
    }
    if (current === undefined) {
      current = [];
      suites.push(current);
    }
    current.push({ name: word, isNegated });
    isNegated = false;
  }
  return suites;
}

/** The constant value of a literal whose name HAProxy itself defines. */
function constantOf({ name, isNegated }: Literal, acls: Acls): boolean | undefined {
  if ((name !== 'TRUE' && name !== 'FALSE') || acls.has(name)) return undefined;
  return (name === 'TRUE') !== isNegated;
}

/** The same without constants, and as `any` wherever that needs no more literals. */
function simplify({ kind, suites }: Condition, acls: Acls): Condition {
  const left: Suite[] = [];
  for (const suite of suites) {
    if (suite.some((literal) => constantOf(literal, acls) === false)) continue;
    left.push(suite.filter((literal) => constantOf(literal, acls) === undefined));
  }
  if (kind === 'any') return { kind, suites: left };
  if (left.some((suite) => suite.length === 0)) return NEVER;
  const negate = ({ name, isNegated }: Literal): Literal => ({ name, isNegated: !isNegated });
  const [first] = left;
  if (first === undefined) return ALWAYS;
  if (left.length === 1) return { kind: 'any', suites: first.map((literal) => [negate(literal)]) };
  if (left.some((suite) => suite.length > 1)) return { kind, suites: left };
  const opposite: Literal[] = [];
  for (const suite of left) for (const literal of suite) opposite.push(negate(literal));
  return { kind: 'any', suites: [opposite] };
}

/**
 * When a rule acts.
 * @param start the place of the word after the rule's own arguments
 * @returns undefined for anything but a condition
 */
export function readCondition(acls: Acls, words: readonly string[], start: number): Condition | undefined {
  const word = words[start];
  if (word === undefined) return ALWAYS;
  if (word !== 'if' && word !== 'unless') return undefined;
  const suites = readSuites(words, start + 1);
  return suites === undefined ? undefined : simplify({ kind: word === 'if' ? 'any' : 'none', suites }, acls);
}
