// What of HAProxy's Lua API (2.6 to 3.4) is used here, and no more.

/** A value that a HAProxy variable can hold. */
type VariableValue = string | number | boolean;

/** @noSelf */
interface Core {
  /** 0 in the state that all threads share, otherwise the number of the thread whose state this is. */
  readonly thread: number;
  readonly err: number;
  readonly notice: number;
  log(level: number, message: string): void;
  register_init(run: () => void): void;
  register_action(name: string, phases: readonly string[], run: (txn: Txn) => void, parameters: number): void;
  register_converters(name: string, convert: (input: string, parameter: string) => boolean): void;
}

declare const core: Core;

/** HAProxy's converters, in C. They answer undefined when they cannot convert. */
interface Converters {
  ub64dec(text: string): string | undefined;
  ub64enc(bytes: string): string | undefined;
  hmac(data: string, algorithm: string, keyBase64: string): string | undefined;
  sha2(data: string, bits: number): string | undefined;
}

/** HAProxy's sample fetches. */
interface Fetches {
  /** How many header lines of this name (any case) there are. */
  req_fhdr_cnt(name: string): number;
  /** The whole value of the nth header line of this name, counted from 1; the last one without a number. */
  req_fhdr(name: string, occurrence?: number): string | undefined;
}

interface Reply {
  set_status(status: number): void;
  add_header(name: string, value: string): void;
  set_body(body: string): void;
}

/** One request's transaction. */
interface Txn {
  readonly c: Converters;
  readonly f: Fetches;
  set_var(name: string, value: VariableValue): boolean;
  unset_var(name: string): void;
  get_var(name: string): VariableValue | undefined;
  reply(): Reply;
  /** Answers the client and ends the action by raising an error that HAProxy alone understands. */
  done(reply: Reply): never;
}
