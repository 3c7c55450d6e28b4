// The names of the broker's audiences, and their places in the addresses of admin services.
import type { Text } from '../codec/text';

const LEAST = 3;
const MOST = 64;
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** What an address of an admin service has where it needs the audience. */
export const AUDIENCE_PLACE = '{{AUDIENCE}}';

/**
 * Whether a text can name an audience: a letter, then letters, digits and `-`, 3 to 64 characters in all. No such name is more
 * than one label of a host, or one segment of a path.
 */
export function isAudienceName(value: string, text: Text): boolean {
  if (value.length < LEAST || value.length > MOST || LETTERS.indexOf(value.charAt(0)) < 0) return false;
  return value.indexOf('_') < 0 && text.isBase64UrlAlphabet(value);
}

/** An address with the audience in its place. @param audience of a good name */
export function fillAudience(address: string, audience: string): string {
  return address.split(AUDIENCE_PLACE).join(audience);
}
