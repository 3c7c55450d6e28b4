// Characters as an engine holds them: bytes of UTF-8 in Lua, UTF-16 units in JavaScript.
import type { Text } from '../ports/text';

/** Whether this engine's strings are bytes. */
function holdsBytes(text: Text): boolean {
  return text.fromCodePoint(0x80).length === 2;
}

function isWordCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

/** Whether a unit only continues a character: a UTF-8 continuation byte in Lua, a low surrogate in JavaScript. */
function isContinuation(code: number, bytes: boolean): boolean {
  return bytes ? code >= 0x80 && code <= 0xbf : code >= 0xdc00 && code <= 0xdfff;
}

/**
 * A member name as a proxy's variable name: one `_` for every character outside `[A-Za-z0-9_]`, alike on every engine.
 */
export function toVariableName(name: string, text: Text): string {
  const bytes = holdsBytes(text);
  const pieces: string[] = [];
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (isWordCode(code)) pieces.push(name.charAt(index));
    else if (!isContinuation(code, bytes)) pieces.push('_');
  }
  return pieces.join('');
}

/** How many bytes a value takes in UTF-8 (RFC 3629 §3), alike on every engine. */
export function utf8Length(value: string, text: Text): number {
  if (holdsBytes(text)) return value.length;
  let length = 0;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    // A surrogate is half of a character that takes four bytes.
    if (code >= 0xd800 && code <= 0xdfff) length += 2;
    else length += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
  }
  return length;
}
