// A configuration of HAProxy as text whose lines can be replaced one by one, and all others stay as they are.
import '../ports/lua';
import { readConfiguration } from '../../haproxy/ports/configuration';
import { splitLine } from '../../haproxy/ports/configuration-line';
import { readSections, type Section } from '../../haproxy/operate/sections';
import { numberOf } from './haproxy-scene';

export interface HaproxyText {
  readonly lines: readonly string[];
  readonly sections: readonly Section[];
}

/** New lines in place of old ones, by number from 1; none: the line goes. */
export type Edits = Map<number, readonly string[]>;

export function readHaproxyText(source: string): HaproxyText {
  const text = source.replaceAll('\r\n', '\n');
  const { lines } = readConfiguration('haproxy.cfg', () => ({ ok: true, text }));
  return { lines: text.split('\n'), sections: readSections(lines, false).all };
}

export const wordsAt = (lines: readonly string[], number: number): readonly string[] =>
  splitLine(lines[number - 1] ?? '').words;

/** The number of the line of a place. */
export const lineOf = (place: string): number => Number(numberOf(place));

/** The blanks before a line's first word. */
export const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';

/** Where each word of a line begins. */
function placesOfWords(line: string): readonly number[] {
  return [...line.matchAll(/(?:\\[^]|"(?:\\[^]|[^"\\])*"|'[^']*'|[^\s\\"'])+/g)].map(({ index }) => index);
}

/** A rule up to its condition, without it. @param at the place of the condition among the words */
export function withoutCondition(line: string, at: number): string {
  const end = placesOfWords(line)[at];
  return (end === undefined ? line : line.slice(0, end)).trimEnd();
}

/** The same text with some lines replaced, and new ones directly below `global`. */
export function editText(lines: readonly string[], edits: Edits, globals: readonly string[]): string {
  const head = lines.findIndex((_, index) => wordsAt(lines, index + 1)[0] === 'global');
  const own = globals.map((line) => `  ${line}`);
  const edited = lines.flatMap((line, index) => [...(edits.get(index + 1) ?? [line]), ...(index === head ? own : [])]);
  return (head < 0 && own.length > 0 ? ['global', ...own, '', ...edited] : edited).join('\n');
}
