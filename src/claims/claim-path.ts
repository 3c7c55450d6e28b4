// The path of a claim, as an operator writes it: `groups`, `realm_access.roles`, `https://a.example/roles`, or a JSON
// pointer (RFC 6901) such as `/resource_access/my.client/roles`.
import { asObject, findMember, isNull, type Json, type JsonObject } from '../codec/json';
import type { Text } from '../codec/text';
import type { ClaimPath } from '../model/policy';

/**
 * Compiles a place.
 * @returns undefined when it is empty, or begins with a slash but is not a well-formed JSON pointer
 */
export function parseClaimPath(place: string): ClaimPath | undefined {
  if (place === '') return undefined;
  if (place.charAt(0) !== '/') return { name: place, steps: place.split('.') };
  const steps: string[] = [];
  const parts = place.substring(1).split('/');
  for (let index = 0; index < parts.length; index++) {
    const step = unescapeStep(parts[index] ?? '');
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return { name: undefined, steps };
}

/** RFC 6901 §4: `~1` is a slash, `~0` a tilde, and no other tilde may occur. */
function unescapeStep(part: string): string | undefined {
  const pieces = part.split('~');
  let step = pieces[0] ?? '';
  for (let index = 1; index < pieces.length; index++) {
    const piece = pieces[index] ?? '';
    const escape = piece.charAt(0);
    if (escape !== '0' && escape !== '1') return undefined;
    step += (escape === '0' ? '~' : '/') + piece.substring(1);
  }
  return step;
}

/**
 * The claim at a place: a literal top-level name wins, then the names between the dots from the top down.
 * @returns undefined when there is none; a JSON null counts as a missing claim
 */
export function findClaim(claims: JsonObject, path: ClaimPath): Json | undefined {
  if (path.name !== undefined) {
    const literal = present(findMember(claims, path.name));
    if (literal !== undefined || path.steps.length === 1) return literal;
  }
  let object: JsonObject | undefined = claims;
  let found: Json | undefined;
  for (let index = 0; index < path.steps.length; index++) {
    if (object === undefined) return undefined;
    found = findMember(object, path.steps[index] ?? '');
    object = asObject(found);
  }
  return present(found);
}

function present(value: Json | undefined): Json | undefined {
  return value === undefined || isNull(value) ? undefined : value;
}

/** The first claim that exists among several places. */
export function findFirstClaim(claims: JsonObject, paths: readonly ClaimPath[]): Json | undefined {
  for (let index = 0; index < paths.length; index++) {
    const path = paths[index];
    const found = path === undefined ? undefined : findClaim(claims, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a claim is a text that cannot break out of a header. */
export function isText(claim: Json | undefined, text: Text): claim is string {
  return typeof claim === 'string' && !text.hasControl(claim);
}

/**
 * The first text at these places; empty when there is none. A claim that is not a text, or could break out of a header,
 * counts as missing: a rule that requires it refuses the token.
 */
export function readText(claims: JsonObject, paths: readonly ClaimPath[], text: Text): string {
  for (let index = 0; index < paths.length; index++) {
    const path = paths[index];
    const claim = path === undefined ? undefined : findClaim(claims, path);
    if (isText(claim, text)) return claim;
  }
  return '';
}
