// A verification key as the core knows it, whatever it was read from.
import type { AlgorithmName, KeyType } from './algorithm';

/** A public key: `spki` is the one form that every host can import. */
export interface PublicKey {
  readonly kind: 'public';
  /** `kid` (RFC 7517 §4.5); undefined for a key out of a PEM file or a JWK without one. */
  readonly kid: string | undefined;
  readonly type: KeyType;
  /** What this key may verify: its type's algorithms, narrowed by its own `alg` and by the settings. */
  readonly algorithms: readonly AlgorithmName[];
  /** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in DER, as padded standard base64 on one line. */
  readonly spki: string;
  /** Length of the RSA modulus in bytes; 0 for the other types. */
  readonly modulusLength: number;
}

/** The shared secret of HS256, HS384 and HS512 (RFC 7518 §3.2). */
export interface SecretKey {
  readonly kind: 'secret';
  readonly kid: undefined;
  readonly type: 'oct';
  readonly algorithms: readonly AlgorithmName[];
  readonly secret: string;
}

export type VerificationKey = PublicKey | SecretKey;
