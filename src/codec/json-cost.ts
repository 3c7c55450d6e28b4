// Bounds on JSON that nobody has vouched for yet: what parsing it costs grows with these, and no real token comes near.

/** How often each may occur in a source, in strings and between them. */
export interface JsonBounds {
  readonly commas: number;
  /** Opening brackets and braces. */
  readonly opens: number;
  readonly escapes: number;
  /** Spaces, tabs and line ends. */
  readonly blanks: number;
}

/** What is left of a bound once the occurrences of a character are taken from it; less than 0 when it is exceeded. */
function spend(source: string, character: string, left: number): number {
  let rest = left;
  let position = source.indexOf(character);
  while (position >= 0 && rest >= 0) {
    rest -= 1;
    position = source.indexOf(character, position + 1);
  }
  return rest;
}

/** Whether a source keeps all bounds. All that is counted are characters of ASCII, which every engine counts alike. */
export function isWithin(source: string, bounds: JsonBounds): boolean {
  if (spend(source, ',', bounds.commas) < 0 || spend(source, '\\', bounds.escapes) < 0) return false;
  if (spend(source, '{', spend(source, '[', bounds.opens)) < 0) return false;
  let blanks = spend(source, ' ', bounds.blanks);
  blanks = spend(source, '\t', blanks);
  blanks = spend(source, '\n', blanks);
  return spend(source, '\r', blanks) >= 0;
}
