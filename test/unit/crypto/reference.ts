// What plain arithmetic is compared with: BigInt and node:crypto.
import { createHash, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { AlgorithmName, KeyType } from '../../../src/model/algorithm';
import type { PublicKey } from '../../../src/model/key';
import type { Limbs } from '../../../src/crypto/limbs';
import type { Hash } from '../../../src/ports/hash';

export function numberOf(octets: readonly number[]): bigint {
  return BigInt(`0x${Buffer.from(octets).toString('hex') || '0'}`);
}

export function octetsOfNumber(value: bigint, length: number): number[] {
  return [...Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')];
}

/** The value of limbs, carried or not. */
export function valueOf(limbs: Limbs, size: number, bits: number): bigint {
  let value = 0n;
  for (let index = size; index >= 1; index -= 1) value = (value << BigInt(bits)) + BigInt(limbs[index] ?? NaN);
  return value;
}

export function modulo(value: bigint, modulus: bigint): bigint {
  return ((value % modulus) + modulus) % modulus;
}

export function randomBelow(limit: bigint): bigint {
  return numberOf([...randomBytes(limit.toString(16).length / 2 + 8)]) % limit;
}

/** Numbers at the edges of [0, limit), and some in between. */
export function samplesBelow(limit: bigint): bigint[] {
  const edges = [0n, 1n, 2n, limit - 1n, limit - 2n, limit >> 1n, (limit >> 1n) + 1n];
  return [...edges, ...Array.from({ length: 20 }, () => randomBelow(limit))];
}

export const nodeHash: Hash = {
  digest: (name, bytes) => createHash(name.replace('-', '')).update(bytes, 'latin1').digest().toString('latin1'),
};

export function keyOf(key: KeyObject, type: KeyType, algorithm: AlgorithmName): PublicKey {
  const spki = key.export({ type: 'spki', format: 'der' }).toString('base64');
  const modulusLength = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  return {
    kind: 'public',
    kid: undefined,
    type,
    algorithms: [algorithm],
    spki,
    modulusLength: Math.ceil(modulusLength),
  };
}

export const noPause = (): void => undefined;
