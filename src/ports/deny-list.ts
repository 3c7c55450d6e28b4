// The entries that the operator denies while traffic flows.

/**
 * A deny list, looked up at every request: a HAProxy map, an nginx shared dictionary, a file.
 * @noSelf
 */
export interface DenyList {
  /** Whether the list has an entry such as `jti:VALUE`. */
  holds(entry: string): boolean;
  /** What an operator wrote beside each entry such as `sub_issued_before:VALUE`: a time, unless it is faulty. */
  timesOf(entry: string): readonly string[];
}
