// SHA-256 as a hash port, for what needs no other hash at start.
import type { Hash } from '../ports/hash';
import { bytesOf, octetsOf } from './octets';
import { sha256 } from './sha256';

/** INVARIANT: it has no other hash, and a digest that it has not is empty: no key is derived of that. */
export const plainSha256: Hash = {
  digest: (name, bytes) => (name === 'SHA-256' ? bytesOf(sha256(octetsOf(bytes))) : ''),
};
