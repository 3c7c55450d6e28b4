// The known name that an unknown one was probably meant to be.

/** Longer names are not compared. */
const MAX_WORD_LENGTH = 64;

/** The number of letters to insert, delete or change to make one word of another. */
export function distance(one: string, other: string): number {
  let before: number[] = [];
  for (let column = 0; column <= other.length; column++) before.push(column);
  for (let row = 1; row <= one.length; row++) {
    const line: number[] = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one.charAt(row - 1) === other.charAt(column - 1);
      const changed = (before[column - 1] ?? 0) + (same ? 0 : 1);
      line.push(Math.min(changed, (before[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1));
    }
    before = line;
  }
  return before[other.length] ?? 0;
}

/** The end of a message about an unknown name: the known one that was probably meant, if there is one. */
export function hintAt(word: string, known: readonly string[]): string {
  const near = suggest(word, known);
  return near === undefined ? '' : '; did you mean `' + near + '`?';
}

/**
 * The nearest known name.
 * @returns undefined when none is near enough to have been meant
 */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_WORD_LENGTH) return undefined;
  let nearest: string | undefined;
  let least = 1 + Math.floor(word.length / 2);
  for (let index = 0; index < known.length; index++) {
    const candidate = known[index] ?? '';
    const apart = distance(word.toLowerCase(), candidate.toLowerCase());
    if (apart >= least) continue;
    nearest = candidate;
    least = apart;
  }
  return nearest;
}
