// Scopes (RFC 6749 §3.3): read from `scope` (RFC 8693 §4.2) or `scp`, a string or a list, into one form.
import { asStrings, findMember, isNull, type Json, type JsonObject } from '../codec/json';
import type { Text } from '../codec/text';
import { findClaim, findFirstClaim } from './claim-path';
import { fail, succeed, type Outcome } from '../answer/outcome';
import { splitSpaces } from '../codec/words';
import type { ClaimPath, ScopeMapping } from '../model/policy';

/** RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ). */
export function isScopeToken(scope: string, text: Text): boolean {
  return scope !== '' && text.isVisibleAscii(scope) && scope.indexOf('"') < 0 && scope.indexOf('\\') < 0;
}

/** The scopes of a claim; undefined unless each is a scope token. */
function splitScopes(claim: Json, text: Text): readonly string[] | undefined {
  const scopes = typeof claim === 'string' ? splitSpaces(claim) : asStrings(claim);
  for (let index = 0; scopes !== undefined && index < scopes.length; index++) {
    if (!isScopeToken(scopes[index] ?? '', text)) return undefined;
  }
  return scopes;
}

/** A claim that is null is not there, as in every place of a policy. */
function findUsual(claims: JsonObject): Json | undefined {
  const scope = findMember(claims, 'scope');
  if (scope !== undefined && !isNull(scope)) return scope;
  const scp = findMember(claims, 'scp');
  return scp === undefined || isNull(scp) ? undefined : scp;
}

/** The scopes of every place together, each once; undefined when those of one are malformed. */
function joinPlaces(claims: JsonObject, paths: readonly ClaimPath[], text: Text): string | undefined {
  const joined: string[] = [];
  const seen: Record<string, true | undefined> = {};
  for (let index = 0; index < paths.length; index++) {
    const path = paths[index];
    const claim = path === undefined ? undefined : findClaim(claims, path);
    if (claim === undefined) continue;
    const scopes = splitScopes(claim, text);
    if (scopes === undefined) return undefined;
    for (let place = 0; place < scopes.length; place++) {
      const scope = scopes[place] ?? '';
      if (seen['$' + scope] !== true) joined.push(scope);
      seen['$' + scope] = true;
    }
  }
  return joined.join(' ');
}

/**
 * The scopes of a verified token, one space between each; empty when it has none.
 * @param mapping the places that a policy names; undefined for the usual ones
 * @returns `scope_malformed` for another type, or for anything in it that is not a scope token
 */
export function readScopes(claims: JsonObject, text: Text, mapping: ScopeMapping | undefined): Outcome<string> {
  if (mapping?.all === true) {
    const joined = joinPlaces(claims, mapping.paths, text);
    return joined === undefined ? fail('scope_malformed') : succeed(joined);
  }
  const value = mapping === undefined ? findUsual(claims) : findFirstClaim(claims, mapping.paths);
  if (value === undefined) return succeed('');
  const scopes = splitScopes(value, text);
  return scopes === undefined ? fail('scope_malformed') : succeed(scopes.join(' '));
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
