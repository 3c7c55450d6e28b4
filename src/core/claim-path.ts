// Where a claim stands, as an operator writes it: `groups`, `realm_access.roles`, `https://a.example/roles`, or a JSON
// pointer (RFC 6901) such as `/resource_access/my.client/roles`.
import { asObject, findMember, type Json, type JsonObject } from '../codec/json';

/** A compiled place. */
export interface ClaimPath {
  /** A top-level claim of exactly this name goes first; undefined for a JSON pointer, which is followed to the letter. */
  readonly name: string | undefined;
  /** Names from the top down. */
  readonly steps: readonly string[];
}

/**
 * Compiles a place.
 * @returns undefined when it is empty, or no well-formed JSON pointer although it begins with a slash
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

/** RFC 6901 §4: `~1` is a slash, `~0` a tilde, and no other tilde may stand. */
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
 * @returns undefined when there is none; JSON null is a claim that is not there
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
  if (value === undefined || typeof value === 'string' || typeof value === 'boolean') return value;
  return value.kind === 'null' ? undefined : value;
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
