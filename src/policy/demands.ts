// What a rule requires of a verified token, looked at on every request (RFC 6750 §3.1, RFC 9470 §4).
import { fulfils } from '../core/claim-condition';
import type { JudgedIdentity } from '../core/identity';
import type { ClaimDemand, Demands, WordDemand } from '../core/policy';
import type { Reason } from '../core/reason';
import { hasScope } from '../core/scope';
import { lowerAscii } from '../codec/percent';
import type { Text } from '../ports/text';

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

/** Whether a value is one of a list; an empty list demands nothing, and an empty value is none. */
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

function fulfilsAll(identity: JudgedIdentity, demands: readonly ClaimDemand[]): boolean {
  for (let index = 0; index < demands.length; index++) {
    const demand = demands[index];
    if (demand === undefined) continue;
    const value = identity.values[demand.slot];
    // A JSON null stands for a claim that is not there.
    const isThere =
      value !== undefined && (typeof value === 'string' || typeof value === 'boolean' || value.kind !== 'null');
    if (!isThere || !fulfils(value, demand.condition)) return false;
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
  if (!hasScopes(identity.scopes, demands.scopes)) return 'insufficient_scope';
  if (!isAmong(identity.subject, demands.subjects)) return 'subject_refused';
  if (!isAmong(identity.client, demands.clients)) return 'client_refused';
  if (!isOfDomain(identity.email, demands.emailDomains, text)) return 'email_refused';
  // INVARIANT: a token without its groups is refused for that, never taken for one that has none.
  if (identity.groupsOverage && demandsWords(demands.groups)) return 'groups_overage';
  if (!hasWords(identity.groups, demands.groups)) return 'groups_refused';
  if (!hasWords(identity.roles, demands.roles)) return 'roles_refused';
  if (!fulfilsAll(identity, demands.claims)) return 'claims_refused';
  return isAuthenticatedSo(identity, demands, clockSkew, now) ? undefined : 'insufficient_authentication';
}
