// How nginx's configuration and this module agree on the headers that a backend is told (docs/decisions/0042).
import type { HttpRequest } from './host';

/** The variable that a location sets where the policy's headers are in force. */
export const WIRING_VARIABLE = 'jwtverify_forward';

/** Whether the policy's headers are in force where the request goes. */
export function isWired(request: HttpRequest, wiring: Wiring): boolean {
  return request.variables[WIRING_VARIABLE] === wiring.mark;
}

/** A header for the backend, and the variable that has its value. */
export interface WiredHeader {
  readonly name: string;
  readonly variable: string;
}

export interface Wiring {
  /** What `$jwtverify_forward` holds where the lines of this very policy are included. */
  readonly mark: string;
  readonly headers: readonly WiredHeader[];
}
