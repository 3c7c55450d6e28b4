// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): the one form in which every host imports a key. Read strictly, always rebuilt.
import type { KeyType } from '../model/algorithm';
import { encodeBase64 } from '../codec/base64';
import {
  bitsOf,
  identifierOf,
  NULL,
  OBJECT_IDENTIFIER,
  readSequence,
  SEQUENCE,
  sequenceOf,
  unsignedOf,
  writeBits,
  writeElement,
  writeUnsigned,
  type Element,
} from '../codec/der';
import { isOnCurve, P256, P384, P521, type CurveEquation } from '../crypto/curve-point';
import { hasRocaForm } from './roca';

/** The key material of a public key, checked for type and size. */
export interface Material {
  readonly type: KeyType;
  /** DER as padded base64 on one line. */
  readonly spki: string;
  /** Bytes of the RSA modulus; 0 for the other types. */
  readonly modulusLength: number;
}

export type MaterialAnswer =
  { readonly ok: true; readonly value: Material } | { readonly ok: false; readonly problem: string };

export interface NamedCurve {
  readonly type: KeyType;
  /** The content bytes of the curve's OBJECT IDENTIFIER. */
  readonly identifier: readonly number[];
  readonly coordinateLength: number;
  readonly equation: CurveEquation;
}

/** RFC 5480 §2.1.1.1. */
export const CURVES: readonly NamedCurve[] = [
  { type: 'P-256', identifier: [42, 134, 72, 206, 61, 3, 1, 7], coordinateLength: 32, equation: P256 },
  { type: 'P-384', identifier: [43, 129, 4, 0, 34], coordinateLength: 48, equation: P384 },
  { type: 'P-521', identifier: [43, 129, 4, 0, 35], coordinateLength: 66, equation: P521 },
];

export const RSA_ENCRYPTION = [42, 134, 72, 134, 247, 13, 1, 1, 1]; // RFC 3279 §2.3.1
export const EC_PUBLIC_KEY = [42, 134, 72, 206, 61, 2, 1]; // RFC 5480 §2.1.1
export const ED25519 = [43, 101, 112]; // RFC 8410 §3
const UNCOMPRESSED = 4; // SEC 1 §2.3.3

/** RFC 7518 §3.3: 2048 bits or more. */
const MIN_MODULUS_BITS = 2048;
const MAX_MODULUS_BITS = 8192;
const MAX_EXPONENT_BYTES = 8;

function fault(problem: string): MaterialAnswer {
  return { ok: false, problem };
}

function withoutLeadingZeros(bytes: readonly number[]): readonly number[] {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start += 1;
  return bytes.slice(start);
}

function bitLength(bytes: readonly number[]): number {
  let top = bytes[0] ?? 0;
  let bits = (bytes.length - 1) * 8;
  while (top > 0) {
    top = Math.floor(top / 2);
    bits += 1;
  }
  return bits;
}

function isOdd(bytes: readonly number[]): boolean {
  return (bytes[bytes.length - 1] ?? 0) % 2 === 1;
}

function material(
  type: KeyType,
  identifier: readonly number[],
  bits: readonly number[],
  modulusLength: number,
): Material {
  const algorithm = writeElement(SEQUENCE, identifier);
  return { type, spki: encodeBase64(writeElement(SEQUENCE, algorithm.concat(writeBits(bits)))), modulusLength };
}

/**
 * An RSA public key from its modulus and exponent, most significant byte first (RFC 8017 §3.1).
 * @returns a problem for a size or an exponent that no JWS algorithm should be used with
 */
export function rsaMaterial(modulus: readonly number[], exponent: readonly number[]): MaterialAnswer {
  const n = withoutLeadingZeros(modulus);
  const e = withoutLeadingZeros(exponent);
  const bits = bitLength(n);
  if (bits < MIN_MODULUS_BITS) return fault('its RSA modulus has ' + bits.toString() + ' bits; 2048 is the least');
  if (bits > MAX_MODULUS_BITS) return fault('its RSA modulus has ' + bits.toString() + ' bits; 8192 is the most');
  if (!isOdd(n)) return fault('its RSA modulus is even');
  if (e.length > MAX_EXPONENT_BYTES || !isOdd(e) || (e.length === 1 && e[0] === 1)) {
    return fault('its RSA exponent is not an odd number from 3 to 64 bits');
  }
  if (hasRocaForm(n)) return fault('its private key can be computed from it (CVE-2017-15361); make a new key');
  const identifier = writeElement(OBJECT_IDENTIFIER, RSA_ENCRYPTION).concat(writeElement(NULL, []));
  const key = writeElement(SEQUENCE, writeUnsigned(n).concat(writeUnsigned(e)));
  return { ok: true, value: material('RSA', identifier, key, n.length) };
}

/** An elliptic curve key from its coordinates, each of the curve's full length (RFC 7518 §6.2.1). */
export function ecMaterial(type: string, x: readonly number[], y: readonly number[]): MaterialAnswer {
  for (let index = 0; index < CURVES.length; index++) {
    const curve = CURVES[index];
    if (curve?.type !== type) continue;
    if (x.length !== curve.coordinateLength || y.length !== curve.coordinateLength) {
      return fault('its coordinates do not have the length of ' + curve.type);
    }
    if (!isOnCurve(curve.equation, x, y)) return fault('its point is not on the curve ' + curve.type);
    const identifier = writeElement(OBJECT_IDENTIFIER, EC_PUBLIC_KEY);
    const named = identifier.concat(writeElement(OBJECT_IDENTIFIER, curve.identifier));
    return { ok: true, value: material(curve.type, named, [UNCOMPRESSED].concat(x, y), 0) };
  }
  return fault('its curve is not P-256, P-384 or P-521');
}

/** An Ed25519 key from its 32 bytes (RFC 8037 §2). */
export function edMaterial(x: readonly number[]): MaterialAnswer {
  if (x.length !== 32) return fault('its Ed25519 key does not have 32 bytes');
  return { ok: true, value: material('Ed25519', writeElement(OBJECT_IDENTIFIER, ED25519), x, 0) };
}

/** The RSAPublicKey structure of PKCS#1 (RFC 8017 A.1.1). */
export function readPkcs1(bytes: readonly number[]): MaterialAnswer {
  const parts = readSequence(bytes);
  const modulus = parts === undefined ? undefined : unsignedOf(parts[0]);
  const exponent = parts === undefined ? undefined : unsignedOf(parts[1]);
  if (parts?.length !== 2 || modulus === undefined || exponent === undefined) {
    return fault('it is not a PKCS#1 public key');
  }
  return rsaMaterial(modulus, exponent);
}

function readEcPoint(curveIdentifier: string | undefined, point: readonly number[]): MaterialAnswer {
  for (let index = 0; index < CURVES.length; index++) {
    const curve = CURVES[index];
    if (curve === undefined || curve.identifier.join('.') !== curveIdentifier) continue;
    if (point[0] !== UNCOMPRESSED) return fault('its point is not in uncompressed form');
    const middle = 1 + curve.coordinateLength;
    return ecMaterial(curve.type, point.slice(1, middle), point.slice(middle));
  }
  return fault('its curve is not P-256, P-384 or P-521');
}

/**
 * Reads a SubjectPublicKeyInfo in DER.
 * @returns a problem, in words that follow "the key cannot be used: ", for anything but RSA, P-256, P-384, P-521, Ed25519
 */
export function readSpki(bytes: readonly number[]): MaterialAnswer {
  return readSpkiElements(readSequence(bytes));
}

/** The same for the elements of a SubjectPublicKeyInfo inside a certificate. */
export function readSpkiElements(parts: readonly Element[] | undefined): MaterialAnswer {
  const algorithm = parts === undefined ? undefined : sequenceOf(parts[0]);
  const bits = parts === undefined ? undefined : bitsOf(parts[1]);
  if (parts?.length !== 2 || algorithm === undefined || bits === undefined) {
    return fault('it is not a SubjectPublicKeyInfo');
  }
  const identifier = identifierOf(algorithm[0]);
  if (identifier === RSA_ENCRYPTION.join('.')) return readPkcs1(bits);
  if (identifier === EC_PUBLIC_KEY.join('.')) return readEcPoint(identifierOf(algorithm[1]), bits);
  if (identifier === ED25519.join('.')) return edMaterial(bits);
  return fault('its type is not RSA, EC or Ed25519');
}
