// The registered claims of a verified token (RFC 7519 §4.1).
import { asStrings, findMember, type JsonObject } from '../codec/json';
import type { Text } from '../codec/text';
import { fulfilsWhole } from '../claims/claim-pattern';
import { findClaim } from '../claims/claim-path';
import { isAmongPaths, unverifiedEmails, withoutPaths } from '../claims/unverified-email';
import type { Grant } from '../answer/decision';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { IssuerTerms, ScopeMapping } from '../model/policy';
import type { Reason } from '../answer/reason';
import { readScopes } from '../claims/scope';
import type { IssuerSettings, Tenancy } from '../model/settings';
import { isListed, tenantOf } from '../keys/issuer-pattern';
import { checkValidity, readValidity, type Validity } from './validity';

/** Whether the token is of a tenant that the operator named: `iss` has it, and so has the token's own claim. */
function checkTenant(claims: JsonObject, tenancy: Tenancy, issuer: string, text: Text): Reason | undefined {
  const tenant = tenantOf(tenancy, issuer, text);
  if (tenant === undefined || findMember(claims, tenancy.claim) !== tenant) return 'issuer_refused';
  return isListed(tenancy, tenant) ? undefined : 'tenant_refused';
}

function checkIssuer(claims: JsonObject, expected: IssuerSettings, text: Text): Reason | undefined {
  const issuer = findMember(claims, 'iss');
  if (issuer === undefined) return 'issuer_missing';
  if (typeof issuer !== 'string') return 'claim_malformed';
  if (expected.tenancy !== undefined) return checkTenant(claims, expected.tenancy, issuer, text);
  return issuer === expected.issuer ? undefined : 'issuer_refused';
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

/** `sub` (RFC 7519 §4.1.2); empty when it is missing. Headers get it, so it holds no control character. */
function readSubject(claims: JsonObject, text: Text): Outcome<string> {
  const subject = findMember(claims, 'sub');
  if (subject === undefined) return succeed('');
  if (typeof subject !== 'string' || text.hasControl(subject)) return fail('claim_malformed');
  return succeed(subject);
}

/** Whether a token has what the policy requires of every token of its issuer. */
function fulfilsAll(claims: JsonObject, terms: IssuerTerms, text: Text): boolean {
  const hidden = terms.require.length === 0 ? [] : unverifiedEmails(claims, terms, text);
  for (let index = 0; index < terms.require.length; index++) {
    const required = terms.require[index];
    if (required === undefined) continue;
    const claim = findClaim(claims, required.path);
    // An unverified email fulfils no condition, not even that of being absent.
    if (claim !== undefined && isAmongPaths(required.path, hidden)) return false;
    if (!fulfilsWhole(claim, required.condition, text)) return false;
  }
  return true;
}

/** The results of accepted claims. */
export interface AcceptedClaims {
  readonly grant: Grant;
  readonly validity: Validity;
}

/** Where a policy has the scopes; undefined for the usual place. An unverified email grants none. */
function scopePlaces(claims: JsonObject, terms: IssuerTerms | undefined, text: Text): ScopeMapping | undefined {
  const mapping = terms?.claims.scopes;
  if (terms === undefined || mapping === undefined) return undefined;
  return { paths: withoutPaths(mapping.paths, unverifiedEmails(claims, terms, text)), all: mapping.all };
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
  const foreign = checkIssuer(claims, issuer, text) ?? checkAudience(claims, issuer.audiences);
  if (foreign !== undefined) return fail(foreign);
  const terms = issuer.terms;
  const validity = readValidity(claims, clockSkew, terms?.maxTokenAge ?? -1);
  if (!validity.ok) return validity;
  const untimely = checkValidity(validity.value, now);
  if (untimely !== undefined) return fail(untimely);
  const subject = readSubject(claims, text);
  if (!subject.ok) return subject;
  const scopes = readScopes(claims, text, scopePlaces(claims, terms, text));
  if (!scopes.ok) return scopes;
  if (terms !== undefined && !fulfilsAll(claims, terms, text)) return fail('required_claim');
  return succeed({ grant: { scopes: scopes.value, subject: subject.value, claims }, validity: validity.value });
}
