// Path patterns of other tools: here they would be compared literally, which no operator means.

/** Pairs of characters with which other tools enclose a part of a path; a match has `between` inside them. */
const PAIRS: readonly { readonly open: string; readonly close: string; readonly between: string }[] = [
  { open: '{', close: '}', between: '' },
  { open: '<', close: '>', between: '' },
  { open: '[', close: ']', between: '' },
  { open: '(', close: ')', between: '|' },
  { open: '(', close: ')', between: '.*' },
  { open: '(', close: ')', between: '.+' },
];

function hasPair(segment: string): boolean {
  for (let index = 0; index < PAIRS.length; index++) {
    const pair = PAIRS[index];
    const start = pair === undefined ? -1 : segment.indexOf(pair.open);
    const end = pair === undefined ? -1 : segment.indexOf(pair.close, start + 1);
    if (pair === undefined || start < 0 || end < 0) continue;
    if (segment.substring(start + 1, end).indexOf(pair.between) >= 0) return true;
  }
  return false;
}

function isForeign(segment: string): boolean {
  if (segment.charAt(0) === ':' && segment.length > 1) return true;
  if (segment === '.*' || segment === '.+') return true;
  if (segment.length > 1 && segment.charAt(segment.length - 1) === '$') return true;
  return hasPair(segment);
}

/** The first segment of a pattern that has a meaning only in another tool's language; undefined without one. */
export function findForeignSegment(pattern: string): string | undefined {
  const segments = pattern.split('/');
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] ?? '';
    if (isForeign(segment)) return segment;
  }
  return undefined;
}
