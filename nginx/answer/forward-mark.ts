// The agreement of nginx's configuration and this module on the headers for a backend (docs/decisions/0042).
import type { HttpRequest } from '../njs';

/** The variable that a location sets where the policy's headers are in force. */
export const FORWARD_MARK = 'jwtverify_forward';

/**
 * Whether the policy's headers are in force where the request goes.
 * @param isAsked whether `auth_request` asks: then the cookies of a refresh need lines of their own
 */
export function hasForwardLines(request: HttpRequest, forwardLines: ForwardLines, isAsked: boolean): boolean {
  const mark = request.variables[FORWARD_MARK];
  if (mark === forwardLines.cookieMark) return mark !== undefined;
  return mark === forwardLines.mark && !(isAsked && forwardLines.cookieMark !== undefined);
}

/** A header for the backend, and the variable that has its value. */
export interface ForwardLine {
  readonly name: string;
  readonly variable: string;
}

export interface ForwardLines {
  /** The value of `$jwtverify_forward` where the lines of exactly this policy are included. */
  readonly mark: string;
  readonly headers: readonly ForwardLine[];
  /** Its value where they also set the cookies of a refreshed session; undefined where the policy signs nobody in. */
  readonly cookieMark?: string;
  /** The variable of `Cache-Control`; empty where the backend gets `Authorization`, by which caches distinguish users. */
  readonly cache: string;
}
