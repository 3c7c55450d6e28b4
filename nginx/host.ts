// What jwtverify uses of njs: the little that every version has, and what njs-types does not declare yet.

/** An nginx request as njs hands it to a handler. */
export interface HttpRequest {
  /** Name and value of each header line as received, in order, nothing merged. */
  readonly rawHeadersIn: readonly (readonly [string, string])[];
  readonly headersOut: Record<string, string | string[] | undefined>;
  /** Writing to a variable that the configuration does not declare raises. */
  readonly variables: Record<string, string | undefined>;
  /** Sends the whole response and ends the handler's part. */
  return(status: number, body?: string): void;
  /** The names of `js_var` variables that begin with `prefix` (njs 0.9.9, as `js_access`). */
  jsVarNames?(prefix: string): readonly string[];
}

/** `ngx`: the parts for logging, and the shared dictionaries of njs 0.8.0 and later. */
export interface NginxObject {
  readonly INFO: number;
  readonly WARN: number;
  readonly ERR: number;
  log(level: number, message: string): void;
  readonly shared?: Readonly<Record<string, SharedDictionary | undefined>>;
}

export interface SharedDictionary {
  /** Sets `key` unless it is there; false when it was. Raises when there is no room. */
  add(key: string, value: string): boolean;
  get(key: string): string | number | undefined;
  /** Raises when there is no room. */
  set(key: string, value: string): unknown;
}

/** `njs`: which engine runs us. */
export interface EngineObject {
  /** `0x000709` for 0.7.9. */
  readonly version_number: number;
  readonly version: string;
  /** `QuickJS` or `njs`; undefined before 0.8.6. */
  readonly engine?: string;
}
