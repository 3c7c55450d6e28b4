// The claims of the tokens that the broker mints, in the order of document 004's examples.
import { decodeBase64Url } from '../codec/base64';
import { wholeNumber, type Json } from '../codec/json';
import { formatJson } from '../codec/json-format';

/** Seconds for which a token counts that the broker itself shows to an admin service: it is used at once. */
export const INTERNAL_LIFETIME = 120;
/** The role of such a token. */
export const INTERNAL_ROLE = 'SYSTEM';

/** The person whom a token is about. */
export interface Person {
  readonly user: string;
  readonly name: string;
  readonly provider: string;
  /** Empty where the provider has no tenants. */
  readonly tenant: string;
  readonly roles: readonly string[];
  /** Further claims, under names that no claim here has. */
  readonly names: readonly string[];
  readonly values: readonly Json[];
}

const HEX = '0123456789abcdef';

/** 16 random octets as a UUID of version 4 (RFC 9562 §5.4). */
function formatUuid(octets: readonly number[]): string {
  const pieces: string[] = [];
  for (let index = 0; index < 16; index++) {
    const octet = octets[index] ?? 0;
    const marked = index === 6 ? 64 + (octet % 16) : index === 8 ? 128 + (octet % 64) : octet;
    if (index === 4 || index === 6 || index === 8 || index === 10) pieces.push('-');
    pieces.push(HEX.charAt(Math.floor(marked / 16)), HEX.charAt(marked % 16));
  }
  return pieces.join('');
}

/**
 * The claims of a token, as JSON.
 * @param lifetime seconds
 * @param random 16 random octets as base64url
 * @param now seconds since the epoch
 */
export function writeClaims(
  issuer: string,
  audience: string,
  person: Person,
  lifetime: number,
  random: string,
  now: number,
): string {
  const names: string[] = ['iss', 'jti', 'upn', 'aud', 'name', 'provider'];
  const id = formatUuid(decodeBase64Url(random) ?? []);
  const values: Json[] = [issuer, id, person.user, audience, person.name, person.provider];
  if (person.tenant !== '') {
    names.push('tenant');
    values.push(person.tenant);
  }
  names.push('iat', 'exp', 'roles');
  values.push(wholeNumber(now), wholeNumber(now + lifetime), { kind: 'array', items: person.roles });
  return formatJson({ kind: 'object', names: names.concat(person.names), values: values.concat(person.values) });
}
