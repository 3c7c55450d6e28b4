// A private key that the proxy signs with: plain data, a secret.
import type { AlgorithmName, KeyType } from './algorithm';

export interface SigningKey {
  readonly type: KeyType;
  readonly algorithm: AlgorithmName;
  /** The header of every JWS that it signs (RFC 7515 §4): JSON in base64url. */
  readonly header: string;
  /** PrivateKeyInfo (RFC 5958 §2) in DER, as padded standard base64 on one line. */
  readonly pkcs8: string;
}
