// One segment of a path as a backend would name it: decoded, and refused where two readers could differ.
// docs/decisions/0030 says why each spelling is refused.
import { readEncodedCharacter, readOctet } from '../codec/percent';
import { fail, succeed, type Outcome } from '../core/outcome';
import type { PathTerms, Spelling } from '../core/policy';
import type { Reason } from '../core/reason';
import type { Text } from '../ports/text';

const PERCENT = 37;
const SEMICOLON = 59;
const BACKSLASH = 92;

/** Characters that a file system or a code page may take for a dot, a slash, a backslash or a semicolon. */
const LOOKALIKES: readonly number[] = [
  0x2024, 0x2025, 0x2026, 0x2044, 0x2215, 0x2216, 0x29f5, 0x29f8, 0x29f9, 0xfe52, 0xfe68, 0xff0e, 0xff0f, 0xff1b,
  0xff3c,
];

/** What the policy must allow for a character to pass, and the reason when it does not. */
interface Caution {
  readonly code: number;
  readonly spelling: Spelling;
  readonly reason: Reason;
  /** As it stands in the decoded segment when it is allowed. */
  readonly kept: string;
}

/** What an encoded slash is in a decoded segment: a character that nothing else there can be. */
const ENCODED_SLASH = '\u0001';

/** Decoded octets that some reader takes for more than a character of a name. */
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
    if (caution !== undefined && caution.code === code) return caution;
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

/** A character beyond ASCII: well-formed, no control character, none that is taken for another. */
function checkCodePoint(codePoint: number, terms: PathTerms): Reason | undefined {
  if (codePoint < 0xa0 || codePoint === 0x2028 || codePoint === 0x2029 || codePoint === 0xfeff) return 'path_control';
  const isAlike = LOOKALIKES.indexOf(codePoint) >= 0 && terms.allow.indexOf('file_alias') < 0;
  return isAlike ? 'path_alias' : undefined;
}

/** Whether a character cannot stand for itself. In a pattern of the operator's, more can. */
function isSpecial(code: number, isPattern: boolean): boolean {
  if (code === PERCENT || code === SEMICOLON || code === BACKSLASH || code < 32 || code === 127) return true;
  return !isPattern && (code === 32 || code > 127 || code === 35);
}

/** Where the next such character stands; the length when there is none. */
function nextSpecial(segment: string, start: number, isPattern: boolean): number {
  for (let index = start; index < segment.length; index++) {
    if (isSpecial(segment.charCodeAt(index), isPattern)) return index;
  }
  return segment.length;
}

/**
 * Decodes a segment.
 * @param segment as it stands between two slashes
 * @param isPattern whether the operator wrote it, who may leave unencoded what a request may not
 * @returns the name in the engine's text, or why it is refused
 */
export function decodeSegment(segment: string, terms: PathTerms, text: Text, isPattern: boolean): Outcome<string> {
  let start = 0;
  let special = nextSpecial(segment, 0, isPattern);
  if (special === segment.length) return succeed(segment);
  const pieces: string[] = [];
  while (special < segment.length) {
    pieces.push(segment.substring(start, special));
    const code = segment.charCodeAt(special);
    let piece: Outcome<string>;
    if (code === PERCENT) {
      const octet = readOctet(segment, special);
      if (octet === undefined) return fail('path_malformed');
      start = special + 3;
      if (octet < 128) {
        piece = decodeAscii(octet, terms, text);
      } else {
        const character = readEncodedCharacter(segment, special);
        if (character === undefined) return fail('path_utf8_malformed');
        start = character.end;
        const fault = checkCodePoint(character.codePoint, terms);
        piece = fault === undefined ? succeed(text.fromCodePoint(character.codePoint)) : fail(fault);
      }
    } else {
      const caution = code === SEMICOLON || code === BACKSLASH ? findCaution(code) : undefined;
      // RFC 3986 §2: everything else that stands here must be encoded.
      if (caution === undefined) return fail(code < 32 || code === 127 ? 'path_control' : 'path_malformed');
      start = special + 1;
      piece = takeCautiously(caution, terms);
    }
    if (!piece.ok) return piece;
    pieces.push(piece.value);
    special = nextSpecial(segment, start, isPattern);
  }
  pieces.push(segment.substring(start));
  const name = pieces.join('');
  if (isEncodedTwice(name) && terms.allow.indexOf('encoded_twice') < 0) return fail('path_encoded_twice');
  return succeed(name);
}

function isDots(piece: string): boolean {
  return piece === '.' || piece === '..';
}

/** Whether dots stand between separators that the policy lets pass: `..;x`, `a%2F..`, `a\..`. */
export function hidesDots(name: string): boolean {
  const pieces = name.split(ENCODED_SLASH).join('\\').split('\\');
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] ?? '';
    const semicolon = piece.indexOf(';');
    if (isDots(semicolon < 0 ? piece : piece.substring(0, semicolon))) return true;
  }
  return false;
}

/** Whether Windows and others would take a name for another file: `admin.`, `admin `, `admin:$DATA`, `admin::$DATA`. */
export function isFileAlias(name: string): boolean {
  const last = name.charAt(name.length - 1);
  return last === '.' || last === ' ' || name.indexOf(':$') >= 0;
}
