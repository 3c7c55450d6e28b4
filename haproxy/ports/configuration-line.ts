// One line of HAProxy's configuration as the words that HAProxy makes of it (its manual, sections 2.2 and 2.3).

export interface SplitLine {
  readonly words: readonly string[];
  /** How many of the first words are certain. The environment decides about those that follow, even how many they are. */
  readonly certain: number;
}

interface Splitting {
  readonly words: string[];
  /** The word that has begun. */
  word: string | undefined;
  certain: number | undefined;
}

const BLANKS = ' \t\r\n\v\f';
/** After a backslash these mean themselves; any other character keeps its backslash. */
const ESCAPED = ' \\#\'"';
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Notes that nobody can know from here on. A line end in a word would make two words of it for those who join them. */
function doubt(splitting: Splitting): void {
  splitting.certain ??= splitting.words.length;
}

/** Takes in what a backslash begins; returns how many characters follow it that belong to it. */
function readEscape(splitting: Splitting, line: string, index: number, isWeak: boolean): number {
  const next = line.charAt(index + 1);
  const word = splitting.word ?? '';
  if (next !== '' && (ESCAPED.includes(next) || (next === '$' && isWeak))) {
    splitting.word = word + next;
    return 1;
  }
  const control = CONTROLS[next];
  if (control !== undefined) {
    if (control === '\n') doubt(splitting);
    splitting.word = word + control;
    return 1;
  }
  const [digits] = string.match(string.sub(line, index + 2, index + 4), '^x(%x%x)$');
  if (digits === undefined) {
    splitting.word = word + '\\';
    return 0;
  }
  const byte = string.char(tonumber(digits, 16) ?? 0);
  if (byte === '\n') doubt(splitting);
  splitting.word = word + byte;
  return 3;
}

/** Takes in one character, or what it begins; returns the place of the last character that belongs to it. */
function readCharacter(splitting: Splitting, line: string, index: number, quote: string): number {
  const character = line.charAt(index);
  if (character === '\\' && quote !== "'") return index + readEscape(splitting, line, index, quote === '"');
  if (character === '$' && quote === '"') doubt(splitting);
  splitting.word = (splitting.word ?? '') + character;
  return index;
}

/** A line's words, without quotes, escapes and comment. */
export function splitLine(line: string): SplitLine {
  const splitting: Splitting = { words: [], word: undefined, certain: undefined };
  let quote = '';
  for (let index = 0; index < line.length; index++) {
    const character = line.charAt(index);
    if (quote === '' && character === '#') break;
    if (quote === '' && BLANKS.includes(character)) {
      if (splitting.word !== undefined) splitting.words.push(splitting.word);
      splitting.word = undefined;
    } else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      splitting.word ??= '';
    } else index = readCharacter(splitting, line, index, quote);
  }
  const { words, word } = splitting;
  if (word !== undefined) words.push(word);
  return { words, certain: splitting.certain ?? words.length };
}
