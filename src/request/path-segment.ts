// One segment of a path as a backend would name it: decoded, and refused where two readers could differ.
// docs/decisions/0030 has the reason for each refused spelling.
import { readEncodedCharacter, readOctet } from '../codec/percent';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { PathTerms, Spelling } from '../model/policy';
import type { Reason } from '../answer/reason';
import type { Text } from '../codec/text';

const SEMICOLON = 59;
const BACKSLASH = 92;

/** Characters that a file system or a code page may take for a dot, a slash, a backslash or a semicolon. */
const LOOKALIKES: readonly number[] = [
  0x2024, 0x2025, 0x2026, 0x2044, 0x2215, 0x2216, 0x29f5, 0x29f8, 0x29f9, 0xfe52, 0xfe68, 0xff0e, 0xff0f, 0xff1b,
  0xff3c,
];

/** The spelling that the policy must allow for a character to pass, and the reason when it does not. */
interface Caution {
  readonly code: number;
  readonly spelling: Spelling;
  readonly reason: Reason;
  /** The character in the decoded segment when it is allowed. */
  readonly kept: string;
}

/** The character for an encoded slash in a decoded segment: no other spelling decodes to it. */
export const ENCODED_SLASH = '\u0001';

/** Decoded octets that some reader gives a meaning beyond that of a character in a name. */
const ENCODED: readonly Caution[] = [
  { code: 47, spelling: 'encoded_slash', reason: 'path_slash_encoded', kept: ENCODED_SLASH },
  { code: 63, spelling: 'encoded_delimiter', reason: 'path_delimiter_encoded', kept: '?' },
  { code: 35, spelling: 'encoded_delimiter', reason: 'path_delimiter_encoded', kept: '#' },
  { code: BACKSLASH, spelling: 'backslash', reason: 'path_backslash', kept: '\\' },
  { code: SEMICOLON, spelling: 'parameter', reason: 'path_parameter', kept: ';' },
];

function findCaution(code: number): Caution | undefined {
  for (let index = 0; index < ENCODED.length; index++) {
    const caution = ENCODED[index];
    if (caution?.code === code) return caution;
  }
  return undefined;
}

/** A caution's character as the segment keeps it, or its reason. */
function takeCautiously(caution: Caution, terms: PathTerms): Outcome<string> {
  return terms.allow.indexOf(caution.spelling) >= 0 ? succeed(caution.kept) : fail(caution.reason);
}

/** Whether a decoded name could be decoded once more: `%252e` is `%2e`, which a second reader makes `.` of. */
function isEncodedTwice(name: string): boolean {
  let percent = name.indexOf('%');
  while (percent >= 0) {
    if (readOctet(name, percent) !== undefined) return true;
    percent = name.indexOf('%', percent + 1);
  }
  return false;
}

/** A character of ASCII that was percent-encoded (RFC 3986 §2.1). */
function decodeAscii(octet: number, terms: PathTerms, text: Text): Outcome<string> {
  if (octet < 32 || octet === 127) return fail('path_control');
  const caution = findCaution(octet);
  return caution === undefined ? succeed(text.fromCodePoint(octet)) : takeCautiously(caution, terms);
}

/** A character beyond ASCII: well-formed, not a control character, and not a look-alike of another. */
function checkCodePoint(codePoint: number, terms: PathTerms): Reason | undefined {
  if (codePoint >= 0xa0 && codePoint < 0x2024) return undefined;
  if (codePoint < 0xa0 || codePoint === 0x2028 || codePoint === 0x2029 || codePoint === 0xfeff) return 'path_control';
  const isAlike = LOOKALIKES.indexOf(codePoint) >= 0 && terms.allow.indexOf('file_alias') < 0;
  return isAlike ? 'path_alias' : undefined;
}

/** Whether a character must be encoded or decoded. A pattern of the operator may leave more of them unencoded. */
function isSpecial(code: number, isPattern: boolean): boolean {
  if (code === SEMICOLON || code === BACKSLASH || code < 32 || code === 127) return true;
  return !isPattern && (code === 32 || code > 127 || code === 35);
}

/** Whether nothing in a text without percent signs is special. Says so at once for most texts, on every engine. */
function isLiteral(part: string, text: Text): boolean {
  if (!text.isVisibleAscii(part)) return part === '';
  return part.indexOf(';') < 0 && part.indexOf('\\') < 0 && part.indexOf('#') < 0;
}

/** A special character as the segment keeps it, or why it is refused. */
function takeSpecial(code: number, terms: PathTerms): Outcome<string> {
  const caution = code === SEMICOLON || code === BACKSLASH ? findCaution(code) : undefined;
  // RFC 3986 §2: every other character must be encoded here.
  if (caution === undefined) return fail(code < 32 || code === 127 ? 'path_control' : 'path_malformed');
  return takeCautiously(caution, terms);
}

/** The text between two escapes as the segment keeps it. @param part has no percent sign */
function takeText(part: string, terms: PathTerms, text: Text, isPattern: boolean): Outcome<string> {
  if (isLiteral(part, text)) return succeed(part);
  const pieces: string[] = [];
  let start = 0;
  for (let index = 0; index < part.length; index++) {
    const code = part.charCodeAt(index);
    if (!isSpecial(code, isPattern)) continue;
    const kept = takeSpecial(code, terms);
    if (!kept.ok) return kept;
    pieces.push(part.substring(start, index), kept.value);
    start = index + 1;
  }
  pieces.push(part.substring(start));
  return succeed(pieces.join(''));
}

/** The character that an escape begins, and the position after it. */
function decodeEscape(segment: string, percent: number, terms: PathTerms, text: Text): Outcome<Escaped> {
  const octet = readOctet(segment, percent);
  if (octet === undefined) return fail('path_malformed');
  if (octet < 128) {
    const kept = decodeAscii(octet, terms, text);
    return kept.ok ? succeed({ kept: kept.value, end: percent + 3 }) : kept;
  }
  const character = readEncodedCharacter(segment, percent);
  if (character === undefined) return fail('path_utf8_malformed');
  const fault = checkCodePoint(character.codePoint, terms);
  if (fault !== undefined) return fail(fault);
  return succeed({ kept: text.fromCodePoint(character.codePoint), end: character.end });
}

/** A character that was percent-encoded. */
interface Escaped {
  readonly kept: string;
  /** The position after it. */
  readonly end: number;
}

/** The characters of ASCII in which no reader sees more than a character, each at its place from U+0020 on; else a blank. */
const HARMLESS = ' !" $%&\'()*+,-. 0123456789: <=> @ABCDEFGHIJKLMNOPQRSTUVWXYZ[ ]^_`abcdefghijklmnopqrstuvwxyz{|}~';

/** The harmless character of an octet; a blank when there is none. */
function harmlessOf(octet: number | undefined): string {
  return octet === undefined || octet < 32 || octet > 126 ? ' ' : HARMLESS.charAt(octet - 32);
}

/**
 * Decodes a segment.
 * @param segment the text between two slashes
 * @param isPattern whether the operator wrote it, who may leave unencoded what a request may not
 * @returns the name in the engine's text, or why it is refused
 */
export function decodeSegment(segment: string, terms: PathTerms, text: Text, isPattern: boolean): Outcome<string> {
  const pieces: string[] = [];
  let start = 0;
  let percent = segment.indexOf('%');
  while (percent >= 0) {
    if (percent > start) {
      const part = takeText(segment.substring(start, percent), terms, text, isPattern);
      if (!part.ok) return part;
      pieces.push(part.value);
    }
    const harmless = harmlessOf(readOctet(segment, percent));
    if (harmless !== ' ') {
      // Most escapes, and the cheapest: a client may send thousands.
      pieces.push(harmless);
      start = percent + 3;
    } else {
      const escaped = decodeEscape(segment, percent, terms, text);
      if (!escaped.ok) return escaped;
      pieces.push(escaped.value.kept);
      start = escaped.value.end;
    }
    percent = segment.indexOf('%', start);
  }
  const rest = takeText(segment.substring(start), terms, text, isPattern);
  if (!rest.ok) return rest;
  pieces.push(rest.value);
  const name = pieces.join('');
  if (isEncodedTwice(name) && terms.allow.indexOf('encoded_twice') < 0) return fail('path_encoded_twice');
  return succeed(name);
}

function isDots(piece: string): boolean {
  return piece === '.' || piece === '..';
}

/** Whether there are dots between separators that the policy lets pass: `..;x`, `a%2F..`, `a\..`. */
export function hidesDots(name: string): boolean {
  const pieces = name.split(ENCODED_SLASH).join('\\').split('\\');
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] ?? '';
    const semicolon = piece.indexOf(';');
    if (isDots(semicolon < 0 ? piece : piece.substring(0, semicolon))) return true;
  }
  return false;
}

/** Whether Windows and others open another file by this name: `admin.`, `admin `, `admin:$DATA`, `admin::$DATA`. */
export function isFileAlias(name: string): boolean {
  const last = name.charAt(name.length - 1);
  return last === '.' || last === ' ' || name.indexOf(':$') >= 0;
}
