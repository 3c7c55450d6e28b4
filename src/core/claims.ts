// The registered claims of a verified token (RFC 7519 §4.1).
import { asStrings, findMember, type JsonObject } from '../codec/json';
import type { Text } from '../ports/text';
import { fulfils } from './claim-condition';
import { findClaim } from './claim-path';
import type { Grant } from './decision';
import { fail, succeed, type Outcome } from './outcome';
import type { IssuerTerms } from './policy';
import type { Reason } from './reason';
import { readScopes } from './scope';
import type { IssuerSettings } from './settings';
import { checkValidity, readValidity, type Validity } from './validity';

function checkIssuer(claims: JsonObject, expected: string): Reason | undefined {
  const issuer = findMember(claims, 'iss');
  if (issuer === undefined) return 'issuer_missing';
  if (typeof issuer !== 'string') return 'claim_malformed';
  return issuer === expected ? undefined : 'issuer_refused';
}

function checkAudience(claims: JsonObject, expected: readonly string[] | undefined): Reason | undefined {
  const claim = findMember(claims, 'aud');
  if (claim === undefined) return expected === undefined ? undefined : 'audience_missing';
  // RFC 7519 §4.1.3: one string or a list of strings.
  const audiences = typeof claim === 'string' ? [claim] : asStrings(claim);
  if (audiences === undefined) return 'claim_malformed';
  if (expected === undefined) return undefined;
  for (let index = 0; index < audiences.length; index++) {
    const audience = audiences[index];
    if (audience !== undefined && expected.indexOf(audience) >= 0) return undefined;
  }
  return 'audience_refused';
}

/** `sub` (RFC 7519 §4.1.2); empty when it is not there. It goes into headers, so it holds no control character. */
function readSubject(claims: JsonObject, text: Text): Outcome<string> {
  const subject = findMember(claims, 'sub');
  if (subject === undefined) return succeed('');
  if (typeof subject !== 'string' || text.hasControl(subject)) return fail('claim_malformed');
  return succeed(subject);
}

/** Whether a token has what the policy requires of every token of its issuer. */
function fulfilsAll(claims: JsonObject, terms: IssuerTerms): boolean {
  for (let index = 0; index < terms.require.length; index++) {
    const required = terms.require[index];
    if (required !== undefined && !fulfils(findClaim(claims, required.path), required.condition)) return false;
  }
  return true;
}

/** What the claims of an accepted token say. */
export interface AcceptedClaims {
  readonly grant: Grant;
  readonly validity: Validity;
}

/**
 * Judges the claims of a token whose signature has been verified.
 * @param clockSkew seconds of tolerance
 * @param now seconds since the epoch
 * @returns what the token grants and for how long, or the first reason against it
 */
export function checkClaims(
  claims: JsonObject,
  issuer: IssuerSettings,
  clockSkew: number,
  text: Text,
  now: number,
): Outcome<AcceptedClaims> {
  const foreign = checkIssuer(claims, issuer.issuer) ?? checkAudience(claims, issuer.audiences);
  if (foreign !== undefined) return fail(foreign);
  const terms = issuer.terms;
  const validity = readValidity(claims, clockSkew, terms === undefined ? -1 : terms.maxTokenAge);
  if (!validity.ok) return validity;
  const untimely = checkValidity(validity.value, now);
  if (untimely !== undefined) return fail(untimely);
  const subject = readSubject(claims, text);
  if (!subject.ok) return subject;
  const scopes = readScopes(claims, text, terms === undefined ? undefined : terms.claims.scopes);
  if (!scopes.ok) return scopes;
  if (terms !== undefined && !fulfilsAll(claims, terms)) return fail('required_claim');
  return succeed({ grant: { scopes: scopes.value, subject: subject.value, claims }, validity: validity.value });
}
