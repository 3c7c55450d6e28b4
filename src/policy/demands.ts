// The usual requirements of a rule for a verified token; the others are further-demands.ts. Both are checked on every request (RFC 6750 §3.1, RFC 9470 §4)
// but for those of a rule that a token met before and that it will always meet.
import { isNull, type Json } from '../codec/json';
import type { HiddenClaim } from '../claims/unverified-email';
import { fulfils } from '../claims/claim-condition';
import type { JudgedIdentity } from '../claims/identity';
import type { ClaimDemand, Demands, WordDemand } from '../model/demands';
import type { Reason } from '../answer/reason';
import { hasScope } from '../claims/scope';
import { lowerAscii } from '../codec/percent';
import type { Text } from '../codec/text';

function hasScopes(scopes: string, demand: WordDemand): boolean {
  for (let index = 0; index < demand.all.length; index++) {
    if (!hasScope(scopes, demand.all[index] ?? '')) return false;
  }
  for (let index = 0; index < demand.any.length; index++) {
    if (hasScope(scopes, demand.any[index] ?? '')) return true;
  }
  return demand.any.length === 0;
}

/** Whether words have all of `all` and, unless that is empty, one of `any`; compared exactly. */
export function hasWords(words: readonly string[], demand: WordDemand): boolean {
  for (let index = 0; index < demand.all.length; index++) {
    if (words.indexOf(demand.all[index] ?? '') < 0) return false;
  }
  for (let index = 0; index < demand.any.length; index++) {
    if (words.indexOf(demand.any[index] ?? '') >= 0) return true;
  }
  return demand.any.length === 0;
}

function demandsWords(demand: WordDemand): boolean {
  return demand.all.length > 0 || demand.any.length > 0;
}

/** Whether a value is in a list; an empty list requires nothing, and an empty value is in no list. */
function isAmong(value: string, list: readonly string[]): boolean {
  return list.length === 0 || (value !== '' && list.indexOf(value) >= 0);
}

/** Whether an email is of one of the domains; compared without regard to case (RFC 5321 §2.4). */
function isOfDomain(email: string, domains: readonly string[], text: Text): boolean {
  if (domains.length === 0) return true;
  if (email === '') return false;
  if (domains.indexOf('*') >= 0) return true;
  const parts = email.split('@');
  if (parts.length !== 2 || parts[0] === '') return false;
  const domain = lowerAscii(parts[1] ?? '', text);
  for (let index = 0; index < domains.length; index++) {
    const wanted = domains[index] ?? '';
    if (domain === wanted) return true;
    const start = domain.length - wanted.length;
    if (wanted.charAt(0) === '.' && start > 0 && domain.substring(start) === wanted) return true;
  }
  return false;
}

/** A claim that the policy reads; a JSON null is a missing one. */
export function readSlot(identity: JudgedIdentity, slot: number): Json | undefined {
  const value = identity.values[slot];
  return value !== undefined && isNull(value) ? undefined : value;
}

function fulfilsAll(identity: JudgedIdentity, demands: readonly ClaimDemand[]): boolean {
  for (let index = 0; index < demands.length; index++) {
    const demand = demands[index];
    if (demand === undefined) continue;
    const value = identity.values[demand.slot];
    // INVARIANT: a user's unverified email is not that of a token without any, as machines have them.
    const isNone = demand.condition.exists === false && value !== undefined && isNull(value);
    if (isNone && (value as Partial<HiddenClaim>).isHidden === true) return false;
    if (!fulfils(readSlot(identity, demand.slot), demand.condition)) return false;
  }
  return true;
}

/** RFC 9470 §4: the class of authentication, and how long ago it was. */
function isAuthenticatedSo(identity: JudgedIdentity, demands: Demands, clockSkew: number, now: number): boolean {
  if (!isAmong(identity.acr, demands.acrValues)) return false;
  if (demands.maxAge < 0) return true;
  if (identity.authTime < 0 || identity.authTime > now + clockSkew) return false;
  return now <= identity.authTime + demands.maxAge + clockSkew;
}

/**
 * Judges a verified token by what a rule requires.
 * @param clockSkew seconds of tolerance for `auth_time`
 * @param now seconds since the epoch
 * @returns the first reason against it; undefined when it has everything
 */
export function checkDemands(
  identity: JudgedIdentity,
  demands: Demands,
  clockSkew: number,
  now: number,
  text: Text,
): Reason | undefined {
  if (identity.emailUnverified && demands.emailDomains.length > 0) return 'email_unverified';
  if (!hasScopes(identity.scopes, demands.scopes)) return 'insufficient_scope';
  if (!isAmong(identity.subject, demands.subjects)) return 'subject_refused';
  if (!isAmong(identity.client, demands.clients)) return 'client_refused';
  if (!isOfDomain(identity.email, demands.emailDomains, text)) return 'email_refused';
  // INVARIANT: a token that leaves out its groups is refused for that; it never counts as a token without groups.
  if (identity.groupsOverage && demandsWords(demands.groups)) return 'groups_overage';
  if (!hasWords(identity.groups, demands.groups)) return 'groups_refused';
  if (!hasWords(identity.roles, demands.roles)) return 'roles_refused';
  if (!fulfilsAll(identity, demands.claims)) return 'claims_refused';
  return isAuthenticatedSo(identity, demands, clockSkew, now) ? undefined : 'insufficient_authentication';
}
