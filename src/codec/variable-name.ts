// A member name as a proxy's variable name: letters, digits and `_` only, one `_` for every other character.
import type { Text } from '../ports/text';

function isWordCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

/** Whether a unit only continues a character: a UTF-8 continuation byte in Lua, a low surrogate in JavaScript. */
function isContinuation(code: number, bytes: boolean): boolean {
  return bytes ? code >= 0x80 && code <= 0xbf : code >= 0xdc00 && code <= 0xdfff;
}

/** Replaces every character outside `[A-Za-z0-9_]` by one `_`, alike on every engine. */
export function toVariableName(name: string, text: Text): string {
  const bytes = text.fromCodePoint(0x80).length === 2;
  const pieces: string[] = [];
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (isWordCode(code)) pieces.push(name.charAt(index));
    else if (!isContinuation(code, bytes)) pieces.push('_');
  }
  return pieces.join('');
}
