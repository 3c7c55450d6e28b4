// How the proxy proves to an issuer which client it is: plain data.
import type { SigningKey } from './signing-key';

/** By one of the client's secrets (RFC 6749 §2.3.1), or by a signature (RFC 7523 §2.2). */
export interface ClientCredentials {
  /** The whole Authorization field; undefined where the form has the secret. */
  readonly authorization?: string | undefined;
  /** What follows the parameters in the form; empty where the field has the secret. */
  readonly form: string;
  /** Signs the assertion that ends the form; undefined where a secret proves it. */
  readonly key?: SigningKey | undefined;
  /** Whom the assertion is for (RFC 7523 §3, `aud`); undefined: the token endpoint. */
  readonly audience?: string | undefined;
}
