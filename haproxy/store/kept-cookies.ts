// Cookies that wait for the answer of the application: an action remembers them, and the line for responses sets them. The
// variable between the two has a number, never a cookie.
import { createTwoGenerations } from '../../src/memory/two-generations';

const TICKET = 'txn.jwtverify_ticket';
/** More requests on their way at once: the oldest lose their cookies, and their browsers get them with another answer. */
const MOST = 4096;
const ROOM = 'x-jwtverify-room';
const SET_COOKIE = 'Set-Cookie';
const CACHE_CONTROL = 'Cache-Control';
const NO_STORE = 'no-store';
/** What HAProxy needs besides name and value. */
const OVERHEAD = 16;

const waiting = createTwoGenerations<readonly string[]>(MOST);
let last = 0;

/** Remembers cookies until the answer comes. */
export function keepCookies(txn: Txn, cookies: readonly string[]): void {
  if (cookies.length === 0) return;
  // Two actions may get one number, never one table.
  last += 1;
  const ticket = tostring(last) + ' ' + string.sub(tostring(cookies), 8);
  waiting.remember(ticket, cookies);
  txn.set_var(TICKET, ticket);
}

/** The cookies are in an answer already. */
export function dropCookies(txn: Txn): void {
  txn.unset_var(TICKET);
}

/**
 * Sets the cookies of a request with its answer, all or none: half of a session would sign the browser out.
 * @returns false where there was no room for them
 */
export function setCookies(txn: Txn): boolean {
  const ticket = txn.get_var(TICKET);
  const cookies = typeof ticket === 'string' ? waiting.recall(ticket) : undefined;
  if (typeof ticket !== 'string' || cookies === undefined) return true;
  waiting.forget(ticket);
  const { http, f } = txn;
  let length = CACHE_CONTROL.length + NO_STORE.length + OVERHEAD;
  for (const cookie of cookies) length += cookie.length + OVERHEAD;
  // HAProxy leaves out a header for which there is no room, and does not say so (measured: 2.6, 3.0, 3.2).
  http.res_add_header(ROOM, string.rep('-', length));
  const hasRoom = f.res_fhdr_cnt(ROOM) > 0;
  http.res_del_header(ROOM);
  if (!hasRoom) return false;
  for (const cookie of cookies) http.res_add_header(SET_COOKIE, cookie);
  // RFC 9111 §7.3: a cache would hand one browser's session to another.
  http.res_add_header(CACHE_CONTROL, NO_STORE);
  return true;
}
