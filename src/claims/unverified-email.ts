// An email that the token marks as unverified names nobody (OpenID Connect Core 1.0 §5.1): where an issuer lets users write
// their address, it would name whomever they like.
import { lowerAscii } from '../codec/percent';
import type { JsonNull, JsonObject } from '../codec/json';
import type { Text } from '../codec/text';
import type { ClaimPath, IssuerTerms } from '../model/policy';
import { findClaim } from './claim-path';

/** In the place of a claim that is there and counts as missing: nobody passes for having none. */
export interface HiddenClaim extends JsonNull {
  readonly isHidden: true;
}

const EMAIL: ClaimPath = { name: 'email', steps: ['email'] };
const SUBJECT: ClaimPath = { name: 'sub', steps: ['sub'] };
const EMAIL_VERIFIED: ClaimPath = { name: 'email_verified', steps: ['email_verified'] };
const NONE: readonly ClaimPath[] = [];

/**
 * Some issuers write it as a string.
 * INVARIANT: a value that is present and is not true means unverified.
 */
function isUnverified(claims: JsonObject, text: Text): boolean {
  const verified = findClaim(claims, EMAIL_VERIFIED);
  if (verified === undefined || verified === true) return false;
  return typeof verified !== 'string' || lowerAscii(verified, text) !== 'true';
}

/**
 * The paths of a token's email, when the token marks it as unverified and its issuer is not trusted with that; else none.
 * `sub` is never one, though a mapping may fall back to it: no user writes that.
 */
export function unverifiedEmails(claims: JsonObject, terms: IssuerTerms, text: Text): readonly ClaimPath[] {
  if (terms.takesUnverifiedEmail || !isUnverified(claims, text)) return NONE;
  return [EMAIL].concat(terms.claims.email.filter((path) => !isSame(path, SUBJECT)));
}

function isSame(one: ClaimPath, other: ClaimPath): boolean {
  if (one.steps.length !== other.steps.length) return false;
  for (let index = 0; index < one.steps.length; index++) {
    if (one.steps[index] !== other.steps[index]) return false;
  }
  return true;
}

/** Whether a path is among others. */
export function isAmongPaths(path: ClaimPath, others: readonly ClaimPath[]): boolean {
  for (let index = 0; index < others.length; index++) {
    const other = others[index];
    if (other !== undefined && isSame(path, other)) return true;
  }
  return false;
}

/** The paths that are not among others. */
export function withoutPaths<Path extends ClaimPath>(
  paths: readonly Path[],
  others: readonly ClaimPath[],
): readonly Path[] {
  return others.length === 0 ? paths : paths.filter((path) => !isAmongPaths(path, others));
}
