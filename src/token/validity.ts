// The times in which a token may be used (RFC 7519 §4.1.4 to §4.1.6): read once, checked at each use of the token.
import { asNumber, findMember, type JsonObject } from '../codec/json';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { Reason } from '../answer/reason';

/** Seconds since the epoch, the clock skew already allowed for. */
export interface Validity {
  /** From here on the token has expired, or is older than its issuer's tokens may be. */
  readonly until: number;
  /** When it expires, where an age ends it before; undefined otherwise. */
  readonly expires?: number | undefined;
  /** Before this it is not valid yet. */
  readonly from: number;
  /** Before this it has not been issued. */
  readonly issued: number;
}

/** Times beyond this are refused; up to it, adding the clock skew is exact. */
const MAX_NUMERIC_DATE = 9007199254740991;

/** RFC 7519 §2, NumericDate: seconds since the epoch, fractions allowed; undefined when the claim is missing. */
function readNumericDate(claims: JsonObject, name: string): Outcome<number | undefined> {
  const claim = findMember(claims, name);
  if (claim === undefined) return succeed(undefined);
  const number = asNumber(claim);
  if (number === undefined || number.value > MAX_NUMERIC_DATE || number.value < -MAX_NUMERIC_DATE) {
    return fail('claim_malformed');
  }
  return succeed(number.value);
}

/**
 * Reads `exp`, `nbf` and `iat`.
 * @param clockSkew seconds of tolerance
 * @param maxAge seconds since `iat` for which a token is accepted; -1: any
 * @returns `claim_malformed`, `expiry_missing` or `issue_time_missing`
 */
export function readValidity(claims: JsonObject, clockSkew: number, maxAge: number): Outcome<Validity> {
  const expiry = readNumericDate(claims, 'exp');
  const notBefore = readNumericDate(claims, 'nbf');
  const issuedAt = readNumericDate(claims, 'iat');
  if (!expiry.ok) return expiry;
  if (!notBefore.ok) return notBefore;
  if (!issuedAt.ok) return issuedAt;
  if (expiry.value === undefined) return fail('expiry_missing');
  if (maxAge >= 0 && issuedAt.value === undefined) return fail('issue_time_missing');
  const expires = expiry.value + clockSkew;
  const aged = maxAge < 0 ? expires : (issuedAt.value ?? 0) + maxAge + clockSkew;
  return succeed({
    until: aged < expires ? aged : expires,
    expires: aged < expires ? expires : undefined,
    from: (notBefore.value ?? -MAX_NUMERIC_DATE) - clockSkew,
    issued: (issuedAt.value ?? -MAX_NUMERIC_DATE) - clockSkew,
  });
}

/** The reason against a token now; undefined when there is none. */
export function checkValidity(validity: Validity, now: number): Reason | undefined {
  // RFC 7519 §4.1.4: on or after the expiry the token is not accepted.
  if (now >= validity.until) {
    return validity.expires === undefined || now >= validity.expires ? 'expired' : 'token_too_old';
  }
  // RFC 7519 §4.1.5.
  if (now < validity.from) return 'not_yet_valid';
  // RFC 7519 §4.1.6: a token out of the future is a wrong clock or a forgery.
  return now < validity.issued ? 'issued_in_future' : undefined;
}
