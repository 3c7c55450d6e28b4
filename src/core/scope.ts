// Scopes (RFC 6749 §3.3): read from `scope` (RFC 8693 §4.2) or `scp`, a string or a list, into one form.
import { asStrings, findMember, type Json, type JsonObject } from '../codec/json';
import type { Text } from '../ports/text';
import { findFirstClaim, type ClaimPath } from './claim-path';
import { fail, succeed, type Outcome } from './outcome';
import { splitSpaces } from './words';

/** RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ). */
export function isScopeToken(scope: string, text: Text): boolean {
  return scope !== '' && text.isVisibleAscii(scope) && scope.indexOf('"') < 0 && scope.indexOf('\\') < 0;
}

/** The scopes of a list joined; undefined when one is not a scope token. */
function joinScopes(scopes: readonly string[], text: Text): string | undefined {
  for (let index = 0; index < scopes.length; index++) {
    if (!isScopeToken(scopes[index] ?? '', text)) return undefined;
  }
  return scopes.join(' ');
}

function findUsual(claims: JsonObject): Json | undefined {
  const scope = findMember(claims, 'scope');
  return scope === undefined ? findMember(claims, 'scp') : scope;
}

/**
 * The scopes of a verified token, one space between each; empty when it has none.
 * @param places where a policy says they stand; undefined for the usual places
 * @returns `scope_malformed` for another type, or for anything in it that is not a scope token
 */
export function readScopes(claims: JsonObject, text: Text, places: readonly ClaimPath[] | undefined): Outcome<string> {
  const value = places === undefined ? findUsual(claims) : findFirstClaim(claims, places);
  if (value === undefined) return succeed('');
  const list = typeof value === 'string' ? splitSpaces(value) : asStrings(value);
  const joined = list === undefined ? undefined : joinScopes(list, text);
  return joined === undefined ? fail('scope_malformed') : succeed(joined);
}

/**
 * Whether a scope is among others, as a whole word.
 * @param scopes scopes with one space between each
 * @param scope one scope; empty or with a space in it is never found
 */
export function hasScope(scopes: string, scope: string): boolean {
  if (scope === '' || scope.indexOf(' ') >= 0) return false;
  return (' ' + scopes + ' ').indexOf(' ' + scope + ' ') >= 0;
}
