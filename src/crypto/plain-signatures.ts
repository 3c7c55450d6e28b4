// Signature verification without any library (RFC 7515 §5.2): the signatures port in plain TypeScript.
import { decodeBase64Url } from '../codec/base64';
import { algorithmsOfSchemes, findAlgorithm, type SignatureScheme } from '../model/algorithm';
import type { VerificationKey } from '../model/key';
import type { Hash } from '../ports/hash';
import type { SignatureOutcome, Signatures, VerifyRequest } from '../ports/signatures';
import { verifyEcdsa } from './ecdsa';
import { verifyEd25519 } from './ed25519';
import { octetsOf } from './octets';
import type { Pause } from './pause';
import { readPublicKey, type ReadyKey, type Shared } from './public-key';
import type { SignedMessage } from './rsa';
import { verifyPkcs1 } from './rsa-pkcs1';
import { verifyPss } from './rsa-pss';

/** Whatever needs no secret. */
export const PLAIN_ALGORITHMS = algorithmsOfSchemes(['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA', 'Ed25519']);

/** Keys kept ready; a key set holds at most a hundred. */
const MAX_KEYS = 128;

/** @noSelf */
export interface PlainSignatures extends Signatures<SignatureOutcome> {
  /**
   * Makes a key ready, so that no request pays for it.
   * @returns why it cannot be used, in the operator's words; undefined when it can
   */
  prepare(key: VerificationKey): string | undefined;
  /** Drops every ready key that is not among these. */
  retain(keys: readonly VerificationKey[]): void;
  /** The same as `verify` for a signature that has been decoded into octets. */
  verifyOctets(request: VerifyRequest, signature: readonly number[]): SignatureOutcome;
}

/** A key's entry; `ready` is undefined for an unusable key. */
interface Entry {
  readonly ready: ReadyKey | undefined;
}

function check(scheme: SignatureScheme, key: ReadyKey, signed: SignedMessage, hash: Hash, pause: Pause): boolean {
  switch (scheme) {
    case 'RSASSA-PKCS1-v1_5':
      return key.kind === 'RSA' && verifyPkcs1(key, signed, hash, pause);
    case 'RSA-PSS':
      return key.kind === 'RSA' && verifyPss(key, signed, hash, pause);
    case 'ECDSA':
      if (key.kind !== 'ECDSA') return false;
      return verifyEcdsa(key, octetsOf(hash.digest(signed.hash, signed.message)), signed.signature, pause);
    case 'Ed25519':
      return key.kind === 'Ed25519' && verifyEd25519(key, signed.message, signed.signature, hash, pause);
    case 'HMAC':
      return false;
  }
}

/**
 * Makes the port. Keys are made ready once and kept, by their SubjectPublicKeyInfo.
 * @param hash SHA-2 of the host, or `plainHash`
 * @param pause called many times in each millisecond of computing; a host may let others run then, verifications too
 */
export function createPlainSignatures(hash: Hash, pause?: Pause): PlainSignatures {
  const rest: Pause = pause ?? (() => undefined);
  const shared: Shared = { curves: {}, base: undefined };
  let entries: Record<string, Entry> = {};
  let count = 0;

  function readyKey(spki: string, key: VerificationKey): ReadyKey | undefined {
    const known = entries[spki];
    if (known !== undefined) return known.ready;
    const ready = key.kind === 'public' ? readPublicKey(key, shared, rest) : undefined;
    // Old keys are those of key sets that have been replaced. Those still in use come back with their next token.
    if (count >= MAX_KEYS) {
      entries = {};
      count = 0;
    }
    entries[spki] = { ready };
    count += 1;
    return ready;
  }

  function prepare(key: VerificationKey): string | undefined {
    if (key.kind !== 'public' || readyKey(key.spki, key) !== undefined) return undefined;
    return 'a key of type ' + key.type + ' is not a point of its curve';
  }

  function retain(keys: readonly VerificationKey[]): void {
    const kept: Record<string, Entry> = {};
    count = 0;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index];
      const entry = key?.kind === 'public' ? entries[key.spki] : undefined;
      if (key?.kind !== 'public' || entry === undefined || kept[key.spki] !== undefined) continue;
      kept[key.spki] = entry;
      count += 1;
    }
    entries = kept;
  }

  function verifyOctets(request: VerifyRequest, signature: readonly number[]): SignatureOutcome {
    const algorithm = findAlgorithm(request.algorithm);
    const key = request.key;
    if (algorithm === undefined || key.kind !== 'public' || algorithm.keyType !== key.type) return 'unavailable';
    const ready = readyKey(key.spki, key);
    if (ready === undefined) return 'unavailable';
    const signed = { hash: algorithm.hash, message: request.signingInput, signature };
    return check(algorithm.scheme, ready, signed, hash, rest) ? 'valid' : 'invalid';
  }

  function verify(request: VerifyRequest): SignatureOutcome {
    const signature = decodeBase64Url(request.signature);
    return signature === undefined ? 'invalid' : verifyOctets(request, signature);
  }

  return { algorithms: PLAIN_ALGORITHMS, prepare, retain, verifyOctets, verify };
}
