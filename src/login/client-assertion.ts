// What a client that has a key proves itself with (RFC 7523 §3, OpenID Connect Core 1.0 §9): its claims.
import { wholeNumber } from '../codec/json';
import { formatJson } from '../codec/json-format';

/** Seconds for which an assertion is good: it is used at once, and once. */
const LIFETIME = 60;

/**
 * The claims of an assertion.
 * @param audience the token endpoint, or the issuer where it wants that
 * @param random never used before: no assertion counts twice (RFC 7523 §3, `jti`)
 */
export function writeAssertion(clientId: string, audience: string, random: string, now: number): string {
  return formatJson({
    kind: 'object',
    names: ['iss', 'sub', 'aud', 'jti', 'iat', 'nbf', 'exp'],
    values: [clientId, clientId, audience, random, wholeNumber(now), wholeNumber(now), wholeNumber(now + LIFETIME)],
  });
}
