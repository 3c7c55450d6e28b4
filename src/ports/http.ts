// The host's HTTP client: one request, no redirect followed, bounded in time and size.

/** An answer, or the problem in its place. The body is text that is known to be valid UTF-8. */
export type HttpAnswer =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body: string;
      /** The `Cache-Control` field; empty when there is none. */
      readonly cacheControl: string;
      /** The `Content-Encoding` field; empty when there is none. */
      readonly contentEncoding: string;
      /** The `Content-Type` field; empty when there is none. */
      readonly contentType: string;
    }
  | { readonly ok: false; readonly problem: string };

/** A request whose body asks (RFC 9110 §9.3.3), or one of a caller who names itself. */
export interface HttpQuestion {
  readonly url: string;
  /** The `Authorization` field; undefined where the body says who asks. */
  readonly authorization: string | undefined;
  /** Of the body. */
  readonly contentType: string;
  /** Undefined: the URL asks, with GET. */
  readonly body: string | undefined;
  /**
   * Whether it has a code or a refresh token. INVARIANT: a host asks it once. An issuer that gets one twice takes back all
   * that it gave for it (RFC 6749 §4.1.2, RFC 9700 §4.14.2).
   */
  readonly isOnce?: boolean | undefined;
}

/**
 * An HTTP client. `Answer` is `HttpAnswer` on HAProxy and a promise of one on nginx. TLS is verified.
 * @noSelf
 */
export interface HttpClient<Answer> {
  /** Gets a URL with `Accept: application/json` and no content coding. */
  get(url: string): Answer;
}

/**
 * Asks an issuer about a token (RFC 7662 §2). `Answer` is that of `HttpClient`. TLS is verified.
 * @noSelf
 */
export interface Introspector<Answer> {
  /** Posts, or gets what has no body, with `Accept: application/json` and no content coding. */
  post(question: HttpQuestion): Answer;
}
