// Private keys out of a PEM file (RFC 7468): PKCS#8, PKCS#1 and SEC 1, for every host as PKCS#8.
import { decodeBase64, encodeBase64 } from '../codec/base64';
import {
  CONTEXT_0,
  identifierOf,
  INTEGER,
  NULL,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  readElements,
  readSequence,
  SEQUENCE,
  sequenceOf,
  unsignedOf,
  writeElement,
} from '../codec/der';
import { readPem, type PemBlock } from '../codec/pem';
import { SEED_LENGTH } from '../crypto/ed25519-private';
import type { RsaPrivateNumbers } from '../crypto/rsa-private';
import type { KeyType } from '../model/algorithm';
import { CURVES, EC_PUBLIC_KEY, ED25519, RSA_ENCRYPTION, rsaMaterial } from './spki';

export interface PrivateKey {
  readonly type: KeyType;
  /** PrivateKeyInfo (RFC 5958 §2) in DER, as padded standard base64. */
  readonly pkcs8: string;
  /** The first certificate beside it in DER; undefined without one. */
  readonly certificate: readonly number[] | undefined;
}

export type PrivateKeyAnswer =
  { readonly ok: true; readonly value: PrivateKey } | { readonly ok: false; readonly problem: string };

const LABELS: readonly string[] = ['PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY'];
/** Octets of the shorter prime of a key of 2048 bits, at the very least. */
const LEAST_PRIME = 64;

function fault(problem: string): PrivateKeyAnswer {
  return { ok: false, problem };
}

/** The numbers of an RSAPrivateKey (RFC 8017 §A.1.2) with two primes; undefined for anything else. */
export function readRsaNumbers(bytes: readonly number[]): RsaPrivateNumbers | undefined {
  const parts = readSequence(bytes);
  if (parts?.length !== 9 || unsignedOf(parts[0])?.join('.') !== '0') return undefined;
  const n = unsignedOf(parts[1]);
  const e = unsignedOf(parts[2]);
  const p = unsignedOf(parts[4]);
  const q = unsignedOf(parts[5]);
  const dP = unsignedOf(parts[6]);
  const dQ = unsignedOf(parts[7]);
  const qInv = unsignedOf(parts[8]);
  if (n === undefined || e === undefined || p === undefined || q === undefined) return undefined;
  if (dP === undefined || dQ === undefined || qInv === undefined) return undefined;
  return { n, e, p, q, dP, dQ, qInv };
}

/** Whether a number is odd and long enough for a prime of a key. */
function mayBePrime(octets: readonly number[]): boolean {
  return octets.length >= LEAST_PRIME && (octets[octets.length - 1] ?? 0) % 2 === 1;
}

/** The key's parts of a PrivateKeyInfo (RFC 5958 §2), and the same key written anew. */
function createKey(type: KeyType, algorithm: readonly number[], key: readonly number[]): PrivateKeyAnswer {
  const version = writeElement(INTEGER, [0]);
  const parts = version.concat(writeElement(SEQUENCE, algorithm), writeElement(OCTET_STRING, key));
  return { ok: true, value: { type, pkcs8: encodeBase64(writeElement(SEQUENCE, parts)), certificate: undefined } };
}

function readRsa(key: readonly number[]): PrivateKeyAnswer {
  const numbers = readRsaNumbers(key);
  if (numbers === undefined) return fault('it is no RSA key of two primes');
  const material = rsaMaterial(numbers.n, numbers.e);
  if (!material.ok) return material;
  if (!mayBePrime(numbers.p) || !mayBePrime(numbers.q)) return fault('its primes are none');
  const identifier = writeElement(OBJECT_IDENTIFIER, RSA_ENCRYPTION).concat(writeElement(NULL, []));
  return createKey('RSA', identifier, key);
}

/** An ECPrivateKey (RFC 5915 §3) of a curve. */
function readEc(key: readonly number[], curveIdentifier: string | undefined): PrivateKeyAnswer {
  const curve = CURVES.find((candidate) => candidate.identifier.join('.') === curveIdentifier);
  const parts = readSequence(key);
  if (curve === undefined) return fault('its curve is not P-256, P-384 or P-521');
  if (parts?.[1]?.tag !== OCTET_STRING || parts[1].content.length !== curve.coordinateLength) {
    return fault('it is no private key of ' + curve.type);
  }
  const identifier = writeElement(OBJECT_IDENTIFIER, EC_PUBLIC_KEY);
  return createKey(curve.type, identifier.concat(writeElement(OBJECT_IDENTIFIER, curve.identifier)), key);
}

/** The seed that a CurvePrivateKey of Ed25519 holds (RFC 8410 §7); undefined for anything else. */
function readSeed(bytes: readonly number[]): readonly number[] | undefined {
  const elements = readElements(bytes);
  const first = elements?.length === 1 ? elements[0] : undefined;
  return first?.tag === OCTET_STRING && first.content.length === SEED_LENGTH ? first.content : undefined;
}

/** The same of a PrivateKeyInfo. @param pkcs8 its DER as padded base64 */
export function readPrivateSeed(pkcs8: string): readonly number[] | undefined {
  return readSeed(readSequence(decodeBase64(pkcs8) ?? [])?.[2]?.content ?? []);
}

/** A key of Ed25519. A public key beside it (RFC 5958 §2, version 2) is left out: it is computed from the seed. */
function readEd25519(key: readonly number[]): PrivateKeyAnswer {
  if (readSeed(key) === undefined) return fault('it is no private key of Ed25519');
  return createKey('Ed25519', writeElement(OBJECT_IDENTIFIER, ED25519), key);
}

/** The curve that an ECPrivateKey itself names. */
function curveOf(key: readonly number[]): string | undefined {
  const parts = readSequence(key) ?? [];
  const named = parts.find((part) => part.tag === CONTEXT_0);
  return named === undefined ? undefined : identifierOf(readElements(named.content)?.[0]);
}

function readPkcs8(bytes: readonly number[]): PrivateKeyAnswer {
  const parts = readSequence(bytes);
  const algorithm = parts === undefined ? undefined : sequenceOf(parts[1]);
  const key = parts?.[2];
  if (algorithm === undefined || key?.tag !== OCTET_STRING) return fault('it is not a PrivateKeyInfo');
  const identifier = identifierOf(algorithm[0]);
  if (identifier === RSA_ENCRYPTION.join('.')) return readRsa(key.content);
  if (identifier === EC_PUBLIC_KEY.join('.')) return readEc(key.content, identifierOf(algorithm[1]));
  if (identifier === ED25519.join('.')) return readEd25519(key.content);
  return fault('its type is not RSA, EC or Ed25519');
}

function readBlock(block: PemBlock): PrivateKeyAnswer {
  if (block.label === 'ENCRYPTED PRIVATE KEY') return fault('it is encrypted; give it without a passphrase');
  if (block.bytes === undefined) return fault('its body is not base64 (an encrypted key?), or its end line is missing');
  if (block.label === 'PRIVATE KEY') return readPkcs8(block.bytes);
  if (block.label === 'RSA PRIVATE KEY') return readRsa(block.bytes);
  return readEc(block.bytes, curveOf(block.bytes));
}

/**
 * Reads the private key of a PEM file, and the certificate beside it.
 * @returns a problem, in words that follow the file's name; never a part of the key
 */
export function readPrivateKey(content: string): PrivateKeyAnswer {
  const blocks = readPem(content);
  const keys = blocks.filter((block) => LABELS.indexOf(block.label) >= 0);
  const first = keys[0];
  if (first === undefined) return fault('has no private key in PEM (`-----BEGIN PRIVATE KEY-----`)');
  if (keys.length > 1) return fault('has more than one private key');
  const answer = readBlock(first);
  if (!answer.ok) return fault('cannot be used: ' + answer.problem);
  const certificate = blocks.find((block) => block.label === 'CERTIFICATE')?.bytes;
  return { ok: true, value: { type: answer.value.type, pkcs8: answer.value.pkcs8, certificate } };
}
