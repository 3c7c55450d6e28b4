// Issuers of which each tenant of a provider has one: `https://login.example/{tid}/v2.0`, and the tenant that one names.
import type { Tenancy } from '../model/settings';
import type { Text } from '../codec/text';

/** Longer names of tenants are refused. */
const MAX_TENANT_LENGTH = 128;

/**
 * Whether a value can be a tenant: letters and digits of ASCII, `-`, `_` and, but at its start, `.`: nothing that a URL or another
 * script could let look like something else.
 */
export function isTenant(value: string, text: Text): boolean {
  if (value === '' || value.charAt(0) === '.' || value.length > MAX_TENANT_LENGTH) return false;
  return text.isBase64UrlAlphabet(value.split('.').join(''));
}

/** What an issuer has in the place of the tenant; undefined for an issuer of another form. */
export function placeOfTenant(tenancy: Tenancy, issuer: string): string | undefined {
  const start = tenancy.before.length;
  const end = issuer.length - tenancy.after.length;
  if (end <= start || issuer.substring(0, start) !== tenancy.before || issuer.substring(end) !== tenancy.after) {
    return undefined;
  }
  return issuer.substring(start, end);
}

/** The tenant that an issuer of this form names; undefined for any other. */
export function tenantOf(tenancy: Tenancy, issuer: string, text: Text): string | undefined {
  const tenant = placeOfTenant(tenancy, issuer);
  return tenant !== undefined && isTenant(tenant, text) ? tenant : undefined;
}

/** Whether the tenant is one whose tokens are accepted. */
export function isListed(tenancy: Tenancy, tenant: string): boolean {
  return tenancy.tenants === undefined || tenancy.tenants.indexOf(tenant) >= 0;
}

/** The issuer of one tenant. */
export function issuerOf(tenancy: Tenancy, tenant: string): string {
  return tenancy.before + tenant + tenancy.after;
}

/** Whether a text is the pattern of these issuers; its placeholder may have any name. */
export function isPatternOf(tenancy: Tenancy, issuer: string, text: Text): boolean {
  const place = placeOfTenant(tenancy, issuer) ?? '';
  const last = place.length - 1;
  return place.charAt(0) === '{' && place.charAt(last) === '}' && isTenant(place.substring(1, last), text);
}

/** Whether a discovery document's `issuer` is one of these, or their pattern. */
export function isDocumentOf(tenancy: Tenancy, issuer: string, text: Text): boolean {
  const place = placeOfTenant(tenancy, issuer);
  if (place === undefined) return false;
  return isPatternOf(tenancy, issuer, text) || (isTenant(place, text) && isListed(tenancy, place));
}
