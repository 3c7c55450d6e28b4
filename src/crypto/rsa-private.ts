// The RSA signature primitive RSASP1 (RFC 8017 §5.2.1) by the Chinese remainder theorem, on a blinded message. Each power
// takes the same multiplications for every exponent of a length, and no signature leaves that does not verify.
import { invertOctets } from './inverse';
import { copyLimbs, zeroLimbs, type Limbs } from './limbs';
import {
  addModulo,
  createModulus,
  formOf,
  multiplyModulo,
  readNumber,
  squareModulo,
  writeNumber,
  type Modulus,
} from './modulus';
import { bitOf, equalOctets } from './octets';
import type { Pause } from './pause';
import { createRsaKey, raise, recoverMessage, type RsaKey } from './rsa';

/** The numbers of an RSAPrivateKey with two primes (RFC 8017 §A.1.2), most significant octet first, no leading zeros. */
export interface RsaPrivateNumbers {
  readonly n: readonly number[];
  readonly e: readonly number[];
  readonly p: readonly number[];
  readonly q: readonly number[];
  /** d modulo p - 1, and modulo q - 1. */
  readonly dP: readonly number[];
  readonly dQ: readonly number[];
  /** 1 / q modulo p. */
  readonly qInv: readonly number[];
}

/** A modulus with what brings a longer number into its Montgomery form. */
interface Ring {
  readonly modulus: Modulus;
  /** The form of 1. */
  readonly one: Limbs;
  /** The form of 256^(length - 1): multiplying by it moves a number up by a chunk. */
  readonly shift: Limbs;
}

export interface RsaPrivateKey {
  readonly publicKey: RsaKey;
  readonly n: Ring;
  readonly p: Ring;
  readonly q: Ring;
  readonly dP: readonly number[];
  readonly dQ: readonly number[];
  readonly qInv: Limbs;
  /** The form of q modulo n. */
  readonly qForm: Limbs;
}

/** Bits of an exponent for one multiplication. */
const WINDOW = 4;

/** The random octets that blinding needs besides as many as n has: no rest modulo n is likelier than another. */
export const BLINDING_EXCESS = 8;

/** The Montgomery form of the number that octets spell. */
function read(octets: readonly number[], modulus: Modulus, pause: Pause): Limbs {
  return formOf(readNumber(octets, modulus), modulus, pause);
}

function createRing(modulus: Modulus, pause: Pause): Ring {
  const chunk: number[] = [1];
  while (chunk.length < modulus.length) chunk.push(0);
  return { modulus, one: read([1], modulus, pause), shift: read(chunk, modulus, pause) };
}

/** The form of a number of any length, between -2N and 2N: chunk by chunk, each shorter than N. */
function enter(octets: readonly number[], ring: Ring, pause: Pause): Limbs {
  const modulus = ring.modulus;
  const length = modulus.length - 1;
  const sum = zeroLimbs(modulus.size);
  for (let end = octets.length % length; end <= octets.length; end += length) {
    multiplyModulo(sum, sum, ring.shift, modulus, pause);
    const chunk = octets.slice(Math.max(0, end - length), end);
    addModulo(sum, 1, read(chunk, modulus, pause), modulus);
  }
  return sum;
}

/** The number of a form, as many octets as N has. */
function leave(form: Limbs, modulus: Modulus, pause: Pause): number[] {
  const plain = zeroLimbs(modulus.size);
  multiplyModulo(plain, form, readNumber([1], modulus), modulus, pause);
  return writeNumber(plain, modulus);
}

/**
 * Makes a key ready.
 * INVARIANT: n, e, p and q are odd, and p and q have two octets or more.
 */
export function createRsaPrivateKey(numbers: RsaPrivateNumbers, pause: Pause): RsaPrivateKey {
  const publicKey = createRsaKey(numbers.n, numbers.e, pause);
  const p = createRing(createModulus(numbers.p, pause), pause);
  const q = createRing(createModulus(numbers.q, pause), pause);
  return {
    publicKey,
    n: createRing(publicKey.modulus, pause),
    p,
    q,
    dP: numbers.dP,
    dQ: numbers.dQ,
    qInv: readNumber(numbers.qInv, p.modulus),
    qForm: read(numbers.q, publicKey.modulus, pause),
  };
}

/** A form to the power of a secret exponent, by windows of four bits: one multiplication for each, for zeros too. */
function raiseSecretly(form: Limbs, exponent: readonly number[], ring: Ring, pause: Pause): Limbs {
  const modulus = ring.modulus;
  const powers: Limbs[] = [ring.one];
  for (let index = 1; index < 2 ** WINDOW; index++) {
    const power = zeroLimbs(modulus.size);
    multiplyModulo(power, powers[index - 1] as Limbs, form, modulus, pause);
    powers.push(power);
  }
  const result = zeroLimbs(modulus.size);
  copyLimbs(result, ring.one, modulus.size);
  for (let low = modulus.length * 8 - WINDOW; low >= 0; low -= WINDOW) {
    let digit = 0;
    for (let bit = low + WINDOW - 1; bit >= low; bit--) {
      squareModulo(result, result, modulus, pause);
      digit = digit * 2 + bitOf(exponent, bit);
    }
    multiplyModulo(result, result, powers[digit] as Limbs, modulus, pause);
  }
  return result;
}

/** A number to the power of d modulo n, by its powers modulo p and q (§5.1.2, step 2b); between -n and 2n. */
function raiseByPrimes(key: RsaPrivateKey, octets: readonly number[], pause: Pause): Limbs {
  const p = key.p.modulus;
  const ofP = raiseSecretly(enter(octets, key.p, pause), key.dP, key.p, pause);
  const ofQ = leave(raiseSecretly(enter(octets, key.q, pause), key.dQ, key.q, pause), key.q.modulus, pause);
  addModulo(ofP, -1, enter(ofQ, key.p, pause), p);
  const quotient = zeroLimbs(p.size);
  multiplyModulo(quotient, ofP, key.qInv, p, pause);
  const n = key.n.modulus;
  const sum = zeroLimbs(n.size);
  multiplyModulo(sum, readNumber(writeNumber(quotient, p), n), key.qForm, n, pause);
  addModulo(sum, 1, readNumber(ofQ, n), n);
  return sum;
}

/**
 * Signs an encoded message.
 * @param message as long as n, and below it
 * @param random fresh random octets, `BLINDING_EXCESS` more than n has
 * @returns undefined when the result does not verify: the key's numbers do not belong together, or the machine erred
 */
export function signMessage(
  key: RsaPrivateKey,
  message: readonly number[],
  random: readonly number[],
  pause: Pause,
): number[] | undefined {
  const n = key.n.modulus;
  const factor = leave(enter(random, key.n, pause), n, pause);
  const blinded = zeroLimbs(n.size);
  multiplyModulo(blinded, readNumber(message, n), read(raise(key.publicKey, factor, pause), n, pause), n, pause);
  const power = raiseByPrimes(key, writeNumber(blinded, n), pause);
  multiplyModulo(power, power, read(invertOctets(factor, key.publicKey.n), n, pause), n, pause);
  const signature = writeNumber(power, n);
  const recovered = recoverMessage(key.publicKey, signature, pause);
  return recovered !== undefined && equalOctets(recovered, message) ? signature : undefined;
}
