// A page as HTML: a template with placeholders, each of which gets text that is escaped, or markup that is made here.

/** The names between `{{` and `}}`. `actions` is markup, and so is `reason_code`'s surroundings; all others are text. */
export const PLACEHOLDERS: readonly string[] = ['title', 'message', 'advice', 'actions', 'logo', 'page', 'reason'];
/** Without these a page says nothing, or has no way out. */
export const NEEDED: readonly string[] = ['message', 'actions'];

const OPEN = '{{';
const CLOSE = '}}';

/** A text within HTML, in an element or between quotes (HTML Standard §13.1.2.3). */
export function escapeHtml(value: string): string {
  return value
    .split('&')
    .join('&amp;')
    .split('<')
    .join('&lt;')
    .split('>')
    .join('&gt;')
    .split('"')
    .join('&quot;')
    .split("'")
    .join('&#39;');
}

/** The pieces of a template: text and the names of placeholders in turn. */
function splitTemplate(template: string): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  for (;;) {
    const open = template.indexOf(OPEN, start);
    const close = open < 0 ? -1 : template.indexOf(CLOSE, open);
    if (close < 0) break;
    pieces.push(template.substring(start, open), template.substring(open + 2, close).trim());
    start = close + 2;
  }
  pieces.push(template.substring(start));
  return pieces;
}

/** The names of a template's placeholders, as often as they occur. */
export function findPlaceholders(template: string): readonly string[] {
  return splitTemplate(template).filter((_, index) => index % 2 === 1);
}

/**
 * Fills a template. INVARIANT: nothing that was filled in is read as a template again.
 * @param fill the HTML for a placeholder
 */
export function fillTemplate(template: string, fill: (name: string) => string): string {
  return splitTemplate(template)
    .map((piece, index) => (index % 2 === 0 ? piece : fill(piece)))
    .join('');
}

/** The contents of a template's `style` elements. */
export function findStyles(template: string): readonly string[] {
  const small = template.toLowerCase();
  const styles: string[] = [];
  let start = small.indexOf('<style');
  while (start >= 0) {
    const begin = small.indexOf('>', start);
    const end = begin < 0 ? -1 : small.indexOf('</style', begin);
    if (end < 0) break;
    styles.push(template.substring(begin + 1, end));
    start = small.indexOf('<style', end);
  }
  return styles;
}
