// What comes of another system's configuration: files, and what became of each of its lines or options.
import type { Files } from './files';

/** What became of an option or a line. */
export interface Note {
  readonly kind: 'translated' | 'no effect' | 'no equal';
  readonly option: string;
  readonly words: string;
}

export interface Migration {
  readonly files: Files;
  readonly notes: readonly Note[];
}

/** What an operator says beside the configuration. */
export interface MigrationOptions {
  /** The path of the artifact on the proxy. */
  readonly module: string;
  /** The issuer, where the configuration names none. */
  readonly issuer: string | undefined;
  /** The audiences, where the configuration names none. */
  readonly audiences: readonly string[];
}
