// The digests of OpenID Connect and PKCE: SHA-2 of ASCII, or its left half, as base64url.
import { encodeBase64Url } from '../codec/base64';
import { octetsOf } from '../crypto/octets';
import type { HashName } from '../model/algorithm';
import type { Hash } from '../ports/hash';

function encode(bytes: string): string {
  return encodeBase64Url(octetsOf(bytes));
}

/** RFC 7636 §4.2: the S256 challenge of a verifier. */
export function challengeOf(verifier: string, hash: Hash): string {
  return encode(hash.digest('SHA-256', verifier));
}

/** OpenID Connect Core 1.0 §3.1.3.6 and §3.3.2.11: `at_hash` and `c_hash`. @param name the hash of the ID token's algorithm */
export function halfDigest(value: string, name: HashName, hash: Hash): string {
  const digest = hash.digest(name, value);
  return encode(digest.substring(0, digest.length / 2));
}

/** A name for a session that nobody can guess who does not have its verifier. */
export function sessionIdOf(verifier: string, hash: Hash): string {
  return encode(hash.digest('SHA-256', 'session ' + verifier).substring(0, 16));
}
