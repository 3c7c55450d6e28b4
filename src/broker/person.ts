// Who signed in: the claims of a verified ID token that name a person.
import { utf8Length } from '../codec/character';
import { findMember, type Json, type JsonObject } from '../codec/json';
import type { Text } from '../codec/text';
import { isTenant } from '../keys/issuer-pattern';
import { readText } from '../login/read-text';
import type { Person } from '../mint/token';
import type { BrokerProvider } from '../model/broker';
import type { Ask } from './ask';

/** RFC 5321 §4.5.3.1: the longest address, in bytes. */
const LONGEST_USER = 254;
/** Bytes. */
export const LONGEST_NAME = 256;

/** Who signed in, or why nobody has, for the log. */
export type PersonAnswer =
  { readonly ok: true; readonly person: Person } | { readonly ok: false; readonly detail: string };

function fault(detail: string): PersonAnswer {
  return { ok: false, detail };
}

/** A text of a bounded length in bytes, of one line; undefined for anything else. */
export function readLine(claims: JsonObject, name: string, most: number, text: Text): string | undefined {
  const value = readText(claims, name);
  return value === undefined || utf8Length(value, text) > most || text.hasControl(value) ? undefined : value;
}

/** OpenID Connect Core 1.0 §5.1: an address that nobody verified may be anybody's. */
function isUnverified(claims: JsonObject, name: string): boolean {
  return name === 'email' && findMember(claims, 'email_verified') !== true;
}

/** Further claims that the audience's tokens have. */
function copyClaims(claims: JsonObject, wanted: readonly string[]): Pick<Person, 'names' | 'values'> {
  const names: string[] = [];
  const values: Json[] = [];
  for (let index = 0; index < wanted.length; index++) {
    const name = wanted[index] ?? '';
    const value = findMember(claims, name);
    if (value === undefined || isUnverified(claims, name)) continue;
    names.push(name);
    values.push(value);
  }
  return { names, values };
}

/** The tenant; empty for none; undefined for one that may not have this token. */
function readTenant(provider: BrokerProvider, claims: JsonObject, ask: Ask, text: Text): string | undefined {
  const tenant = provider.tenantClaim === undefined ? '' : (readText(claims, provider.tenantClaim) ?? '');
  if (tenant !== '' && !isTenant(tenant, text)) return undefined;
  if (ask.tenant !== '' && tenant !== ask.tenant) return undefined;
  const allowed = ask.audience.tenants;
  return allowed === undefined || allowed.indexOf(tenant) >= 0 ? tenant : undefined;
}

/**
 * Names the person of an ID token.
 * @param claims verified
 */
export function identifyPerson(provider: BrokerProvider, claims: JsonObject, ask: Ask, text: Text): PersonAnswer {
  const present = provider.userClaims.find((name) => readText(claims, name) !== undefined);
  if (present === undefined) return fault('the ID token names no user');
  if (isUnverified(claims, present)) return fault('the email of the ID token is not verified');
  const user = readLine(claims, present, LONGEST_USER, text);
  // A segment of dots is another address of the admin service (RFC 3986 §5.2.4).
  if (user === undefined || user === '.' || user === '..') return fault('the user name is malformed');
  const tenant = readTenant(provider, claims, ask, text);
  if (tenant === undefined) return fault('the user is of another tenant');
  const name = readLine(claims, 'name', LONGEST_NAME, text) ?? '';
  const more = copyClaims(claims, ask.audience.claims);
  return {
    ok: true,
    person: {
      user,
      name,
      provider: provider.name,
      tenant,
      roles: [],
      names: more.names,
      values: more.values,
    },
  };
}
