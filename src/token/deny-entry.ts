// An entry of a deny list and its parts: `KIND:VALUE`, or `iss:ISSUER,KIND:VALUE` for the tokens of one issuer alone.
import { encodeEntry } from '../codec/percent';
import { decodeFully, holdsEscape } from '../codec/percent-forms';
import type { Text } from '../codec/text';
import { isMisspelt, readSpelling, spell } from './deny-spelling';

/** The claims that an operator can deny by, by their own names (RFC 7519 §4.1, RFC 8693 §4.3, OpenID Connect Core §2, Session). */
export const DENY_CLAIMS: readonly string[] = ['jti', 'sub', 'client_id', 'azp', 'appid', 'cid', 'sid'];
/** Denies the tokens of a subject that were issued before the time beside the entry. */
export const ISSUED_BEFORE = 'sub_issued_before';
/** The beginnings of entries: a claim, the client as it is mapped, the key, a subject with a time. */
export const DENY_KINDS: readonly string[] = DENY_CLAIMS.concat(['client', 'kid', ISSUED_BEFORE]);
/** Kinds whose values hold no blanks: machines make them. */
const UNBROKEN: readonly string[] = ['jti', 'kid', 'sid'];
/** The beginning of an entry for one issuer. */
export const ISSUER_PREFIX = 'iss:';

export function isUnbroken(kind: string): boolean {
  return UNBROKEN.indexOf(kind) >= 0;
}

/** An issuer as entries write it: as it is, with escapes for what no entry holds, and for commas. */
export function spellIssuer(issuer: string, text: Text): string {
  return encodeEntry(issuer, text).split(',').join('%2C');
}

/** What stands before an entry for one issuer alone. */
export function bindTo(issuer: string, text: Text): string {
  return ISSUER_PREFIX + spellIssuer(issuer, text) + ',';
}

/** The place where an entry's kind begins. */
function findKind(entry: string): number {
  return entry.indexOf(ISSUER_PREFIX) === 0 ? entry.indexOf(',') + 1 : 0;
}

/** The place where an entry's value begins. */
function findValue(entry: string): number {
  return entry.indexOf(':', findKind(entry)) + 1;
}

/** Whether an entry is for one issuer, as far as its beginning says. */
export function isBound(entry: string): boolean {
  return findKind(entry) > 0;
}

/** The issuer that an entry is for, as the entry writes it; empty when it is for all. */
export function issuerOf(entry: string): string {
  const end = findKind(entry) - 1;
  return end < 0 ? '' : entry.substring(ISSUER_PREFIX.length, end);
}

/** The kind of an entry; empty without a colon. */
export function kindOf(entry: string): string {
  const end = findValue(entry) - 1;
  return end < 0 ? '' : entry.substring(findKind(entry), end);
}

/** The value of an entry, as the entry writes it. */
export function valueOf(entry: string): string {
  return entry.substring(findValue(entry));
}

/** An entry whose escapes no value is written with, in the spelling that counts; any other entry as it is. */
export function correctEntry(entry: string, text: Text): string {
  const written = valueOf(entry);
  const value = isMisspelt(written, text) ? decodeFully(written, text) : undefined;
  return value === undefined ? entry : entry.substring(0, findValue(entry)) + encodeEntry(value, text);
}

/** Every entry that denies what this one denies, itself included. */
export function synonymsOf(entry: string, text: Text): readonly string[] {
  const start = entry.substring(0, findValue(entry));
  const written = valueOf(entry);
  const value = holdsEscape(written) ? readSpelling(written, text) : written;
  const spellings = value === undefined ? [] : spell(value, text);
  const entries = spellings.map((spelling) => start + spelling);
  return entries.indexOf(entry) >= 0 ? entries : entries.concat([entry]);
}
