// A token that was verified before: found, and judged by what can have changed. Everything here is loaded for each
// request on the engine njs, so it is one function with few calls (bench/notes.md says what each costs).
import fs from 'fs';
import { countsNow } from '../../../src/token/remembered-token';
import type { HttpRequest, NginxObject, NumberDictionary } from '../../njs';
import { METRICS_ZONE } from '../../ports/counts';
import {
  COUNTED_MARK,
  EPOCH_LENGTH,
  EPOCH_MARK,
  EPOCH_PREFIX,
  readToken,
  TAIL_LENGTH,
  TIME_END,
  type ContextMemory,
  type RememberedToken,
} from './token-store';

declare const ngx: NginxObject;
declare const process: { readonly pid: number };

/** The name of this worker's epoch entry; QuickJS is slow to return a process's id. */
let name = '';

/**
 * Finds a verified token of an epoch that is still good. Whatever is not plain is left to a full judgement.
 * @param memory what lasts; undefined on njs
 * @param epoch the current one
 * @param found the form in which a token of another place is remembered; undefined: as the Authorization header has it
 * @param known what was remembered in this form when a line of cookies was kept
 */
export function recallToken(
  request: HttpRequest,
  memory: ContextMemory | undefined,
  epoch: string,
  found?: string,
  known?: RememberedToken,
): RememberedToken | undefined {
  const authorization = found ?? request.headersIn['Authorization'];
  if (authorization === undefined) return undefined;
  const shared = ngx.shared;
  let token = known;
  if (token === undefined && memory !== undefined) {
    const tail = authorization.slice(-TAIL_LENGTH);
    const kept = memory.young[tail] ?? memory.old[tail];
    if (kept !== undefined && kept.field === authorization) token = kept.token;
  }
  if (token === undefined || token.epoch !== epoch) {
    const dictionary = shared === undefined ? undefined : shared['jwtverify'];
    const entry = dictionary === undefined ? undefined : dictionary.get(authorization);
    if (typeof entry !== 'string') return undefined;
    token = readToken(entry);
    // INVARIANT: no other entry of the dictionary begins with an epoch and a line feed.
    if (token === undefined || token.epoch !== epoch) return undefined;
  }
  if (!countsNow(token, Date.now())) return undefined;
  const denials = shared === undefined ? undefined : shared['jwtverify_deny'];
  if (denials === undefined || token.denyEntries === '') return token;
  const isDenied = token.denyEntries.split('\t').some((entry) => {
    if (entry.charAt(0) >= 'a') return denials.has(entry);
    // A timed entry, after the token's `iat`. INVARIANT: a comparison with NaN is false, so a token without `iat` is denied.
    const blank = entry.indexOf(' ');
    const time = denials.get(entry.slice(blank + 1));
    return time !== undefined && !(Number(entry.slice(0, blank)) >= Number(time));
  });
  return isDenied ? undefined : token;
}

/**
 * Finds what allows a request without a full judgement: the token, or where a policy is in force the epoch by which to
 * judge the request first.
 * @param memory what lasts; undefined on njs
 */
export function recall(request: HttpRequest, memory: ContextMemory | undefined): RememberedToken | string | undefined {
  const shared = ngx.shared;
  const dictionary = shared === undefined ? undefined : shared['jwtverify'];
  if (dictionary === undefined && memory === undefined) return undefined;
  const now = Date.now();
  let entry: string | number | undefined;
  if (memory !== undefined && now < memory.goodUntil && now >= memory.goodUntil - 1000) entry = memory.entry;
  else if (dictionary !== undefined) {
    if (name === '') name = EPOCH_PREFIX + String(process.pid);
    entry = dictionary.get(name);
  }
  if (typeof entry !== 'string') return undefined;
  // INVARIANT: this process checked settings and keys within this second.
  const goodUntil = Number(entry.slice(1, TIME_END));
  if (!(now < goodUntil && now >= goodUntil - 1000)) return undefined;
  let epoch = entry.slice(TIME_END);
  if (epoch.length > EPOCH_LENGTH) {
    // A change of the deny list's file counts at once: its path and its state when the epoch began follow the epoch.
    const file = epoch.slice(EPOCH_LENGTH).split('\n');
    const stats = fs.statSync(file[0] ?? '');
    if ([stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ') !== file[1]) return undefined;
    epoch = epoch.slice(0, EPOCH_LENGTH);
  }
  if (memory !== undefined && memory.snapshot !== undefined && memory.snapshot.epoch === epoch) {
    // Another context of this worker may have looked.
    memory.entry = entry;
    memory.goodUntil = goodUntil;
  }
  // INVARIANT: under a policy a remembered token alone allows nothing.
  const mark = entry.charAt(0);
  if (mark === EPOCH_MARK) return recallToken(request, memory, epoch);
  if (mark !== COUNTED_MARK) return epoch;
  const token = recallToken(request, memory, epoch);
  if (token !== undefined) token.counts = shared?.[METRICS_ZONE] as unknown as NumberDictionary | undefined;
  return token;
}
