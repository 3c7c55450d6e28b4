// Deny lists: what stands in one is refused at once, tokens verified before included (RFC 8725 does not know revocation;
// RFC 7009 revokes at the issuer, and a gateway has to be told).
import { findMember, type JsonObject } from '../codec/json';
import type { DenyList } from '../ports/deny-list';
import type { Text } from '../ports/text';

/** The claims that an operator can deny by (RFC 7519 §4.1.7 and §4.1.2, RFC 8693 §4.3, OpenID Connect Core 1.0 §2). */
const DENIABLE: readonly string[] = ['jti', 'sub', 'client_id', 'azp'];

/**
 * What of a token can stand in a deny list: `jti:VALUE`, `sub:VALUE`, `client_id:VALUE`, `azp:VALUE`, `kid:VALUE`.
 * @param claims the claims of a verified token
 * @param kid the token's `kid`, or that of the key that verified it
 */
export function denialEntries(claims: JsonObject, kid: string | undefined, text: Text): readonly string[] {
  const entries: string[] = [];
  for (let index = 0; index < DENIABLE.length; index++) {
    const name = DENIABLE[index] ?? '';
    const value = findMember(claims, name);
    if (typeof value === 'string' && value !== '' && !text.hasControl(value)) entries.push(name + ':' + value);
  }
  if (kid !== undefined && kid !== '' && !text.hasControl(kid)) entries.push('kid:' + kid);
  return entries;
}

/** Whether any of a token's entries is denied. */
export function isDenied(entries: readonly string[], list: DenyList): boolean {
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (entry !== undefined && list.holds(entry)) return true;
  }
  return false;
}
