// The Set-Cookie field (RFC 6265bis §4.1) of the cookies of login: values are ASCII that needs no quotes.
import type { CookieTerms, SameSite } from '../model/login';

const SAME_SITE: Readonly<Record<SameSite, string>> = { lax: 'Lax', strict: 'Strict', none: 'None' };

/**
 * The value of a Set-Cookie field.
 * @param age seconds for which the browser keeps it; 0: it drops the cookie
 */
export function formatSetCookie(name: string, value: string, age: number, terms: CookieTerms): string {
  const parts = [name + '=' + value, 'Path=' + terms.path];
  if (terms.domain !== undefined) parts.push('Domain=' + terms.domain);
  parts.push('Max-Age=' + age.toString(), 'HttpOnly');
  if (terms.secure) parts.push('Secure');
  parts.push('SameSite=' + SAME_SITE[terms.sameSite]);
  return parts.join('; ');
}

/** The value of a Set-Cookie field that removes a cookie. */
export function formatRemoval(name: string, terms: CookieTerms): string {
  return formatSetCookie(name, '', 0, terms);
}
