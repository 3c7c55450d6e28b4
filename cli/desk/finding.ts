// What `check` finds in a file.
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** Undefined where it is the file that was asked about. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** A JSON Pointer (RFC 6901), the name of a setting, or a block of a configuration; empty where the line says it all. */
  readonly place: string;
  readonly message: string;
}

export const error = (place: string, message: string): Finding => ({ severity: 'error', place, message });
export const warning = (place: string, message: string): Finding => ({ severity: 'warning', place, message });
