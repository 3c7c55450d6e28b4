// Finds the token of a request at the operator's places, and what is left of the request for its backend.
import type { Outcome } from '../../src/answer/outcome';
import type { Policy } from '../../src/model/policy';
import type { TokenPlace } from '../../src/model/token-place';
import { findToken, type FoundToken } from '../../src/token/places/find-token';
import { takeTokens } from '../../src/token/places/remainder';
import { queryOf } from '../../src/token/places/request-lines';
import {
  ARGS_VARIABLE,
  AUTHORIZATION_VARIABLE,
  COOKIE_VARIABLE,
  PROTOCOLS_VARIABLE,
  URI_VARIABLE,
} from '../answer/remainder-lines';
import type { ChangedPart } from '../answer/variables';
import type { HttpRequest } from '../njs';
import type { AnyWay } from '../ports/request-facts';
import { linesOfRequest } from '../ports/request-lines';
import { text } from '../ports/text';

/** The token of a request, and the parts that its backend gets otherwise. */
export interface TakenToken {
  readonly found: Outcome<FoundToken>;
  readonly changed: readonly ChangedPart[];
}

/** nginx before 1.23 has the first line alone of a header that it does not know in its own variable. */
function joinLines(lines: readonly string[]): string | undefined {
  return lines.length > 1 ? lines.join(', ') : undefined;
}

/**
 * Finds the token; only a gateway that asks sends the request on by itself.
 * @param kept what of Authorization the backend gets where it has no token; without a policy the operator's lines say so
 */
export function takeToken(
  request: HttpRequest,
  way: AnyWay,
  places: readonly TokenPlace[],
  kept: Pick<Policy, 'keepsAuthorization' | 'keepsBearer'>,
): TakenToken {
  const lines = linesOfRequest(request, way);
  const found = findToken(places, lines, text);
  if (way === 'authorizer') return { found, changed: [] };
  const rest = takeTokens(places, lines, text, kept.keepsBearer);
  const changed: ChangedPart[] = [];
  function change(variable: string, value: string | undefined): void {
    if (value !== undefined) changed.push({ variable, value });
  }
  if (kept.keepsAuthorization) change(AUTHORIZATION_VARIABLE, rest.authorization?.join(', '));
  change(COOKIE_VARIABLE, rest.cookies?.join('; '));
  if (places.some((place) => place.kind === 'websocket_protocol')) {
    change(PROTOCOLS_VARIABLE, rest.protocols ?? joinLines(lines.lines('sec-websocket-protocol')));
  }
  change(URI_VARIABLE, rest.target);
  change(ARGS_VARIABLE, rest.target === undefined ? undefined : (queryOf(rest.target) ?? ''));
  return { found, changed };
}
