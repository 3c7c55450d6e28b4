// Percent-encoding of whole values (RFC 3986 §2), as other tools write it: every character but the unreserved ones.
import { codePointAt } from './character';
import { readEncodedCharacter, readOctet } from './percent';
import type { Text } from './text';

const DIGITS = '0123456789ABCDEF';
/** RFC 3986 §2.3: the unreserved characters besides letters and digits. */
const UNRESERVED = '-._~';

function isUnreserved(value: string, index: number): boolean {
  const code = value.charCodeAt(index);
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57)) return true;
  return code < 128 && UNRESERVED.indexOf(value.charAt(index)) >= 0;
}

function escapeOctet(octet: number): string {
  return '%' + DIGITS.charAt(Math.floor(octet / 16)) + DIGITS.charAt(octet % 16);
}

/** The octets of a code point (RFC 3629 §3), each as an escape. */
function escapeCodePoint(codePoint: number): string {
  if (codePoint < 0x80) return escapeOctet(codePoint);
  const last = escapeOctet(0x80 + (codePoint % 64));
  const rest = Math.floor(codePoint / 64);
  if (rest < 0x20) return escapeOctet(0xc0 + rest) + last;
  const third = escapeOctet(0x80 + (rest % 64));
  const more = Math.floor(rest / 64);
  if (more < 0x10) return escapeOctet(0xe0 + more) + third + last;
  return escapeOctet(0xf0 + Math.floor(more / 64)) + escapeOctet(0x80 + (more % 64)) + third + last;
}

/** A value with escapes for all characters but the unreserved ones (RFC 3986 §2.3); alike on every engine. */
export function encodeFully(value: string, text: Text): string {
  if (text.isUnreserved(value)) return value;
  const pieces: string[] = [];
  for (let index = 0; index < value.length; index++) {
    if (isUnreserved(value, index)) {
      pieces.push(value.charAt(index));
      continue;
    }
    const codePoint = codePointAt(value, index, text);
    if (codePoint !== undefined) pieces.push(escapeCodePoint(codePoint));
  }
  return pieces.join('');
}

/** What a word of a log line keeps besides: nothing that ends a word, quotes one or begins a value. */
const WORD = '!$&()*+,;:@/|';

function isWordCharacter(value: string, index: number): boolean {
  return isUnreserved(value, index) || (value.charCodeAt(index) < 128 && WORD.indexOf(value.charAt(index)) >= 0);
}

/**
 * A value as one word for a log line: visible ASCII without blank, quote, backslash, `=` and `%`, for which it has escapes;
 * cut, with `...` at its end. Alike on every engine.
 * @param most characters of the word
 */
export function encodeWord(value: string, most: number, text: Text): string {
  const pieces: string[] = [];
  let length = 0;
  for (let index = 0; index < value.length; index++) {
    let piece = '';
    if (isWordCharacter(value, index)) piece = value.charAt(index);
    else {
      const codePoint = codePointAt(value, index, text);
      if (codePoint === undefined) continue;
      piece = escapeCodePoint(codePoint);
    }
    length += piece.length;
    if (length > most) return pieces.join('') + '...';
    pieces.push(piece);
  }
  return pieces.join('');
}

/** Whether a value has an escape: a percent sign and two hexadecimal digits. */
export function holdsEscape(value: string): boolean {
  let percent = value.indexOf('%');
  while (percent >= 0) {
    if (readOctet(value, percent) !== undefined) return true;
    percent = value.indexOf('%', percent + 1);
  }
  return false;
}

/** A value without its escapes; undefined when a percent sign begins none, or octets are not UTF-8. */
export function decodeFully(value: string, text: Text): string | undefined {
  const pieces: string[] = [];
  let start = 0;
  let percent = value.indexOf('%');
  while (percent >= 0) {
    const octet = readOctet(value, percent);
    const character =
      octet !== undefined && octet < 0x80
        ? { codePoint: octet, end: percent + 3 }
        : readEncodedCharacter(value, percent);
    if (character === undefined) return undefined;
    pieces.push(value.substring(start, percent), text.fromCodePoint(character.codePoint));
    start = character.end;
    percent = value.indexOf('%', start);
  }
  pieces.push(value.substring(start));
  return pieces.join('');
}

/** Whether a value is Unicode text: of bytes, strict UTF-8 (RFC 3629); otherwise without half a surrogate pair. */
export function isText(value: string, text: Text): boolean {
  return decodeFully(encodeFully(value, text), text) === value;
}
