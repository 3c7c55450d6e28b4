// Deny lists: a token with an entry in one is refused at once, even if it was verified before (RFC 8725 has no revocation;
// RFC 7009 revokes at the issuer, which does not inform a gateway).
import { asArray, asNumber, findMember, type Json, type JsonObject } from '../codec/json';
import { composeLetters } from '../codec/composition';
import type { DenyList } from '../ports/deny-list';
import type { Text } from '../codec/text';
import { findClaim, isText } from '../claims/claim-path';
import type { ClaimPath } from '../model/policy';
import { bindTo, DENY_CLAIMS, ISSUED_BEFORE, isUnbroken } from './deny-entry';
import { isAmbiguous, spell } from './deny-spelling';
import { isIssuedBefore } from './deny-time';

/** The paths of the client unless a policy maps it: RFC 8693 §4.3, OpenID Connect Core 1.0 §2, Entra ID's v1.0. */
export const CLIENT_PATHS: readonly ClaimPath[] = [
  { name: 'client_id', steps: ['client_id'] },
  { name: 'azp', steps: ['azp'] },
  { name: 'appid', steps: ['appid'] },
];

/** The value of a claim in an entry: a string, or a number with its original text. */
function toValue(claim: Json | undefined): string | undefined {
  if (typeof claim === 'string') return claim;
  const number = asNumber(claim);
  return number?.text;
}

/** Adds the entries for a value. */
function addSpellings(entries: string[], kind: string, value: string, text: Text): void {
  const spellings = spell(value, text);
  for (let index = 0; index < spellings.length; index++) {
    const spelling = spellings[index] ?? '';
    // A `+` of theirs is a plus sign, and no blank.
    if (spelling !== value && isUnbroken(kind) && isAmbiguous(spelling, text)) continue;
    entries.push(kind + ':' + spelling);
  }
}

/** Adds the entries for a value, also as most editors write it, with letters and their marks in one character each. */
function addEntries(entries: string[], kind: string, value: string | undefined, text: Text): void {
  if (value === undefined || value === '') return;
  addSpellings(entries, kind, value, text);
  const composed = composeLetters(value, text);
  if (composed !== value) addSpellings(entries, kind, composed, text);
}

/** Adds the entries for a claim. Each member of a list denies it; no other check reads lists here. */
function addClaim(entries: string[], kind: string, claim: Json | undefined, text: Text): void {
  const list = asArray(claim);
  if (list === undefined) {
    addEntries(entries, kind, toValue(claim), text);
    return;
  }
  for (let index = 0; index < list.items.length; index++) addEntries(entries, kind, toValue(list.items[index]), text);
}

/**
 * Adds the client: the first text, which rules and headers use, and the values at the places before it.
 * INVARIANT: a place that cannot be read hides no client.
 */
function addClient(entries: string[], claims: JsonObject, places: readonly ClaimPath[], text: Text): void {
  for (let index = 0; index < places.length; index++) {
    const place = places[index];
    const claim = place === undefined ? undefined : findClaim(claims, place);
    addClaim(entries, 'client', claim, text);
    if (isText(claim, text)) return;
  }
}

/**
 * The entries that deny a token: `KIND:VALUE`, in each spelling of the value.
 * @param claims the claims of a verified token
 * @param clientPlaces the paths of the client in its issuer's tokens
 * @param kid the token's `kid`, or that of the key that verified it
 */
export function denialEntries(
  claims: JsonObject,
  clientPlaces: readonly ClaimPath[],
  kid: string | undefined,
  text: Text,
): readonly string[] {
  const entries: string[] = [];
  for (let index = 0; index < DENY_CLAIMS.length; index++) {
    const name = DENY_CLAIMS[index] ?? '';
    addClaim(entries, name, findMember(claims, name), text);
  }
  addClient(entries, claims, clientPlaces, text);
  addEntries(entries, 'kid', kid, text);
  return entries;
}

/** The entries by which an operator could deny a token, of its issuer alone or of any. */
export interface Denials {
  readonly entries: readonly string[];
  /** Those that deny it only if it was issued before the time beside them. */
  readonly timed: readonly string[];
  /** `iat`; undefined when the token does not say it. */
  readonly issued: number | undefined;
}

/** A token without an entry. */
export const NO_DENIALS: Denials = { entries: [], timed: [], issued: undefined };

function withBound(entries: readonly string[], prefix: string): readonly string[] {
  return entries.concat(entries.map((entry) => prefix + entry));
}

/** @param issuer the token's own */
export function denialsOf(
  claims: JsonObject,
  issuer: string,
  clientPlaces: readonly ClaimPath[],
  kid: string | undefined,
  text: Text,
): Denials {
  const prefix = bindTo(issuer, text);
  const timed: string[] = [];
  addClaim(timed, ISSUED_BEFORE, findMember(claims, 'sub'), text);
  return {
    entries: withBound(denialEntries(claims, clientPlaces, kid, text), prefix),
    timed: withBound(timed, prefix),
    issued: asNumber(findMember(claims, 'iat'))?.value,
  };
}

/** Whether any of a token's entries denies it. */
export function isDenied(denials: Denials, list: DenyList): boolean {
  const entries = denials.entries;
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (entry !== undefined && list.holds(entry)) return true;
  }
  for (let index = 0; index < denials.timed.length; index++) {
    const times = list.timesOf(denials.timed[index] ?? '');
    for (let place = 0; place < times.length; place++) {
      if (isIssuedBefore(denials.issued, times[place] ?? '')) return true;
    }
  }
  return false;
}
