// Finds the token of a request at the operator's places, and leaves the backend a request without it.
import type { Outcome } from '../../src/answer/outcome';
import type { TokenPlace } from '../../src/model/token-place';
import { findToken, type FoundToken } from '../../src/token/places/find-token';
import { namesOf, takeTokens } from '../../src/token/places/remainder';
import { leaveRemainder, linesOfRequest } from '../ports/request-lines';
import { text } from '../ports/text';

/**
 * @param keepsBearer whether the policy says that Bearer credentials stay where they are no place
 * INVARIANT: before anything is judged, so that no judgement lets a token at these places reach a backend; a second action
 * in the same transaction finds none.
 */
export function takeToken(places: readonly TokenPlace[], txn: Txn, keepsBearer: boolean): Outcome<FoundToken> {
  const request = linesOfRequest(txn.f);
  const found = findToken(places, request, text);
  leaveRemainder(txn, takeTokens(places, request, text, keepsBearer), namesOf(places, 'header'));
  return found;
}
