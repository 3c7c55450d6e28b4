// `jwtverify.deny`: the shared dictionary `jwtverify_deny`, changed over HTTP by the operator.
import { synonymsOf } from '../../src/token/deny-entry';
import { findEntryFault, findTimeFault, isTimed } from '../../src/token/deny-line';
import type { HttpRequest, SharedDictionary } from '../njs';
import { send } from '../answer/send';
import { findDenyZone } from '../ports/shared-dictionaries';
import { text } from '../ports/text';

/** The most entries that one answer lists. */
const LISTED = 1000;

function answer(request: HttpRequest, status: number, body: unknown): void {
  request.headersOut['Content-Type'] = 'application/json';
  request.headersOut['Cache-Control'] = 'no-store';
  send(request, status, JSON.stringify(body) + '\n');
}

/** Headers of a proxy that forwards a request (RFC 7239, RFC 9110 §7.6.3). */
const FORWARDED: readonly string[] = ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP'];

/**
 * Whether somebody typed a `+` into the address, which njs reads as a blank. Software that means a blank by it encodes the
 * entry's colon as well (application/x-www-form-urlencoded).
 */
function isByHand(request: HttpRequest): boolean {
  const query = request.variables['args'] ?? '';
  return query.indexOf('+') >= 0 && query.indexOf(':') >= 0;
}

/** An entry with the time beside it, if it has one. */
function show(zone: SharedDictionary, entry: string): string {
  return isTimed(entry) ? entry + ' ' + String(zone.get(entry) ?? '') : entry;
}

/** The fault of the `time` beside an entry; undefined when it is good, or rightly not there. */
function findFault(request: HttpRequest, entry: string): string | undefined {
  const time = request.args['time'];
  if (!isTimed(entry)) return time === undefined ? undefined : '`time` has no effect on this `entry`; leave it out';
  if (request.method !== 'PUT') return undefined;
  return typeof time === 'string' && findTimeFault(time) === undefined
    ? undefined
    : '`time` must be in seconds since 1970, as `&time=$(date +%s)`';
}

/** Changes an entry, or answers about it. */
function answerEntry(request: HttpRequest, zone: SharedDictionary, entry: string): void {
  const spellings = synonymsOf(entry, text);
  if (request.method === 'PUT') zone.set(entry, isTimed(entry) ? String(request.args['time']) : '1');
  else if (request.method === 'DELETE') spellings.forEach((spelling) => zone.delete(spelling));
  else if (request.method !== 'GET') {
    request.headersOut['Allow'] = 'GET, PUT, DELETE';
    answer(request, 405, { problem: 'the method must be GET, PUT or DELETE' });
    return;
  }
  const found = spellings.filter((spelling) => zone.has(spelling));
  const times = isTimed(entry) ? { times: found.map((spelling) => zone.get(spelling)) } : {};
  answer(request, 200, Object.assign({ entry, denied: found.length > 0 }, times));
}

/**
 * GET lists, or asks for one `entry`; PUT denies it, with a `time` where it needs one, DELETE allows it again.
 * @param issuers the configured ones; undefined while the settings are broken
 */
export function answerDeny(request: HttpRequest, issuers: readonly string[] | undefined): void {
  const zone = findDenyZone();
  if (zone === undefined) {
    answer(request, 503, { problem: 'the shared dictionary `jwtverify_deny` is not declared' });
    return;
  }
  // INVARIANT: behind a proxy on this machine every client has the operator's address.
  if (FORWARDED.some((name) => request.headersIn[name] !== undefined)) {
    answer(request, 403, { problem: 'a proxy forwarded this request; send it to nginx itself' });
    return;
  }
  const entry = request.args['entry'];
  if (entry === undefined && request.method === 'GET') {
    answer(request, 200, { entries: zone.keys(LISTED).map((key) => show(zone, key)) });
    return;
  }
  if (typeof entry !== 'string') {
    answer(request, 400, { problem: 'give one `entry`, such as jti:VALUE' });
    return;
  }
  if (isByHand(request)) {
    answer(request, 400, { problem: 'the address has a `+`; write `%2B` for a plus sign, `%20` for a blank' });
    return;
  }
  // An entry that an older version accepted can still be deleted.
  const isKnown = request.method === 'DELETE' && zone.has(entry);
  const entryFault = isKnown ? undefined : findEntryFault(entry, { text, issuers });
  const fault = entryFault === undefined ? findFault(request, entry) : '`entry` ' + entryFault;
  if (fault !== undefined) answer(request, 400, { problem: fault });
  else answerEntry(request, zone, entry);
}
