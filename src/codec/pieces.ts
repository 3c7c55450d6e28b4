// The pieces of a text between separators. A client may send thousands of them, so those that are too short for what is
// looked for are passed over, and not made.

/** The pieces that have at least so many characters, in order. */
export function longPieces(value: string, separator: string, least: number): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start + least <= value.length) {
    const next = value.indexOf(separator, start);
    const end = next < 0 ? value.length : next;
    if (end - start >= least) pieces.push(value.substring(start, end));
    start = end + 1;
  }
  return pieces;
}

/**
 * What stays between the pieces that are chosen, the separators within it too.
 * @param least how many characters a piece has that can be chosen, at least one
 * @returns undefined when none is chosen
 */
export function withoutPieces(
  value: string,
  separator: string,
  least: number,
  isChosen: (piece: string) => boolean,
): readonly string[] | undefined {
  const rest: string[] = [];
  let isChanged = false;
  let from = 0;
  let start = 0;
  while (start + least <= value.length) {
    const next = value.indexOf(separator, start);
    const end = next < 0 ? value.length : next;
    if (end - start >= least && isChosen(value.substring(start, end))) {
      if (start > from) rest.push(value.substring(from, start - 1));
      from = end + 1;
      isChanged = true;
    }
    start = end + 1;
  }
  if (from <= value.length) rest.push(value.substring(from));
  return isChanged ? rest : undefined;
}

/** The length of the shortest of these; zero without any. */
export function shortest(names: readonly string[]): number {
  let least = names[0]?.length ?? 0;
  for (let index = 1; index < names.length; index++) least = Math.min(least, names[index]?.length ?? 0);
  return least;
}
