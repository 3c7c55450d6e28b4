// The session of a request, still sealed: what a host looks up among those that it remembers, and opens where it is new.
import type { Text } from '../codec/text';
import type { Login } from '../model/login';
import { joinCookies } from './chunks';
import { readSealed, type Openable } from './sealed-text';

export type FoundSession =
  | { readonly kind: 'absent' }
  /** No key here can open it: the host refuses as without a session, and removes the cookies (`removeSession`). */
  | { readonly kind: 'malformed' }
  /** @member value the whole text: the same text is the same session */
  | { readonly kind: 'sealed'; readonly value: string; readonly openable: Openable };

/**
 * Finds the session of a request.
 * @param lines every Cookie field value, one for each header line
 */
export function findSession(login: Login, lines: readonly string[], text: Text): FoundSession {
  const joined = joinCookies(lines, login.cookie.name);
  if (joined.kind !== 'value') return joined;
  const openable = readSealed(joined.value, login.keys.session, text);
  return openable === undefined ? { kind: 'malformed' } : { kind: 'sealed', value: joined.value, openable };
}
