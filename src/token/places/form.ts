// A form as the body of a request (RFC 6750 §2.2), where a token can be a parameter.
import { trimBlanks } from '../bearer';
import type { RequestLines } from './request-lines';
import { fail, succeed, type Outcome } from '../../answer/outcome';

/** The type of a form. */
export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** RFC 6750 §2.2: a method whose body means something; GET never. */
function hasForm(request: RequestLines): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  return request.lines('content-type').some((line) => {
    const end = line.indexOf(';');
    return trimBlanks(end < 0 ? line : line.substring(0, end)).toLowerCase() === FORM_TYPE;
  });
}

/**
 * The form of a request; empty for a request without one.
 * @returns `form_incomplete` where the host does not have all of it, or it is in a coding; `credentials_malformed` where
 * it has two types
 */
export function readForm(request: RequestLines): Outcome<string> {
  if (!hasForm(request)) return succeed('');
  if (request.lines('content-type').length > 1) return fail('credentials_malformed');
  const body = request.lines('content-encoding').length > 0 ? undefined : request.body();
  return body === undefined ? fail('form_incomplete') : succeed(body);
}
