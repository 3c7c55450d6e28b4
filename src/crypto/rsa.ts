// The RSA verification primitive RSAVP1 (RFC 8017 §5.2.2).
import type { HashName } from '../model/algorithm';
import { copyLimbs, zeroLimbs } from './limbs';
import { createModulus, formOf, multiplyModulo, readNumber, squareModulo, writeNumber, type Modulus } from './modulus';
import { bitOf, compareOctets, countBits } from './octets';
import type { Pause } from './pause';

/** An RSA public key (RFC 8017 §3.1), made ready. */
export interface RsaKey {
  readonly kind: 'RSA';
  /** Most significant octet first, no leading zeros. */
  readonly n: readonly number[];
  readonly e: readonly number[];
  readonly bits: number;
  readonly modulus: Modulus;
}

/** What a signature is checked against. */
export interface SignedMessage {
  readonly hash: HashName;
  /** A byte string. */
  readonly message: string;
  readonly signature: readonly number[];
}

/**
 * Makes a key ready. INVARIANT: n and e are odd, and e is 3 or more; the core accepts no other key.
 */
export function createRsaKey(n: readonly number[], e: readonly number[], pause: Pause): RsaKey {
  return { kind: 'RSA', n, e, bits: countBits(n), modulus: createModulus(n, pause) };
}

/** A number to the power of e modulo n, as long as n. @param octets as long as n, and below it */
export function raise(key: RsaKey, octets: readonly number[], pause: Pause): number[] {
  const modulus = key.modulus;
  const base = readNumber(octets, modulus);
  const form = formOf(base, modulus, pause);
  const power = zeroLimbs(modulus.size);
  copyLimbs(power, form, modulus.size);
  for (let bit = countBits(key.e) - 2; bit >= 1; bit--) {
    squareModulo(power, power, modulus, pause);
    if (bitOf(key.e, bit) === 1) multiplyModulo(power, power, form, modulus, pause);
  }
  squareModulo(power, power, modulus, pause);
  // The last bit is always 1, and multiplying by the plain base also leaves Montgomery form.
  multiplyModulo(power, power, base, modulus, pause);
  return writeNumber(power, modulus);
}

/**
 * The encoded message that a signature was made of: s^e modulo n, as long as n.
 * @returns undefined for a signature of another length or not below n (§8.1.2 and §8.2.2, steps 1 and 2)
 */
export function recoverMessage(key: RsaKey, signature: readonly number[], pause: Pause): number[] | undefined {
  if (signature.length !== key.n.length || compareOctets(signature, key.n) >= 0) return undefined;
  return raise(key, signature, pause);
}
