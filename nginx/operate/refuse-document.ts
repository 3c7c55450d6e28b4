// Refusals to the operator's own questions.
import type { HttpRequest } from '../njs';
import { send } from '../answer/send';
import { isPlainPath } from './plain-path';

/** INVARIANT: with a body, like a refusal: without one nginx replaces it by an `error_page`, which may answer 200. */
export function refuseDocument(request: HttpRequest, status: number, problem: string): void {
  request.headersOut['Content-Type'] = 'text/plain';
  request.headersOut['Cache-Control'] = 'no-store';
  send(request, status, '# jwtverify: ' + problem + '\n');
}

/**
 * Refuses a request whose path led here only once it was decoded or resolved.
 * INVARIANT: a gateway may ask with its client's path behind a prefix, and takes any 2xx for leave to let that client's request
 * pass: `/_auth/admin/..%2F..%2Fready` is answered by nobody who did not judge it.
 * @param except a path that is written with escapes and nevertheless plain
 */
export function refuseUnplain(request: HttpRequest, except?: string): boolean {
  const target = request.variables['request_uri'] ?? '';
  if (isPlainPath(target) || (except !== undefined && target.split('?')[0] === except)) return false;
  refuseDocument(request, 400, 'write the path of this address as it is, without escapes, `//` and `..`');
  return true;
}
