// The part of njs that jwtverify uses: common to every version, or not declared by njs-types yet.

/** An nginx request as njs hands it to a handler. */
export interface HttpRequest {
  /** Name and value of each header line as received, in order, nothing merged. */
  readonly rawHeadersIn: readonly (readonly [string, string])[];
  /** By name, whatever its case; nginx itself refuses a second `Authorization`. */
  readonly headersIn: Readonly<Record<string, string | undefined>>;
  readonly headersOut: Record<string, string | string[] | undefined>;
  readonly method: string;
  /** The body of a request to `js_content`; undefined without one. Raises when nginx has put it into a file. */
  readonly requestText?: string;
  /** The arguments of the query, decoded. */
  readonly args: Readonly<Record<string, string | string[] | undefined>>;
  /** Writing to a variable that the configuration does not declare raises. */
  readonly variables: Record<string, string | undefined>;
  /** Sends the whole response and ends the handler's part. */
  return(status: number, body?: string): void;
  /** Asks a location of the same server. */
  subrequest(
    uri: string,
    options: { readonly args: string; readonly method: string; readonly body: string },
  ): Promise<SubrequestReply>;
  /** The names of `js_var` variables that begin with `prefix` (njs 0.9.9, as `js_access`). */
  jsVarNames?(prefix: string): readonly string[];
}

/** The answer to a subrequest. */
export interface SubrequestReply {
  readonly status: number;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly headersOut: Readonly<Record<string, string | string[] | undefined>>;
  readonly responseBuffer?: BodyBytes;
}

/** A `Buffer`. */
export interface BodyBytes {
  readonly length: number;
  readonly [index: number]: number;
  indexOf(value: number): number;
  toString(encoding: 'base64url' | 'utf8'): string;
}

/** What `ngx.fetch` resolves with. */
export interface FetchReply {
  readonly status: number;
  readonly headers: { get(name: string): string | null | undefined };
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Sizes in bytes; `verify` is about TLS. */
export interface FetchOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly buffer_size: number;
  readonly max_response_body_size: number;
  readonly verify: boolean;
  readonly method?: string;
  readonly body?: string;
}

/** `ngx`: the parts for logging and fetching, and the shared dictionaries of njs 0.8.0 and later. */
export interface NginxObject {
  readonly INFO: number;
  readonly WARN: number;
  readonly ERR: number;
  log(level: number, message: string): void;
  fetch(url: string, options: FetchOptions): Promise<FetchReply>;
  readonly shared?: Readonly<Record<string, SharedDictionary | undefined>>;
  /** Where the configuration is (njs 0.8.0). */
  readonly conf_file_path?: string;
}

export interface SharedDictionary {
  /** Sets `key` unless it is there; false when it was. Raises when there is no room. @param timeout milliseconds (njs 0.8.5) */
  add(key: string, value: string, timeout?: number): boolean;
  /** Bytes. */
  readonly capacity: number;
  delete(key: string): boolean;
  /** Bytes of free pages. */
  freeSpace(): number;
  get(key: string): string | number | undefined;
  has(key: string): boolean;
  keys(maximum: number): readonly string[];
  /** Raises when there is no room. @param timeout milliseconds (njs 0.8.5) */
  set(key: string, value: string, timeout?: number): unknown;
  /** The number of entries. */
  size(): number;
}

/** A dictionary that was declared with `type=number`. */
export interface NumberDictionary {
  /** A text where the dictionary was declared otherwise. */
  get(key: string): string | number | undefined;
  /** Raises when there is no room, and for a dictionary of texts. @returns the sum */
  incr(key: string, delta: number): number;
  keys(maximum: number): readonly string[];
}

/** `njs`: the engine that runs this module. */
export interface EngineObject {
  /** `0x000709` for 0.7.9. */
  readonly version_number: number;
  readonly version: string;
  /** `QuickJS` or `njs`; undefined before 0.8.6. */
  readonly engine?: string;
}
