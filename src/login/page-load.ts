// Whether a browser loads a page, so that it may be sent to sign-in. Every other request gets 401: a script, a client of an
// API or a WebSocket cannot follow a redirect to a page for people (Fetch Metadata Request Headers §2).
import { trimBlanks } from '../token/bearer';
import type { RequestLines } from '../token/places/request-lines';

/** The one value of a field; empty when there is none, or several. */
function readOne(request: RequestLines, name: string): string {
  const lines = request.lines(name);
  return lines.length === 1 ? trimBlanks(lines[0] ?? '').toLowerCase() : '';
}

/** Whether a client prefers HTML by name; `* / *` is what every client sends. */
function acceptsHtml(request: RequestLines): boolean {
  return request.lines('accept').some((line) => line.toLowerCase().indexOf('text/html') >= 0);
}

/** Whether somebody looks at the answer as a page of its own. */
export function loadsPage(request: RequestLines): boolean {
  if (request.method !== 'GET') return false;
  if (request.lines('authorization').length > 0 || request.lines('upgrade').length > 0) return false;
  // A page that is fetched ahead would begin a sign-in that nobody asked for.
  if (request.lines('sec-purpose').length > 0 || readOne(request, 'purpose') === 'prefetch') return false;
  if (request.lines('sec-fetch-mode').length > 0 || request.lines('sec-fetch-dest').length > 0) {
    return readOne(request, 'sec-fetch-mode') === 'navigate' && readOne(request, 'sec-fetch-dest') === 'document';
  }
  // Browsers before 2023, and those that see plain HTTP.
  return acceptsHtml(request) && request.lines('x-requested-with').length === 0;
}

/** Whether another site sent the browser (Fetch Metadata Request Headers §2.4) with this request: its person may not want what it asks for. */
export function isForeign(request: RequestLines): boolean {
  return request.lines('sec-fetch-site').some((line) => line.toLowerCase() === 'cross-site');
}
