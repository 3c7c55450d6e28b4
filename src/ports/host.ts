// The sources of settings, read before traffic flows.
import type { AlgorithmName } from '../model/algorithm';

/** A file's bytes as the engine's text, or the problem with reading them. */
export type FileAnswer =
  /** @member isOpen whether every user of the machine may read it; left out where the host cannot tell */
  | { readonly ok: true; readonly text: string; readonly isOpen?: boolean }
  | { readonly ok: false; readonly problem: string };

/**
 * The source of settings. Read once at start or reload, never in a request.
 * @noSelf
 */
export interface SettingsSource {
  /** An environment variable's value; undefined when it is not set. */
  environment(name: string): string | undefined;
  /** Reads a whole file; `problem` is a short phrase in the operator's words (`no such file`), never the content. */
  readFile(path: string): FileAnswer;
  /** Whether the host can read the body of a request before it decides; left out where it cannot. */
  readonly readsForms?: boolean;
  /** Whether the host can sign browsers in; left out where it cannot. */
  readonly signsIn?: boolean;
  /** The algorithms that the host can sign with; left out where it has none. */
  readonly signs?: readonly AlgorithmName[];
}

/**
 * The host's log. A line never holds a token, a signature, a key or a claim's value.
 * @noSelf
 */
export interface Log {
  error(line: string): void;
  notice(line: string): void;
}
