// What settings are read from, before traffic flows.

/** A file's bytes as the engine's text, or why they cannot be had. */
export type FileAnswer =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/**
 * Where settings come from. Read once at start or reload, never in a request.
 * @noSelf
 */
export interface SettingsSource {
  /** An environment variable's value; undefined when it is not set. */
  environment(name: string): string | undefined;
  /** Reads a whole file; `problem` is a short phrase in the operator's words (`no such file`), never the content. */
  readFile(path: string): FileAnswer;
}

/**
 * Where a host's lines go. A line never holds a token, a signature, a key or a claim's value.
 * @noSelf
 */
export interface Log {
  error(line: string): void;
  notice(line: string): void;
}
