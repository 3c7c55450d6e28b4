// The hash port in plain TypeScript, for a host without SHA-2 of its own.
import type { HashName } from '../model/algorithm';
import type { Hash } from '../ports/hash';
import { bytesOf, octetsOf } from './octets';
import { sha256 } from './sha256';
import { sha384, sha512 } from './sha512';

const FUNCTIONS: Readonly<Record<HashName, (octets: readonly number[]) => number[]>> = {
  'SHA-256': sha256,
  'SHA-384': sha384,
  'SHA-512': sha512,
};

/** SHA-2 without any host: milliseconds for a token. */
export const plainHash: Hash = {
  digest: (name, bytes) => bytesOf(FUNCTIONS[name](octetsOf(bytes))),
};
