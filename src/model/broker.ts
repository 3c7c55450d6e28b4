// The broker: the issuer that this proxy itself is. Plain data.

/** A document that anybody may read. */
export interface PublicDocument {
  /** Exactly as requests spell it. */
  readonly path: string;
  /** JSON. */
  readonly body: string;
}

export interface Broker {
  /** The key set (RFC 7517 §5) and the discovery document (OpenID Connect Discovery 1.0 §3). */
  readonly documents: readonly PublicDocument[];
}
