// Which headers of a client never reach a backend, however they are spelled.
import { lowerAscii } from '../codec/percent';
import type { Text } from '../ports/text';

/** Headers by which some backends take another method than the request line's. */
export const METHOD_OVERRIDES: readonly string[] = [
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-method',
  'x-forwarded-method',
];

/** Headers by which some backends take another path than the request line's. */
export const PATH_OVERRIDES: readonly string[] = [
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'script-name',
  'path-info',
  'x-script-name',
];

/**
 * A header's name as backends compare it that make a variable of it (RFC 3875 §4.1.18): in small letters, and one `-`
 * for every character that is neither letter nor digit.
 */
export function normalizeHeaderName(name: string, text: Text): string {
  const lower = lowerAscii(name, text);
  const pieces: string[] = [];
  for (let index = 0; index < lower.length; index++) {
    const code = lower.charCodeAt(index);
    const isPlain = (code >= 48 && code <= 57) || (code >= 97 && code <= 122);
    pieces.push(isPlain ? lower.charAt(index) : '-');
  }
  return pieces.join('');
}

/** Whether a client's header is removed. @param removals `Policy.removals` */
export function isRemoved(name: string, removals: readonly string[], text: Text): boolean {
  return removals.indexOf(normalizeHeaderName(name, text)) >= 0;
}

/** Each spelling of a normalized name with `-` or `_`, for hosts that can only remove headers by name. */
export function spellHeader(normalized: string): readonly string[] {
  const parts = normalized.split('-');
  let spellings = [parts[0] ?? ''];
  for (let index = 1; index < parts.length; index++) {
    const longer: string[] = [];
    for (let place = 0; place < spellings.length; place++) {
      const start = spellings[place] ?? '';
      longer.push(start + '-' + (parts[index] ?? ''), start + '_' + (parts[index] ?? ''));
    }
    spellings = longer;
  }
  return spellings;
}

/** Whether a name is one that a policy may give a header: letters, digits and `-` (RFC 9110 §5.1). */
export function isHeaderName(name: string, text: Text): boolean {
  return name !== '' && name.indexOf('_') < 0 && normalizeHeaderName(name, text) === lowerAscii(name, text);
}
