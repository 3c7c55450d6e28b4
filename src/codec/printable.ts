// Makes a foreign text safe for a log line: visible ASCII alone, bounded, and the same on every engine.

const MOST_NAMES = 5;
const MOST_CHARACTERS = 120;

/** The text with `?` for each run of other characters and for quotes, cut. @param most characters */
export function printable(text: string, most: number): string {
  let written = '';
  let isOther = false;
  let place = 0;
  while (place < text.length && written.length < most) {
    const code = text.charCodeAt(place);
    const isVisible = code >= 32 && code < 127 && code !== 96;
    if (isVisible) written += text.charAt(place);
    else if (!isOther) written += '?';
    isOther = !isVisible;
    place += 1;
  }
  return place < text.length ? written + '...' : written;
}

/** Names in a log line. */
export function quoteNames(names: readonly string[]): string {
  const quoted: string[] = [];
  for (let index = 0; index < names.length && index < MOST_NAMES; index++) {
    quoted.push('`' + printable(names[index] ?? '', MOST_CHARACTERS) + '`');
  }
  const more = names.length - quoted.length;
  return quoted.join(', ') + (more > 0 ? ' and ' + more.toString() + ' more' : '');
}

/** A URL for a log line: without its query, which may hold a key for the server. */
export function quoteUrl(url: string): string {
  const query = url.indexOf('?');
  return '`' + (query < 0 ? url : url.substring(0, query) + '?...') + '`';
}
