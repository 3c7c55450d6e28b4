// The parts of a request in which a token can be, as the host has them: nothing in them is decoded or joined.

/** @noSelf */
export interface RequestLines {
  readonly method: string;
  /** The request target; a query follows its first `?`. */
  readonly target: string;
  /** The value of each header line of this name, which is in small letters. */
  lines(name: string): readonly string[];
  /** The whole body; undefined where the host does not have all of it. */
  body(): string | undefined;
}

/** The query of a target, without the `?`; undefined where there is none. */
export function queryOf(target: string): string | undefined {
  const start = target.indexOf('?');
  return start < 0 ? undefined : target.substring(start + 1);
}
