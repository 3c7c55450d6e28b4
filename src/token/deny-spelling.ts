// How the entries of a deny list write a value: as it is, with the escapes that it needs, encoded as a whole (RFC 3986 §2.1).
import { encodeEntry } from '../codec/percent';
import { decodeFully, encodeFully, holdsEscape } from '../codec/percent-forms';
import type { Text } from '../codec/text';

/**
 * A value as other tools encode it: with escapes for all but RFC 3986's unreserved characters, and with `+` for each blank
 * (application/x-www-form-urlencoded).
 */
function encodedForms(value: string, text: Text): readonly string[] {
  const full = encodeFully(value, text);
  const form = full.split('%20').join('+');
  return form === full ? [full] : [full, form];
}

/** How an entry can write a value: as it is, with the escapes that it needs, and encoded as a whole. */
export function spell(value: string, text: Text): readonly string[] {
  if (text.isUnreserved(value)) return [value];
  const encoded = encodeEntry(value, text);
  const spellings: string[] = [];
  if (encoded === value || !text.hasControl(value)) spellings.push(value);
  if (encoded !== value) spellings.push(encoded);
  const forms = encodedForms(value, text);
  for (let index = 0; index < forms.length; index++) {
    const form = forms[index];
    if (form !== undefined && spellings.indexOf(form) < 0) spellings.push(form);
  }
  return spellings;
}

function isSpelling(written: string, value: string | undefined, text: Text): boolean {
  return value !== undefined && spell(value, text).indexOf(written) >= 0;
}

/** A value out of a form, whose `+` are blanks; undefined when its escapes are broken. */
function readForm(written: string, text: Text): string | undefined {
  return decodeFully(written.split('+').join(' '), text);
}

/** The value that an entry writes with escapes, if it writes it in a spelling that is looked up. */
export function readSpelling(written: string, text: Text): string | undefined {
  const value = decodeFully(written, text);
  if (isSpelling(written, value, text)) return value;
  const form = readForm(written, text);
  return isSpelling(written, form, text) ? form : undefined;
}

/** Whether an entry's value has escapes, and no value is ever written so. */
export function isMisspelt(written: string, text: Text): boolean {
  return holdsEscape(written) && readSpelling(written, text) === undefined;
}

/** Whether a `+` of an entry's value can be a plus sign as well as the blank of a form. */
export function isAmbiguous(written: string, text: Text): boolean {
  if (written.indexOf('+') < 0) return false;
  return isSpelling(written, readForm(written, text), text) && isSpelling(written, decodeFully(written, text), text);
}
