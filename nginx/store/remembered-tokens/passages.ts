// Passages: requests that passed with a remembered token, so that the same request need not be judged by its path again. They
// are kept with the token and count in its epoch alone: other settings, another policy or other keys end both. Where no memory
// lasts (njs), those of a session are kept with the whole line of cookies, so that nobody looks for the session in it again.
import type { NginxObject } from '../../njs';
import { addFor, put } from '../../ports/shared-dictionaries';
import { keep, MEMBERS, membersOf, TAIL_LENGTH, weigh, type ContextMemory, type RememberedToken } from './token-store';

declare const ngx: NginxObject;

/** Requests of one token, and the characters of each; others are judged in full. */
const MOST = 4;
const LONGEST = 160;
/** Once a token has so many, one of so many new ones takes the place of the oldest: to keep one costs a quarter of a judgement. */
const ONE_OF = 8;

/**
 * The places of what every request of a token gets, after the members of its entry. A header has three: the variable of its
 * value, its name, its value. After all headers come requests and rules in turn.
 * INVARIANT: none of them has a control character.
 */
export const MARK_PLACE = MEMBERS;
export const COOKIE_PLACE = MEMBERS + 1;
export const CLIENT_PLACE = MEMBERS + 2;
export const CACHE_PLACE = MEMBERS + 3;
/** The place of the first request, as a text. */
export const FIRST_PLACE = MEMBERS + 4;
/** The entries by which login can end the session, a tab between each. */
export const ENDS_PLACE = MEMBERS + 5;
/** The other cookies of a line of cookies; empty with a token, or where no line is kept here. */
export const REST_PLACE = MEMBERS + 6;
export const HEADERS_PLACE = MEMBERS + 7;

/** INVARIANT: no header has a line feed, so no token is remembered in the form of a line of cookies. */
export const LINE_NAME = 'cookies\n';
/** Seconds for which a session keeps no other line of cookies, and the characters of each. */
const LINE_EVERY = 60;
const LONGEST_LINE = 4096;

/** What every request of a token gets. */
export interface Published {
  /** How the request is judged, and the mark of the location's lines. */
  readonly mark: string;
  /** The name of the cookie of sessions; empty where nobody signs in. */
  readonly cookieName: string;
  readonly client: string;
  /** The variable of `Cache-Control`; may be empty. */
  readonly cache: string;
  /** Of a session: the entries by which login can end it. */
  readonly ends: string;
  /** Of a line of cookies: the other cookies. */
  readonly rest: string;
  /** Variable, name and value of each header in turn. */
  readonly headers: readonly string[];
}

/**
 * The form in which a request is looked up: its line without the values of its query.
 * INVARIANT: a rule is found by the method and the path alone, and both end before the first `?`.
 * @param line the request line
 */
export function nameRequest(line: string): string {
  const query = line.indexOf('?');
  return query < 0 ? line : line.slice(0, query + 1);
}

/** Whether another request of a token is to be kept now. */
export function hasRoom(token: RememberedToken): boolean {
  const passages = token.passages;
  if (passages === undefined || passages.length < Number(passages[FIRST_PLACE]) + 2 * MOST) return true;
  return Date.now() % ONE_OF === 0;
}

/** The form in which a line of cookies is remembered; undefined where it is too long. */
export function nameLine(line: string): string | undefined {
  return line.length > LONGEST_LINE ? undefined : LINE_NAME + line;
}

/** Whether a session may keep another line of cookies now, so that ever other cookies do not fill the dictionary. */
export function mayKeepLine(session: string, epoch: string): boolean {
  const dictionary = ngx.shared === undefined ? undefined : ngx.shared['jwtverify'];
  return (
    dictionary !== undefined && addFor(dictionary, 'line of ' + epoch + session.slice(-TAIL_LENGTH), '1', LINE_EVERY)
  );
}

function isSame(passages: readonly string[], head: readonly string[]): boolean {
  return head.every((member, place) => passages[MEMBERS + place] === member);
}

/**
 * Keeps that a request passed.
 * @param field the form in which the token is remembered
 * @param request its form (`nameRequest`)
 */
export function keepPassage(
  memory: ContextMemory | undefined,
  field: string,
  token: RememberedToken,
  request: string,
  rule: string,
  published: Published,
): void {
  if (request.length > LONGEST) return;
  const first = HEADERS_PLACE + published.headers.length;
  const head = [published.mark, published.cookieName, published.client, published.cache, first.toString()];
  const all = head.concat(published.ends, published.rest, published.headers);
  const before = token.passages;
  let others = before !== undefined && isSame(before, all) ? before.slice(first) : [];
  // Requests have the even places; a rule may be called as a request is.
  if (others.indexOf(request) >= 0) return;
  if (others.length >= 2 * MOST) others = others.slice(2);
  const passages = membersOf(token).concat(all, others, [request, rule]);
  token.passages = passages;
  if (memory === undefined) {
    const dictionary = ngx.shared === undefined ? undefined : ngx.shared['jwtverify'];
    if (dictionary !== undefined) put(dictionary, field, passages.join('\n'));
    return;
  }
  const tail = field.slice(-TAIL_LENGTH);
  const known = memory.young[tail] ?? memory.old[tail];
  const size = memory.snapshot === undefined ? 0 : memory.snapshot.cacheSize;
  if (size === 0) return;
  if (known === undefined || known.token !== token) keep(memory, field, token, size);
  weigh(memory, all.join('').length + request.length + rule.length, size);
}
