// What a host can get over HTTP for the core: one GET, no redirect followed, bounded in time and size.

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

/**
 * An HTTP client. `Answer` is `HttpAnswer` on HAProxy and a promise of one on nginx. TLS is verified.
 * @noSelf
 */
export interface HttpClient<Answer> {
  /** Gets a URL with `Accept: application/json` and no content coding. */
  get(url: string): Answer;
}
