// The identity in a verified token: the part that rules and headers need, computed once and kept as plain data.
import { asNumber, asObject, findMember, type Json, type JsonObject, type JsonNull } from '../codec/json';
import type { Caller } from './caller';
import { findClaim, readText } from './claim-path';
import { forwardHeaders, type ForwardedHeader } from './forwarded-headers';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { IssuerTerms, ListMapping, Policy, ClaimPath } from '../model/policy';
import type { Text } from '../codec/text';
import { isAmongPaths, unverifiedEmails, withoutPaths, type HiddenClaim } from './unverified-email';
import { readWordList } from './word-list';

/** A caller, with the headers for the backend. */
export interface Identity extends Caller {
  /** All but the token itself. */
  readonly headers: readonly ForwardedHeader[];
}

/** The part that rules and hosts read after the headers were made. */
export type JudgedIdentity = Omit<Identity, 'issuer' | 'user' | 'preferred_username'>;

const NULL: JsonNull = { kind: 'null' };
const HIDDEN: HiddenClaim = { kind: 'null', isHidden: true };
const ACR: readonly ClaimPath[] = [{ name: 'acr', steps: ['acr'] }];

/** Entra ID leaves groups out of a token when they are too many, and marks that in one of two ways. */
function hasOverage(claims: JsonObject): boolean {
  const names = asObject(findMember(claims, '_claim_names'));
  return (names !== undefined && findMember(names, 'groups') !== undefined) || findMember(claims, 'hasgroups') === true;
}

/** @param hidden paths whose claims count as missing, but fulfil no condition that asks for that either */
function readSlots(claims: JsonObject, paths: readonly ClaimPath[], hidden: readonly ClaimPath[]): readonly Json[] {
  const values: Json[] = [];
  for (let index = 0; index < paths.length; index++) {
    const path = paths[index];
    const claim = path === undefined ? undefined : findClaim(claims, path);
    const isHidden = claim !== undefined && path !== undefined && isAmongPaths(path, hidden);
    values.push(isHidden ? HIDDEN : (claim ?? NULL));
  }
  return values;
}

/** The seconds of `auth_time`; -1 when no time is there. */
function readAuthTime(claims: JsonObject): number {
  const number = asNumber(findMember(claims, 'auth_time'));
  return number === undefined || number.value < 0 ? -1 : number.value;
}

/**
 * Reads the identity out of the claims of a verified token. A claim that cannot be read counts as missing.
 * @param grant issuer, `sub` and scopes, which the core has checked already
 * @returns `email_unverified` where a header would hold an email that the token marks as unverified
 */
export function identify(
  claims: JsonObject,
  grant: { readonly issuer: string; readonly subject: string; readonly scopes: string },
  terms: IssuerTerms,
  policy: Policy,
  text: Text,
): Outcome<Identity> {
  const mapping = terms.claims;
  const hidden = unverifiedEmails(claims, terms, text);
  const emailUnverified = hidden.length > 0;
  if (policy.forwardsEmail && emailUnverified) return fail('email_unverified');
  const readName = (paths: readonly ClaimPath[]) => readText(claims, withoutPaths(paths, hidden), text);
  const readWords = (list: ListMapping) =>
    readWordList(claims, { paths: withoutPaths(list.paths, hidden), all: list.all }, text);
  const groups = readWords(mapping.groups);
  const known = {
    issuer: grant.issuer,
    subject: grant.subject,
    user: readName(mapping.user),
    email: readText(claims, mapping.email, text),
    emailUnverified,
    preferred_username: readName(mapping.preferredUsername),
    client: readName(mapping.client),
    scopes: grant.scopes,
    groups,
    groupsOverage: groups.length === 0 && hasOverage(claims),
    roles: readWords(mapping.roles),
    acr: readText(claims, ACR, text),
    authTime: readAuthTime(claims),
    hosts: terms.hosts,
    values: readSlots(claims, policy.claimPaths, hidden),
  };
  return succeed(Object.assign(known, { headers: forwardHeaders(known, policy.forward, text) }));
}
