// The detail that both hosts log for a token of another issuer or for another API (RFC 7519 §4.1.1, §4.1.3).
// INVARIANT: for the log alone, never for a client; and bounded, since a token may name anything.
import { asStrings, findMember, type Json, type JsonObject } from '../codec/json';
import { quoteNames } from '../codec/printable';
import type { Reason } from '../answer/reason';
import type { IssuerSettings } from '../model/settings';

function namesOf(claim: Json | undefined): readonly string[] {
  if (claim === undefined) return [];
  return typeof claim === 'string' ? [claim] : (asStrings(claim) ?? []);
}

/**
 * The value that the token has, and the values that are expected.
 * @param issuers those that it could come from
 * @returns undefined for a reason that is about neither issuer nor audience
 */
export function describeForeign(
  reason: Reason,
  claims: JsonObject,
  issuers: readonly IssuerSettings[],
): string | undefined {
  if (reason === 'issuer_refused' || reason === 'tenant_refused') {
    const wanted = issuers.map((issuer) => issuer.issuer);
    const end = reason === 'tenant_refused' ? ', of which `tenants` does not name this one' : '';
    return (
      'the `iss` of the token is ' +
      quoteNames(namesOf(findMember(claims, 'iss'))) +
      '; expected ' +
      quoteNames(wanted) +
      end
    );
  }
  if (reason !== 'audience_refused' && reason !== 'audience_missing') return undefined;
  const issuer = issuers[0];
  const wanted = issuer === undefined ? [] : (issuer.audiences ?? []);
  const given = namesOf(findMember(claims, 'aud'));
  const aud = given.length === 0 ? 'empty or missing' : quoteNames(given);
  return 'the `aud` of the token is ' + aud + '; expected ' + quoteNames(wanted);
}
