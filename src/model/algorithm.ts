// The one table of JWS algorithms (RFC 7518 §3.1, RFC 8037 §3.1) and their requirements for keys.

export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** A key's family and, where there is one, its curve. */
export type KeyType = 'RSA' | 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | 'oct';

export type SignatureScheme = 'RSASSA-PKCS1-v1_5' | 'RSA-PSS' | 'ECDSA' | 'Ed25519' | 'HMAC';

/** The requirements of an algorithm. */
interface Traits {
  readonly scheme: SignatureScheme;
  readonly keyType: KeyType;
  readonly hash: HashName;
  /** Bytes in a signature; 0 where it is the length of the RSA modulus. */
  readonly signatureLength: number;
}

function algorithm<Name extends string>(
  name: Name,
  scheme: SignatureScheme,
  keyType: KeyType,
  hash: HashName,
  signatureLength: number,
): Traits & { readonly name: Name } {
  return { name, scheme, keyType, hash, signatureLength };
}

/** Every algorithm that this product knows; `none` is not one of them (RFC 8725 §3.2). */
const TABLE = [
  algorithm('RS256', 'RSASSA-PKCS1-v1_5', 'RSA', 'SHA-256', 0),
  algorithm('RS384', 'RSASSA-PKCS1-v1_5', 'RSA', 'SHA-384', 0),
  algorithm('RS512', 'RSASSA-PKCS1-v1_5', 'RSA', 'SHA-512', 0),
  algorithm('PS256', 'RSA-PSS', 'RSA', 'SHA-256', 0),
  algorithm('PS384', 'RSA-PSS', 'RSA', 'SHA-384', 0),
  algorithm('PS512', 'RSA-PSS', 'RSA', 'SHA-512', 0),
  algorithm('ES256', 'ECDSA', 'P-256', 'SHA-256', 64),
  algorithm('ES384', 'ECDSA', 'P-384', 'SHA-384', 96),
  algorithm('ES512', 'ECDSA', 'P-521', 'SHA-512', 132),
  algorithm('EdDSA', 'Ed25519', 'Ed25519', 'SHA-512', 64),
  algorithm('HS256', 'HMAC', 'oct', 'SHA-256', 32),
  algorithm('HS384', 'HMAC', 'oct', 'SHA-384', 48),
  algorithm('HS512', 'HMAC', 'oct', 'SHA-512', 64),
] as const;

export type AlgorithmName = (typeof TABLE)[number]['name'];

export interface Algorithm extends Traits {
  readonly name: AlgorithmName;
}

export const ALGORITHMS: readonly Algorithm[] = TABLE;

/** The names of the algorithms that use one of these schemes, in the order of the table. */
export function algorithmsOfSchemes(schemes: readonly SignatureScheme[]): readonly AlgorithmName[] {
  const names: AlgorithmName[] = [];
  for (let index = 0; index < ALGORITHMS.length; index++) {
    const candidate = ALGORITHMS[index];
    if (candidate !== undefined && schemes.indexOf(candidate.scheme) >= 0) names.push(candidate.name);
  }
  return names;
}

/**
 * The name that RFC 9864 §2.2 gives `EdDSA` with Ed25519, which is its one curve here. Both names mean the same signature, so a key or a list that has one has the other.
 */
export const FULLY_SPECIFIED = 'Ed25519';
const POLYMORPHIC: AlgorithmName = 'EdDSA';

/**
 * Looks an algorithm up by its exact, case-sensitive name (RFC 7515 §4.1.1), or by the one of RFC 9864.
 * @returns undefined for a name that is not in the table
 */
export function findAlgorithm(name: string): Algorithm | undefined {
  const known = name === FULLY_SPECIFIED ? POLYMORPHIC : name;
  for (let index = 0; index < ALGORITHMS.length; index++) {
    const candidate = ALGORITHMS[index];
    if (candidate?.name === known) return candidate;
  }
  return undefined;
}
