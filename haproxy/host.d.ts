// The part of HAProxy's Lua API (2.6 to 3.4) that is used here, and no more.

/** A value that a HAProxy variable can hold. */
type VariableValue = string | number | boolean;

/** @noSelf */
interface Core {
  /** 0 in the state that all threads share, otherwise the number of the thread whose state this is. */
  readonly thread: number;
  readonly err: number;
  readonly notice: number;
  readonly info: number;
  log(level: number, message: string): void;
  register_init(run: () => void): void;
  register_action(name: string, phases: readonly string[], run: (txn: Txn) => void, parameters: number): void;
  register_converters(name: string, convert: (input: string, parameter: string) => boolean): void;
  register_fetches(name: string, fetch: () => boolean): void;
  register_service(name: string, mode: 'http', run: (applet: HttpApplet) => void): void;
  /** Runs beside the traffic, from now on or, while HAProxy starts, once it has started; not at all under `-c`. */
  register_task(run: () => void): void;
  /** A command of the runtime CLI: its words, a line of help, what it does. */
  register_cli(words: readonly string[], help: string, run: (applet: CliApplet) => void): void;
  /** The time at which HAProxy's scheduler came round. */
  now(): { readonly sec: number; readonly usec: number };
  /** Suspends the running action or task. */
  msleep(milliseconds: number): void;
  /** The values of the runtime CLI's `show info`. */
  get_info(): Readonly<Record<string, string | number | undefined>>;
  /** Sets an entry of a list, for every Lua state at once. @param list its path */
  set_map(list: string, entry: string, value: string): void;
  del_map(list: string, entry: string): void;
  /** Undefined where HAProxy has none. To be called in an action or a task. */
  httpclient(): HttpClientObject | undefined;
  /** A list by its path, which can be read through and watched: HAProxy 3.2 and later. */
  readonly get_patref?: (path: string) => PatternReference | undefined;
}

/** A list that the runtime CLI can change. */
interface PatternReference extends LuaPairsIterable<string, string> {
  /** Runs beside the traffic at each event of these. */
  event_sub(events: readonly string[], run: () => void): void;
}

interface CliApplet {
  send(text: string): void;
}

/** Answers a request in the place of a server. */
interface HttpApplet {
  readonly c: Converters;
  readonly f: Fetches;
  readonly method: string;
  /** Without the query, and of an absolute target without the authority. */
  readonly path: string;
  /** The text after the `?`; undefined when there is none. */
  readonly qs: string | undefined;
  /** By name in small letters; the lines of each are counted from 0. */
  readonly headers: Readonly<Record<string, LuaTable<number, string> | undefined>>;
  get_var(name: string): VariableValue | undefined;
  set_var(name: string, value: VariableValue): boolean;
  unset_var(name: string): void;
  set_status(status: number): void;
  add_header(name: string, value: string): void;
  start_response(): void;
  send(body: string): void;
  /** The whole body. Waits for it. */
  receive(): string;
}

/** For one request only. */
interface HttpClientObject {
  /** Suspends the task until the whole answer is there; raises when it cannot begin, as with a malformed URL. */
  get(request: HttpClientRequest): HttpClientResponse;
  post(request: HttpClientRequest): HttpClientResponse;
}

interface HttpClientRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body?: string;
  /** Milliseconds of silence after which a try is given up; HAProxy tries four times in all. */
  readonly timeout: number;
}

interface HttpClientResponse {
  /** 0 when there was no answer at all. */
  readonly status: number;
  readonly body: string;
  /** By name in lower case; the values of each are counted from 0. */
  readonly headers: Readonly<Record<string, LuaTable<number, string>>>;
}

/** A list that the runtime CLI can change; the same one in every Lua state. */
interface HaproxyMap {
  /** The value beside an entry; undefined when there is no such entry. */
  lookup(entry: string): string | undefined;
}

/** @noSelf */
interface HaproxyMapClass {
  readonly _str: number;
  /** To be called while HAProxy starts. */
  'new'(path: string, method: number): HaproxyMap;
}

declare const core: Core;

/** HAProxy's converters, in C. They return undefined when they cannot convert. */
interface Converters {
  ub64dec(text: string): string | undefined;
  ub64enc(bytes: string): string | undefined;
  b64dec(text: string): string | undefined;
  base64(bytes: string): string | undefined;
  /** Encrypts under a key and a nonce in base64, which variables hold, and sets a third one to the tag. HAProxy 3.0 and later. */
  readonly aes_gcm_enc?: (bytes: string, bits: number, nonce: string, key: string, tag: string) => string | undefined;
  /** Undefined when the tag is wrong. */
  aes_gcm_dec(bytes: string, bits: number, nonce: string, key: string, tag: string): string | undefined;
  hmac(data: string, algorithm: string, keyBase64: string): string | undefined;
  sha2(data: string, bits: number): string | undefined;
  /**
   * 1 when a token's signature is good, 0 when it is not, below zero when it cannot be checked.
   * Loads the key's file unless a converter in the configuration has: call it only for a file that one names.
   */
  jwt_verify(token: string, algorithm: string, path: string): number | undefined;
}

/** HAProxy's sample fetches. */
interface Fetches {
  /** The client's address; undefined on a UNIX socket. */
  src(): string | undefined;
  method(): string | undefined;
  /** The request target; of HTTP/2 and after, in absolute-form. */
  url(): string | undefined;
  /** The names of all header lines in small letters, with a separator between each. */
  req_hdr_names(separator: string): string | undefined;
  /** How many header lines of this name (any case) there are. */
  req_fhdr_cnt(name: string): number;
  /** The whole value of the nth header line of this name, counted from 1; the last one without a number. */
  req_fhdr(name: string, occurrence?: number): string | undefined;
  /** As much of the body as HAProxy has now. */
  req_body(): string | undefined;
  /** How many header lines of this name the response has. */
  res_fhdr_cnt(name: string): number;
}

interface Reply {
  set_status(status: number): void;
  add_header(name: string, value: string): void;
  set_body(body: string): void;
}

/** Changes a request's headers; names go without regard to case. */
interface HttpMessage {
  /** Adds nothing, silently, when there is no room. */
  req_add_header(name: string, value: string): void;
  /** Removes every line of this name. */
  req_del_header(name: string): void;
  /** Adds nothing, silently, when there is no room. */
  res_add_header(name: string, value: string): void;
  res_del_header(name: string): void;
  req_set_uri(target: string): void;
  /** Without the `?`, which stays or comes with it. */
  req_set_query(query: string): void;
}

/** One request's transaction. */
interface Txn {
  readonly c: Converters;
  readonly f: Fetches;
  readonly http: HttpMessage;
  set_var(name: string, value: VariableValue): boolean;
  unset_var(name: string): void;
  get_var(name: string): VariableValue | undefined;
  reply(): Reply;
  /** Answers the client and ends the action by raising an error that HAProxy alone understands. */
  done(reply: Reply): never;
}
