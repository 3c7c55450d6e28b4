// The hash port of HAProxy: its converter `sha2` inside a request, plain TypeScript outside of one.
import type { HashName } from '../../src/model/algorithm';
import { plainHash } from '../../src/crypto/plain-hash';
import type { Hash } from '../../src/ports/hash';
import { activeConverters } from './transaction';

const BITS: Readonly<Record<HashName, number>> = { 'SHA-256': 256, 'SHA-384': 384, 'SHA-512': 512 };

export const hash: Hash = {
  digest: (name, bytes) => activeConverters()?.sha2(bytes, BITS[name]) ?? plainHash.digest(name, bytes),
};
