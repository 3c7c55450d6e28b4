// What the operator denies while traffic flows.

/**
 * A deny list, looked up at every request: a HAProxy map, an nginx shared dictionary, a file.
 * @noSelf
 */
export interface DenyList {
  /** Whether an entry such as `jti:VALUE` stands in the list. */
  holds(entry: string): boolean;
}
