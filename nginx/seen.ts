// A token that was verified before: found, and judged by what can have changed. Everything here is loaded for each
// request on the engine njs, so it is one function with few calls (bench/notes.md says what each costs).
import fs from 'fs';
import type { HttpRequest, NginxObject } from './host';
import type { Memory, Remembered } from './memory';

declare const ngx: NginxObject;
declare const process: { readonly pid: number };

/** The name of this worker's epoch entry; QuickJS takes long to say a process's id. */
let name = '';

/**
 * Finds a verified token of an epoch that is still good. Whatever is not plain is left to a full judgement.
 * @param memory what lasts; undefined on njs
 * @param epoch one that holds now
 */
export function recallToken(request: HttpRequest, memory: Memory | undefined, epoch: string): Remembered | undefined {
  const authorization = request.headersIn['Authorization'];
  if (authorization === undefined) return undefined;
  const shared = ngx.shared;
  let seen: Remembered | undefined;
  if (memory !== undefined) {
    const tail = authorization.slice(-43);
    seen = memory.young[tail] ?? memory.old[tail];
    if (seen !== undefined && seen[8] !== authorization) seen = undefined;
  }
  if (seen === undefined || seen[0] !== epoch) {
    const dictionary = shared === undefined ? undefined : shared['jwtverify'];
    const text = dictionary === undefined ? undefined : dictionary.get(authorization);
    if (typeof text !== 'string') return undefined;
    // The times stay texts: compared with a number they are numbers, without a call.
    seen = text.split('\n') as unknown as Remembered;
    // INVARIANT: no other entry of the dictionary begins with an epoch and a line feed.
    if (seen[0] !== epoch) return undefined;
  }
  const now = Date.now();
  // INVARIANT: a comparison with what is no number is false, and then the token is not taken.
  if (!(now < seen[1] && now >= seen[2])) return undefined;
  const denials = shared === undefined ? undefined : shared['jwtverify_deny'];
  if (denials === undefined || seen[5] === '') return seen;
  return seen[5].split('\t').some((denied) => denials.has(denied)) ? undefined : seen;
}

/**
 * Finds what allows a request without a full judgement: the token, or where a policy is in force the epoch by which to
 * judge the request first.
 * @param memory what lasts; undefined on njs
 */
export function recall(request: HttpRequest, memory: Memory | undefined): Remembered | string | undefined {
  const shared = ngx.shared;
  const dictionary = shared === undefined ? undefined : shared['jwtverify'];
  if (dictionary === undefined && memory === undefined) return undefined;
  const now = Date.now();
  let entry: string | number | undefined;
  if (memory !== undefined && now < memory.goodUntil && now >= memory.goodUntil - 1000) entry = memory.entry;
  else if (dictionary !== undefined) {
    if (name === '') name = `epoch:${process.pid}`;
    entry = dictionary.get(name);
  }
  if (typeof entry !== 'string') return undefined;
  // INVARIANT: settings and keys were looked at within this very second, by this very process.
  const goodUntil = Number(entry.slice(1, 14));
  if (!(now < goodUntil && now >= goodUntil - 1000)) return undefined;
  let epoch = entry.slice(14);
  if (epoch.length > 22) {
    // The deny list's file counts at once: its path and its state when the epoch began stand behind the epoch.
    const file = epoch.slice(22).split('\n');
    const stats = fs.statSync(file[0] ?? '');
    if ([stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ') !== file[1]) return undefined;
    epoch = epoch.slice(0, 22);
  }
  if (memory !== undefined && memory.loaded !== undefined && memory.loaded.epoch === epoch) {
    // Another context of this worker may have looked.
    memory.entry = entry;
    memory.goodUntil = goodUntil;
  }
  // INVARIANT: under a policy a remembered token alone allows nothing.
  return entry.charAt(0) === '=' ? recallToken(request, memory, epoch) : epoch;
}
