// A parameter of a query or of a form (RFC 6750 §2.2, §2.3): its values, and the query without it.
import { decodeFully } from '../../codec/percent-forms';
import { longPieces, shortest, withoutPieces } from '../../codec/pieces';
import type { Text } from '../../codec/text';
import { fail, succeed, type Outcome } from '../../answer/outcome';

/** Form-decoded once; undefined when a percent sign begins no escape, or octets are not UTF-8. */
function decode(value: string, text: Text): string | undefined {
  const spaced = value.indexOf('+') < 0 ? value : value.split('+').join(' ');
  return spaced.indexOf('%') < 0 ? spaced : decodeFully(spaced, text);
}

/** Whether some part of a query can have the name: a name is unreserved characters (RFC 3986 §2.3), each of which may be escaped. */
function canHold(query: string, name: string): boolean {
  return query.indexOf('%') >= 0 || query.indexOf(name) >= 0;
}

/** Whether a backend would read the part under this name: `%61ccess_token` is `access_token`. */
function isNamed(part: string, name: string, text: Text): boolean {
  const equals = part.indexOf('=');
  const length = equals < 0 ? part.length : equals;
  // An escape has three characters.
  if (length < name.length || length > name.length * 3) return false;
  return decode(part.substring(0, length), text) === name;
}

/** Whether a backend that separates parameters by `;` too would find the name in a part. */
function isHidden(part: string, name: string, text: Text): boolean {
  return longPieces(part, ';', name.length).some((piece) => isNamed(piece, name, text));
}

/**
 * Every value of a parameter, in order and decoded; empty ones are left out.
 * @returns `credentials_malformed` for a value that cannot be decoded, and where `;` makes two readings
 */
export function readParameters(query: string, name: string, text: Text): Outcome<readonly string[]> {
  const values: string[] = [];
  const parts = canHold(query, name) ? longPieces(query, '&', name.length) : [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? '';
    if (part.indexOf(';') >= 0) {
      if (isHidden(part, name, text)) return fail('credentials_malformed');
      continue;
    }
    if (!isNamed(part, name, text)) continue;
    const equals = part.indexOf('=');
    const value = equals < 0 ? '' : decode(part.substring(equals + 1), text);
    if (value === undefined) return fail('credentials_malformed');
    if (value !== '') values.push(value);
  }
  return succeed(values);
}

/** The query without these parameters, however they are spelled; undefined when it has none of them. */
export function withoutParameters(query: string, names: readonly string[], text: Text): string | undefined {
  const held = names.filter((name) => canHold(query, name));
  if (held.length === 0) return undefined;
  return withoutPieces(query, '&', shortest(held), (part) => held.some((name) => isHidden(part, name, text)))?.join(
    '&',
  );
}
