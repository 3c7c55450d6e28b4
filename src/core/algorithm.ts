// The one table of JWS algorithms (RFC 7518 §3.1, RFC 8037 §3.1) and what each demands of a key.

export type AlgorithmName =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'HS256'
  | 'HS384'
  | 'HS512';

export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** A key's family and, where there is one, its curve. */
export type KeyType = 'RSA' | 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | 'oct';

export type SignatureScheme = 'RSASSA-PKCS1-v1_5' | 'RSA-PSS' | 'ECDSA' | 'Ed25519' | 'HMAC';

export interface Algorithm {
  readonly name: AlgorithmName;
  readonly scheme: SignatureScheme;
  readonly keyType: KeyType;
  readonly hash: HashName;
  /** Bytes in a signature; 0 where it is the length of the RSA modulus. */
  readonly signatureLength: number;
}

function algorithm(
  name: AlgorithmName,
  scheme: SignatureScheme,
  keyType: KeyType,
  hash: HashName,
  signatureLength: number,
): Algorithm {
  return { name, scheme, keyType, hash, signatureLength };
}

/** Every algorithm that this product knows; `none` is not one of them (RFC 8725 §3.2). */
export const ALGORITHMS: readonly Algorithm[] = [
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
];

/**
 * Looks an algorithm up by its exact, case-sensitive name (RFC 7515 §4.1.1).
 * @returns undefined for a name that is not in the table
 */
export function findAlgorithm(name: string): Algorithm | undefined {
  for (let index = 0; index < ALGORITHMS.length; index++) {
    const candidate = ALGORITHMS[index];
    if (candidate !== undefined && candidate.name === name) return candidate;
  }
  return undefined;
}
