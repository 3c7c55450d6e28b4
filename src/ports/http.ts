// What a host can get over HTTP for the core: one request, no redirect followed, bounded in time and size.

/** An answer, or why there is none. The body is text that is known to be valid UTF-8. */
export type HttpAnswer =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body: string;
      /** The `Cache-Control` field; empty when there is none. */
      readonly cacheControl: string;
      /** The `Content-Encoding` field; empty when there is none. */
      readonly contentEncoding: string;
    }
  | { readonly ok: false; readonly problem: string };

/** A request whose body asks (RFC 9110 §9.3.3). */
export interface HttpQuestion {
  readonly url: string;
  /** The `Authorization` field. */
  readonly authorization: string;
  readonly contentType: string;
  readonly body: string;
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
 * Asks an issuer about a token (RFC 7662 §2). `Answer` is as an `HttpClient` has it. TLS is verified.
 * @noSelf
 */
export interface Introspector<Answer> {
  /** Posts with `Accept: application/json` and no content coding. */
  post(question: HttpQuestion): Answer;
}
