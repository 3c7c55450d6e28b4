// Compact JSON (RFC 8259), the same characters on every engine.
import type { Json } from './json';

const HEX = '0123456789abcdef';

/** A JSON string: quotes, backslashes and control characters escaped, everything else as it is. */
function formatString(value: string): string {
  const pieces: string[] = ['"'];
  for (let index = 0; index < value.length; index++) {
    const character = value.charAt(index);
    const code = value.charCodeAt(index);
    if (code < 32) pieces.push('\\u00' + HEX.charAt(Math.floor(code / 16)) + HEX.charAt(code % 16));
    else if (character === '"' || character === '\\') pieces.push('\\' + character);
    else pieces.push(character);
  }
  pieces.push('"');
  return pieces.join('');
}

/**
 * Writes a value without white space; members keep their order, and numbers keep their text.
 */
export function formatJson(value: Json): string {
  if (typeof value === 'string') return formatString(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value.kind === 'null') return 'null';
  if (value.kind === 'number') return value.text;
  const parts: string[] = [];
  if (value.kind === 'array') {
    for (let index = 0; index < value.items.length; index++) {
      const item = value.items[index];
      if (item !== undefined) parts.push(formatJson(item));
    }
    return '[' + parts.join(',') + ']';
  }
  for (let index = 0; index < value.names.length; index++) {
    const name = value.names[index];
    const member = value.values[index];
    if (name !== undefined && member !== undefined) parts.push(formatString(name) + ':' + formatJson(member));
  }
  return '{' + parts.join(',') + '}';
}
