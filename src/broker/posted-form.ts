// The form that a browser, or the server of an audience, posts to the broker.
import { readForm } from '../token/places/form';
import type { RequestLines } from '../token/places/request-lines';

const LONGEST = 16384;

/** The form; empty for a request without one; undefined where it is too long, or the host does not have all of it. */
export function readPosted(request: RequestLines): string | undefined {
  const form = readForm(request);
  return form.ok && form.value.length <= LONGEST ? form.value : undefined;
}
