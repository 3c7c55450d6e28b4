// The session among a request's cookies, and what is left of them for the backend, where they are spelled as browsers spell
// them: in one pass, since the engine njs takes a tenth of a millisecond for the general way. Whatever is not plain is undefined.
import { CHUNK_LENGTH } from '../../src/login/chunks';
import type { Bytes } from '../ports/text';
import type { RememberedToken, SessionCookies } from '../store/remembered-tokens/token-store';
import { findEndedZone } from '../ports/shared-dictionaries';
import { ENDED_END, isDeniedBy } from '../store/remembered-tokens/denied-by';

declare const Buffer: { from(text: string, encoding: 'utf8'): Bytes };

const NOTHING: SessionCookies = { name: undefined, rest: undefined };
/** INVARIANT: no header has a line feed, so no other token is remembered in this form. */
export const SESSION_NAME = 'session\n';
const DIGITS = '12345';
const LOGIN = '-login-';
const SEMICOLON = 0x3b;

/** Looks at the cookies. @param name of the first cookie of a session */
export function lookAtCookies(cookies: string, name: string): SessionCookies | undefined {
  if (cookies === '') return NOTHING;
  // Both engines find a byte in a fraction of the time that a character takes (bench/notes.md).
  const bytes = Buffer.from(cookies, 'utf8');
  // INVARIANT: places of bytes are those of characters where there are as many, for any but ASCII has more bytes.
  const isAscii = bytes.length === cookies.length;
  const parts: (string | undefined)[] = [];
  let rest = '';
  let isTaken = false;
  let from = 0;
  while (from < cookies.length) {
    const next = isAscii ? bytes.indexOf(SEMICOLON, from) : cookies.indexOf(';', from);
    const after = next < 0 ? cookies.length : next;
    const at = cookies.charAt(from) === ' ' ? from + 1 : from;
    const end = at + name.length;
    if (end > after || cookies.slice(at, end) !== name) {
      const piece = cookies.slice(from, after);
      // The name within another one, or blanks elsewhere than before it.
      if (piece.indexOf(name) >= 0) return undefined;
      // njs ends several lines in one with a separator.
      if (piece !== '' && piece !== ' ') rest = rest === '' ? piece : rest + ';' + piece;
      from = after + 1;
      continue;
    }
    const last = cookies.charAt(after - 1);
    if (last === ' ' || last === '\t' || last === '=') return undefined;
    isTaken = true;
    from = after + 1;
    if (cookies.slice(end, end + LOGIN.length) === LOGIN) continue;
    const number = cookies.charAt(end) === '_' ? DIGITS.indexOf(cookies.charAt(end + 1)) + 1 : 0;
    const start = number === 0 ? end : end + 2;
    const first = cookies.charAt(start + 1);
    if (number > 4 || start >= after || cookies.charAt(start) !== '=' || first === ' ' || first === '\t')
      return undefined;
    if (parts[number] !== undefined) return undefined;
    parts[number] = cookies.slice(start + 1, after);
  }
  if (!isTaken) return NOTHING;
  if (rest.charAt(0) === ' ') rest = rest.slice(1);
  const whole = parts[0] ?? '';
  const count = whole.charAt(1) === '.' ? DIGITS.indexOf(whole.charAt(0)) + 1 : 0;
  let value = SESSION_NAME + whole.slice(2);
  for (let number = 0; number < count; number++) {
    const part = parts[number] ?? '';
    // As `joinCookies`: all but the last are full.
    if (part === '' || (number < count - 1 ? part.length !== CHUNK_LENGTH : part.length > CHUNK_LENGTH))
      return { name: undefined, rest };
    if (number > 0) value += part;
  }
  return { name: count === 0 ? undefined : value, rest };
}

/** The entries by which login can end a remembered session, a tab between each. */
export function endsOf(session: RememberedToken): string {
  const end = session.denyEntries.indexOf(ENDED_END);
  return end < 0 ? session.denyEntries : session.denyEntries.slice(0, Math.max(end - 1, 0));
}

/** Whether somebody signed out of a remembered session, or its issuer ended it. */
export function isEnded(session: RememberedToken): boolean {
  const zone = findEndedZone();
  return zone !== undefined && isDeniedBy(zone, endsOf(session));
}
