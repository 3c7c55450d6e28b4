// A verification key in the core's form, the same for every source.
import type { AlgorithmName, KeyType } from './algorithm';

/** A public key: `spki` is the one form that every host can import. */
export interface PublicKey {
  readonly kind: 'public';
  /** `kid` (RFC 7517 §4.5); undefined for a key out of a PEM file or a JWK without one. */
  readonly kid: string | undefined;
  readonly type: KeyType;
  /** The algorithms that this key may verify: its type's, narrowed by its own `alg` and by the settings. */
  readonly algorithms: readonly AlgorithmName[];
  /** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in DER, as padded standard base64 on one line. */
  readonly spki: string;
  /** The issuer whose tokens alone it verifies, or the pattern of its tenants' issuers, where its provider binds it. */
  readonly issuer?: string;
  /** Length of the RSA modulus in bytes; 0 for the other types. */
  readonly modulusLength: number;
}

/** The shared secret of HS256, HS384 and HS512 (RFC 7518 §3.2). */
export interface SecretKey {
  readonly kind: 'secret';
  readonly kid: undefined;
  readonly type: 'oct';
  readonly algorithms: readonly AlgorithmName[];
  /** Its bytes, as padded standard base64. */
  readonly secret: string;
}

export type VerificationKey = PublicKey | SecretKey;
