// A configuration of nginx as text whose directives can be replaced one by one, and all others stay as they are.
import { failure } from './failure';

/** A directive with its place in the text. */
export interface Placed {
  readonly words: readonly string[];
  readonly start: number;
  /** Behind its `;`, or its `}`. */
  readonly end: number;
  /** Behind its `{`; undefined where it has no block. */
  readonly inner: number | undefined;
  readonly block: readonly Placed[];
  /** The block around it; undefined at the top. */
  readonly around: Placed | undefined;
}

const TOKEN = /#[^\n]*|"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|[{};]|(?:\$\{[^}]*\}|\\[^]|[^\s{};])+/g;

const unquote = (word: string): string =>
  /^["']/.test(word) ? word.slice(1, -1).replaceAll(/\\(["'\\])/g, '$1') : word;

/** @throws a failure where a word is longer than the engine can match, some megabytes */
function tokensOf(path: string, source: string): readonly RegExpExecArray[] {
  try {
    return [...source.matchAll(TOKEN)];
  } catch {
    throw failure(`${path}: a word in it is millions of characters long`);
  }
}

/** A directive while its block is being read. */
interface Draft {
  words: readonly string[];
  start: number;
  end: number;
  inner: number | undefined;
  block: Draft[];
  around: Draft | undefined;
}

/**
 * Reads every directive of one file. What it includes is not read.
 * @throws a failure where braces do not match
 */
export function readNginxText(path: string, source: string): Placed {
  const top: Draft = { words: [], start: 0, end: source.length, inner: 0, block: [], around: undefined };
  let block = top;
  let words: string[] = [];
  let start = 0;
  for (const { 0: token, index } of tokensOf(path, source)) {
    if (token.startsWith('#')) continue;
    if (token === '}') {
      if (block.around === undefined || words.length > 0) throw failure(`${path}: its braces do not match`);
      block.end = index + 1;
      block = block.around;
      continue;
    }
    if (words.length === 0) start = index;
    if (token === ';' || token === '{') {
      const inner = token === '{' ? index + 1 : undefined;
      const one: Draft = { words, start, end: index + 1, inner, block: [], around: block };
      block.block.push(one);
      words = [];
      if (inner !== undefined) block = one;
    } else words.push(unquote(token));
  }
  if (block !== top || words.length > 0) throw failure(`${path}: its braces do not match`);
  return top;
}

export const nameOf = ({ words }: Placed): string => words[0] ?? '';

/** The directives of a name in a block itself. */
export const own = ({ block }: Placed, name: string): readonly Placed[] => block.filter((one) => nameOf(one) === name);

/** Every directive of a block and of those within it. */
export const everyPlaced = ({ block }: Placed): readonly Placed[] => block.flatMap((one) => [one, ...everyPlaced(one)]);

/** A block and those around it, the innermost first, but for the top. */
export function chainOf(block: Placed): readonly Placed[] {
  return block.around === undefined ? [] : [block, ...chainOf(block.around)];
}

/** The directives of a name that count in a block: its own, or those of the nearest block around it that has any. */
export function inForce(block: Placed, name: string): readonly Placed[] {
  for (const one of chainOf(block)) {
    const found = own(one, name);
    if (found.length > 0) return found;
  }
  return [];
}

/** The number of the line at which a directive begins. */
export const lineNumber = (source: string, { start }: Placed): number => source.slice(0, start).split('\n').length;

/** What a directive becomes, or what is put into the beginning of a block. */
export interface NginxEdits {
  readonly replaced: Map<Placed, readonly string[]>;
  readonly added: Map<Placed, readonly string[]>;
}

/** The same text with some directives replaced. Lines of a new text are as far to the right as the old directive. */
export function editNginx(source: string, top: Placed, { replaced, added }: NginxEdits): string {
  const changes: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  const columnOf = (start: number): string => /[ \t]*$/.exec(source.slice(0, start))?.[0] ?? '';
  for (const [{ start, end }, lines] of replaced) {
    const isAlone = lines.length === 0 && /^[ \t]*\n/.test(source.slice(end));
    const column = columnOf(start);
    const to = isAlone ? source.indexOf('\n', end) + 1 : end;
    changes.push({ from: isAlone ? start - column.length : start, to, text: lines.join(`\n${column}`) });
  }
  for (const [block, lines] of added) {
    const column = block === top ? '' : `${columnOf(block.start)}  `;
    const text = lines.map((line) => column + line);
    const from = block.inner ?? 0;
    changes.push({ from, to: from, text: block === top ? [...text, ''].join('\n') : `\n${text.join('\n')}` });
  }
  changes.sort((one, other) => other.from - one.from || other.to - one.to);
  return changes.reduce((text, { from, to, text: own_ }) => text.slice(0, from) + own_ + text.slice(to), source);
}
