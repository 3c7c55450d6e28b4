// Reads an entry of a deny list as an operator writes it, and names its fault when it cannot deny a token.
import type { Text } from '../codec/text';
import { findUnseen, nameCodePoint } from '../codec/invisible';
import { decodeFully } from '../codec/percent-forms';
import {
  correctEntry,
  DENY_KINDS,
  isBound,
  ISSUED_BEFORE,
  ISSUER_PREFIX,
  issuerOf,
  isUnbroken,
  kindOf,
  spellIssuer,
  valueOf,
} from './deny-entry';
import { isAmbiguous, isMisspelt } from './deny-spelling';
import { readDenyTime } from './deny-time';

/** What an entry is read with. */
export interface DenyReader {
  readonly text: Text;
  /** The issuers whose tokens are accepted; undefined when nobody knows. */
  readonly issuers: readonly string[] | undefined;
}

/** The content of a line; both are empty for a blank line and a comment. */
export interface DenyLine {
  /** The entry that the line denies, and after a blank the time where the entry needs one. With a fault: the line's value, read with its blanks and escapes, if possible. */
  readonly entry: string;
  /** The fault and its remedy; without the line, which holds a claim's value. */
  readonly fault: string;
}

const NOTHING: DenyLine = { entry: '', fault: '' };
/** The most faults of a file that are named one by one. */
const NAMED = 10;

function begins(value: string, ends: readonly string[]): boolean {
  return ends.indexOf(value.charAt(0)) >= 0;
}

/** The characters that a value encoded as a whole has as escapes (RFC 3986 §2.3). */
const WHOLE = 'every character of the value but letters, digits, `-`, `.`, `_` and `~`';

/** Faults of characters, with their mends but for what to encode. */
const UNSEEN: Readonly<Record<'broken' | 'invisible' | 'combining', string>> = {
  broken: 'holds a character that is not UTF-8, or U+; save the file as UTF-8, or percent-encode ',
  invisible: 'holds an invisible character, U+; remove it, or percent-encode ',
  combining: 'holds a combining character, U+; write it and its letter as one character, or percent-encode ',
};

/** The fault of an entry's issuer, if it names one. */
function findIssuerDoubt(entry: string, reader: DenyReader): string | undefined {
  if (!isBound(entry)) return undefined;
  const written = issuerOf(entry);
  const issuer = decodeFully(written, reader.text);
  if (issuer === undefined || spellIssuer(issuer, reader.text) !== written) {
    return 'has its issuer in a spelling that never matches; escape only blanks, `%`, `"`, `,` and control characters';
  }
  if (reader.issuers === undefined || reader.issuers.some((known) => matchesIssuer(issuer, known))) return undefined;
  return 'names an issuer that is not configured; write it exactly as the settings have it';
}

/** Whether an issuer is a configured one, or one that is configured with a placeholder in braces. */
function matchesIssuer(issuer: string, known: string): boolean {
  const open = known.indexOf('{');
  const rest = open < 0 ? undefined : known.substring(known.indexOf('}', open) + 1);
  if (rest === undefined) return issuer === known;
  if (issuer.length <= open + rest.length || issuer.indexOf(known.substring(0, open)) !== 0) return false;
  return issuer.substring(issuer.length - rest.length) === rest;
}

/** The fault of an entry that could deny, but surely not the intended token. */
function findDoubt(entry: string, reader: DenyReader): string | undefined {
  const value = valueOf(entry);
  const text = reader.text;
  if (isMisspelt(value, text)) {
    return (
      'has a percent escape that never matches; escape only blanks, `%`, `"` and control characters, or ' +
      WHOLE +
      ', with capital hexadecimal digits'
    );
  }
  const unseen = findUnseen(entry, text);
  if (unseen !== undefined) return UNSEEN[unseen.kind].split('U+').join(nameCodePoint(unseen.codePoint)) + WHOLE;
  if (!isUnbroken(kindOf(entry)) && isAmbiguous(value, text)) {
    return 'has a `+` that could be a plus sign or a blank; write `%2B` or `%20`';
  }
  const last = value.charAt(value.length - 1);
  if (begins(last, [',', ';'])) return 'ends in `' + last + '`; remove it, or percent-encode ' + WHOLE;
  return findIssuerDoubt(entry, reader);
}

/** The fault of an entry that cannot deny anything. */
function findError(entry: string, text: Text): string | undefined {
  const kinds = DENY_KINDS.join(':, ') + ':';
  if (entry.indexOf(':') < 0) return 'has no colon; write one of ' + kinds + ' before the value';
  if (entry.indexOf(ISSUER_PREFIX) === 0 && (!isBound(entry) || issuerOf(entry) === '')) {
    return 'names an issuer alone; write it, a comma and an entry: `iss:ISSUER,sub:VALUE`';
  }
  if (DENY_KINDS.indexOf(kindOf(entry)) < 0) return 'does not begin with any of ' + kinds;
  const value = valueOf(entry);
  if (value === '') return 'has no value right after the colon';
  if (begins(value, [' ', '\t'])) return 'has a blank after the colon; write `%20` if the value begins with one';
  if (begins(value.substring(value.length - 1), [' ', '\t'])) return 'ends in a blank; write `%20` if the value does';
  if (value.length > 1 && begins(value, ['"', "'"]) && value.charAt(0) === value.charAt(value.length - 1)) {
    return 'has quotes around its value; remove them, or write `%22` for a quote that is part of it';
  }
  return text.hasControl(entry) ? 'holds a control character; write `%` and its two hexadecimal digits' : undefined;
}

/**
 * The fault of an entry, `KIND:VALUE`; undefined when it can deny the intended token.
 * @param entry without white space other than blanks in its value
 */
export function findEntryFault(entry: string, reader: DenyReader): string | undefined {
  return findError(entry, reader.text) ?? findDoubt(entry, reader);
}

/** Whether an entry needs a time beside it. */
export function isTimed(entry: string): boolean {
  return kindOf(entry) === ISSUED_BEFORE;
}

/** The fault of what is beside an entry that needs a time. */
export function findTimeFault(written: string): string | undefined {
  if (readDenyTime(written) !== undefined) return undefined;
  return 'needs a time after a blank, in seconds since 1970 (`date +%s`); without one it denies every token of the subject';
}

/** Whether all words after an entry, or after its time, are a remark. */
function isRemark(entry: string, words: readonly string[]): boolean {
  const next = words[isTimed(entry) ? 2 : 1] ?? '';
  if (next === '' || next.charAt(0) === '#') return true;
  return isUnbroken(kindOf(entry)) || (next === '1' && words.length === 2);
}

/** Reads an entry that has nothing but remarks behind it. */
function readEntry(entry: string, beside: string, reader: DenyReader): DenyLine {
  const isFaulty = isTimed(entry) && findTimeFault(beside) !== undefined;
  // INVARIANT: what is no time never ends.
  const time = !isTimed(entry) ? '' : isFaulty ? ' ?' : ' ' + beside;
  const doubt = findDoubt(entry, reader) ?? (isFaulty ? findTimeFault(beside) : undefined);
  if (doubt === undefined) return { entry: entry + time, fault: '' };
  return { entry: correctEntry(entry, reader.text) + time, fault: doubt };
}

/**
 * Reads one line of a deny list's file: an entry, where it needs one a time, and after blanks a `1` or a remark that begins with
 * `#`; after a kind whose values have no blanks any remark.
 */
export function readDenyLine(line: string, reader: DenyReader): DenyLine {
  const text = reader.text;
  const blanked = line.split('\t').join(' ').split('\r').join(' ');
  const words = blanked.split(' ').filter((word) => word !== '');
  const entry = words[0] ?? '';
  if (entry === '' || entry.charAt(0) === '#') return NOTHING;
  if (entry.indexOf(text.fromCodePoint(0xfeff)) === 0) return { entry: '', fault: 'begins with a byte order mark' };
  const isBare = entry.charAt(entry.length - 1) === ':' && words.length > 1;
  const fault = findError(isBare ? entry + ' ' + (words[1] ?? '') : entry, text);
  if (fault !== undefined) return { entry: '', fault };
  if (isRemark(entry, words)) return readEntry(entry, words[1] ?? '', reader);
  const mend = 'write `%20` for a blank of the value, and `#` before a remark';
  return { entry: isTimed(entry) ? entry + ' ?' : blanked.trim(), fault: 'has a word after its entry: ' + mend };
}

/** The faults of a deny list's file, each line by its number. */
export interface DenyFaults {
  /** Reads the next line, counted from 1. @returns its entry; empty when it has none */
  readonly read: (line: string) => string;
  /** One phrase for each of the first faults, and how many more there are. */
  readonly describe: () => readonly string[];
}

/** Begins to read a deny list's file. */
export function createDenyFaults(reader: DenyReader): DenyFaults {
  const named: string[] = [];
  const timed: Record<string, true | undefined> = {};
  let lines = 0;
  let faults = 0;
  function name(fault: string): void {
    faults += 1;
    if (faults <= NAMED) named.push('line ' + lines.toString() + ' ' + fault);
  }
  return {
    read: (line) => {
      lines += 1;
      const said = readDenyLine(line, reader);
      const entry = isTimed(said.entry) ? said.entry.substring(0, said.entry.indexOf(' ')) : '';
      if (said.fault !== '') name(said.fault);
      // HAProxy's map goes by the first of two times.
      else if (entry !== '' && timed[entry] === true)
        name('has a time for an entry that an earlier line has a time for');
      if (entry !== '') timed[entry] = true;
      return said.entry;
    },
    describe: () => {
      const more = faults - named.length;
      return more > 0 ? named.concat(['and ' + more.toString() + ' more lines like these']) : named;
    },
  };
}
