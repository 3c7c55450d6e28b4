// A request's session and its other cookies in whatever spelling, by the core's own rules.
import { findChunks, findNames } from '../../src/login/chunks';
import { withoutCookies } from '../../src/token/places/cookies';
import { SESSION_NAME } from './session-cookies';

/** The form in which a session is remembered. */
export function nameSession(value: string): string {
  return SESSION_NAME + value;
}

/** The cookies without those of login; undefined where there are none of these. */
export function withoutLogin(cookies: string, name: string): string | undefined {
  if (cookies.indexOf(name) < 0) return undefined;
  const lines = [cookies];
  const names = findChunks(lines, name).concat(findNames(lines, name + '-login-'));
  const rest = names.length === 0 ? undefined : withoutCookies(lines, names);
  return rest === undefined ? undefined : rest.join('; ');
}
