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

/** The path of a target, without its query, and of an absolute one (RFC 9112 §3.2.2) without its authority. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  const whole = query < 0 ? target : target.substring(0, query);
  if (whole.charAt(0) === '/') return whole;
  const scheme = whole.indexOf('://');
  const slash = scheme < 0 ? -1 : whole.indexOf('/', scheme + 3);
  return slash < 0 ? '' : whole.substring(slash);
}
