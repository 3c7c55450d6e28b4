// The registered claims of a verified token (RFC 7519 §4.1): issuer, audience and times.
import { asNumber, asStrings, findMember, type JsonObject } from '../codec/json';
import type { Text } from '../ports/text';
import type { Grant } from './decision';
import { fail, succeed, type Outcome } from './outcome';
import type { Reason } from './reason';
import { readScopes } from './scope';
import type { Settings } from './settings';

/** Times beyond this are no times; up to it, adding the clock skew is exact. */
const MAX_NUMERIC_DATE = 9007199254740991;

/** RFC 7519 §2, NumericDate: seconds since the epoch, fractions allowed; undefined when the claim is not there. */
function readNumericDate(claims: JsonObject, name: string): Outcome<number | undefined> {
  const claim = findMember(claims, name);
  if (claim === undefined) return succeed(undefined);
  const number = asNumber(claim);
  if (number === undefined || number.value > MAX_NUMERIC_DATE || number.value < -MAX_NUMERIC_DATE) {
    return fail('claim_malformed');
  }
  return succeed(number.value);
}

function checkTimes(claims: JsonObject, skew: number, now: number): Reason | undefined {
  const expiry = readNumericDate(claims, 'exp');
  const notBefore = readNumericDate(claims, 'nbf');
  const issuedAt = readNumericDate(claims, 'iat');
  if (!expiry.ok) return expiry.reason;
  if (!notBefore.ok) return notBefore.reason;
  if (!issuedAt.ok) return issuedAt.reason;
  if (expiry.value === undefined) return 'expiry_missing';
  // RFC 7519 §4.1.4: on or after the expiry the token is not accepted.
  if (now >= expiry.value + skew) return 'expired';
  // RFC 7519 §4.1.5.
  if (notBefore.value !== undefined && now + skew < notBefore.value) return 'not_yet_valid';
  // RFC 7519 §4.1.6: a token out of the future is a wrong clock or a forgery.
  if (issuedAt.value !== undefined && now + skew < issuedAt.value) return 'issued_in_future';
  return undefined;
}

function checkIssuer(claims: JsonObject, expected: string): Reason | undefined {
  const issuer = findMember(claims, 'iss');
  if (issuer === undefined) return 'issuer_missing';
  if (typeof issuer !== 'string') return 'claim_malformed';
  return issuer === expected ? undefined : 'issuer_refused';
}

function checkAudience(claims: JsonObject, expected: readonly string[] | undefined): Reason | undefined {
  const claim = findMember(claims, 'aud');
  if (claim === undefined) return expected === undefined ? undefined : 'audience_missing';
  // RFC 7519 §4.1.3: one string or a list of strings.
  const audiences = typeof claim === 'string' ? [claim] : asStrings(claim);
  if (audiences === undefined) return 'claim_malformed';
  if (expected === undefined) return undefined;
  for (let index = 0; index < audiences.length; index++) {
    const audience = audiences[index];
    if (audience !== undefined && expected.indexOf(audience) >= 0) return undefined;
  }
  return 'audience_refused';
}

/** `sub` (RFC 7519 §4.1.2); empty when it is not there. It goes into headers, so it holds no control character. */
function readSubject(claims: JsonObject, text: Text): Outcome<string> {
  const subject = findMember(claims, 'sub');
  if (subject === undefined) return succeed('');
  if (typeof subject !== 'string' || text.hasControl(subject)) return fail('claim_malformed');
  return succeed(subject);
}

/**
 * Judges the claims of a token whose signature has been verified.
 * @param now seconds since the epoch
 * @returns what the token grants, or the first reason against it
 */
export function checkClaims(claims: JsonObject, settings: Settings, text: Text, now: number): Outcome<Grant> {
  const issuer = checkIssuer(claims, settings.issuer);
  if (issuer !== undefined) return fail(issuer);
  const audience = checkAudience(claims, settings.audiences);
  if (audience !== undefined) return fail(audience);
  const times = checkTimes(claims, settings.clockSkew, now);
  if (times !== undefined) return fail(times);
  const subject = readSubject(claims, text);
  if (!subject.ok) return subject;
  const scopes = readScopes(claims);
  if (!scopes.ok) return scopes;
  return succeed({ scopes: scopes.value, subject: subject.value, claims });
}
