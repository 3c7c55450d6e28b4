// Lists written as words.

/** The words of a value, separated by spaces; no word is empty. */
export function splitSpaces(value: string): readonly string[] {
  const words: string[] = [];
  const parts = value.split(' ');
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (part !== undefined && part !== '') words.push(part);
  }
  return words;
}

/** The words of a setting, separated by spaces, tabs or line ends; a word may have a comma. */
export function splitWords(value: string): readonly string[] {
  return splitSpaces(value.split('\t').join(' ').split('\n').join(' ').split('\r').join(' '));
}
