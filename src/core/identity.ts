// Who a verified token says is calling: what rules and headers need of it, computed once and kept as plain data.
import { asArray, asNumber, asObject, findMember, type Json, type JsonObject, type JsonNull } from '../codec/json';
import type { Caller } from './caller';
import { findClaim, findFirstClaim, type ClaimPath } from './claim-path';
import { forwardHeaders, type ForwardedHeader } from './forward';
import { fail, succeed, type Outcome } from './outcome';
import type { ClaimMapping, IssuerTerms, ListMapping, Policy } from './policy';
import type { Text } from '../ports/text';

/** A caller, with what the backend is told. */
export interface Identity extends Caller {
  /** All but the token itself. */
  readonly headers: readonly ForwardedHeader[];
}

/** What rules and hosts look at, once headers have been made. */
export type JudgedIdentity = Omit<Identity, 'issuer' | 'user' | 'preferred_username'>;

const NULL: JsonNull = { kind: 'null' };

/** One text; empty when it is not there, undefined when it is none or could break out of a header. */
function readText(claims: JsonObject, paths: readonly ClaimPath[], text: Text): string | undefined {
  const claim = findFirstClaim(claims, paths);
  if (claim === undefined) return '';
  return typeof claim === 'string' && !text.hasControl(claim) ? claim : undefined;
}

/** Adds the words of one claim: a string is one word, spaces and all; empty words count for nothing. */
function addWords(words: string[], claim: Json, text: Text): boolean {
  const list = asArray(claim);
  const items = list === undefined ? [claim] : list.items;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (typeof item !== 'string' || text.hasControl(item)) return false;
    if (item !== '' && words.indexOf(item) < 0) words.push(item);
  }
  return true;
}

function readWords(claims: JsonObject, mapping: ListMapping, text: Text): readonly string[] | undefined {
  const words: string[] = [];
  for (let index = 0; index < mapping.paths.length; index++) {
    const path = mapping.paths[index];
    const claim = path === undefined ? undefined : findClaim(claims, path);
    if (claim === undefined) continue;
    if (!addWords(words, claim, text)) return undefined;
    if (!mapping.all) break;
  }
  return words;
}

/** Entra ID leaves groups out of a token when they are too many, and says so in one of two ways. */
function hasOverage(claims: JsonObject): boolean {
  const names = asObject(findMember(claims, '_claim_names'));
  return (names !== undefined && findMember(names, 'groups') !== undefined) || findMember(claims, 'hasgroups') === true;
}

/** OpenID Connect Core 1.0 §5.1; some issuers write it as a string. */
function isUnverified(claims: JsonObject): boolean {
  const verified = findMember(claims, 'email_verified');
  return verified === false || verified === 'false';
}

function readSlots(claims: JsonObject, paths: readonly ClaimPath[]): readonly Json[] {
  const values: Json[] = [];
  for (let index = 0; index < paths.length; index++) {
    const path = paths[index];
    values.push((path === undefined ? undefined : findClaim(claims, path)) ?? NULL);
  }
  return values;
}

/** The seconds of `auth_time`; -1 when it is not there, undefined when it is no time. */
function readAuthTime(claims: JsonObject): number | undefined {
  const claim = findMember(claims, 'auth_time');
  if (claim === undefined) return -1;
  const number = asNumber(claim);
  return number === undefined || number.value < 0 ? undefined : number.value;
}

interface Fields {
  readonly user: string | undefined;
  readonly email: string | undefined;
  readonly preferredUsername: string | undefined;
  readonly client: string | undefined;
  readonly groups: readonly string[] | undefined;
  readonly roles: readonly string[] | undefined;
}

function readFields(claims: JsonObject, mapping: ClaimMapping, text: Text): Fields {
  return {
    user: readText(claims, mapping.user, text),
    email: readText(claims, mapping.email, text),
    preferredUsername: readText(claims, mapping.preferredUsername, text),
    client: readText(claims, mapping.client, text),
    groups: readWords(claims, mapping.groups, text),
    roles: readWords(claims, mapping.roles, text),
  };
}

const ACR: readonly ClaimPath[] = [{ name: 'acr', steps: ['acr'] }];

/**
 * Reads the identity out of the claims of a verified token.
 * @param grant issuer, `sub` and scopes, which the core has checked already
 * @returns `claim_malformed` for a mapped claim of another type or with a control character, `email_unverified`
 */
export function identify(
  claims: JsonObject,
  grant: { readonly issuer: string; readonly subject: string; readonly scopes: string },
  terms: IssuerTerms,
  policy: Policy,
  text: Text,
): Outcome<Identity> {
  const fields = readFields(claims, terms.claims, text);
  const acr = readText(claims, ACR, text);
  const authTime = readAuthTime(claims);
  if (fields.user === undefined || fields.email === undefined || fields.preferredUsername === undefined) {
    return fail('claim_malformed');
  }
  if (fields.client === undefined || fields.groups === undefined || fields.roles === undefined) {
    return fail('claim_malformed');
  }
  if (acr === undefined || authTime === undefined) return fail('claim_malformed');
  if (policy.usesEmail && !terms.takesUnverifiedEmail && isUnverified(claims)) return fail('email_unverified');
  const known = {
    issuer: grant.issuer,
    subject: grant.subject,
    user: fields.user,
    email: fields.email,
    preferred_username: fields.preferredUsername,
    client: fields.client,
    scopes: grant.scopes,
    groups: fields.groups,
    groupsOverage: fields.groups.length === 0 && hasOverage(claims),
    roles: fields.roles,
    acr,
    authTime,
    values: readSlots(claims, policy.claimPaths),
  };
  return succeed(withHeaders(known, policy, text));
}

function withHeaders(known: Omit<Identity, 'headers'>, policy: Policy, text: Text): Identity {
  return {
    issuer: known.issuer,
    subject: known.subject,
    user: known.user,
    email: known.email,
    preferred_username: known.preferred_username,
    client: known.client,
    scopes: known.scopes,
    groups: known.groups,
    groupsOverage: known.groupsOverage,
    roles: known.roles,
    acr: known.acr,
    authTime: known.authTime,
    values: known.values,
    headers: forwardHeaders(known, policy.forward, text),
  };
}
