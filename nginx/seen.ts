// A token that was verified before: found, and judged by what can have changed. Everything here is loaded for each
// request on the engine njs, so there is little of it, and few calls (bench/notes.md).
import fs from 'fs';
import type { HttpRequest, NginxObject, SharedDictionary } from './host';
import {
  ENTRY_LENGTH,
  EPOCH_LENGTH,
  EPOCH_PREFIX,
  keep,
  TAIL_LENGTH,
  TIMES_END,
  TOKEN_PREFIX,
  type Memory,
  type Remembered,
} from './memory';

declare const ngx: NginxObject;
declare const process: { readonly pid: number };

/** Whether the deny list's file is as it was when an epoch began; its path and stamp stand behind the epoch's entry. */
function isFileUnchanged(entry: string): boolean {
  const file = entry.slice(ENTRY_LENGTH).split('\n');
  try {
    const stats = fs.statSync(file[0] ?? '');
    return [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ') === file[1];
  } catch (error) {
    return false;
  }
}

/** Reads a token's entry: epoch, times, then scopes, subject, entries, variables and the field, a line feed between. */
function parse(text: string, authorization: string, epoch: string, isLasting: boolean): Remembered | undefined {
  const place = text.length - authorization.length;
  // Each engine has a fast way of its own to compare the end of a text.
  const isSame = isLasting ? text.slice(place) === authorization : text.endsWith(authorization);
  // INVARIANT: the whole field and the epoch are compared; no part of an entry holds a line feed.
  if (!isSame || place <= TIMES_END || text.charAt(place - 1) !== '\n') return undefined;
  if (text.slice(0, EPOCH_LENGTH) !== epoch) return undefined;
  const scopes = text.indexOf('\n', TIMES_END);
  const subject = text.indexOf('\n', scopes + 1);
  const entries = text.indexOf('\n', subject + 1);
  return {
    authorization,
    epoch,
    until: Number(text.slice(EPOCH_LENGTH, ENTRY_LENGTH)),
    from: Number(text.slice(ENTRY_LENGTH, TIMES_END)),
    scopes: text.slice(TIMES_END, scopes),
    subject: text.slice(scopes + 1, subject),
    entries: text.slice(subject + 1, entries),
    variables: text.slice(entries + 1, place - 1),
  };
}

function isDenied(denials: SharedDictionary, entries: string): boolean {
  return entries !== '' && entries.split('\t').some((entry) => denials.has(entry));
}

/**
 * Finds a verified token that is still good. Whatever is not plain is left to a full judgement.
 * @param memory what lasts; undefined on njs
 */
export function recall(request: HttpRequest, memory: Memory | undefined): Remembered | undefined {
  const shared = ngx.shared;
  const dictionary = shared === undefined ? undefined : shared['jwtverify'];
  if (dictionary === undefined && memory === undefined) return undefined;
  const authorization = request.headersIn['Authorization'];
  if (authorization === undefined) return undefined;
  const now = Math.floor(Date.now() / 1000);
  let entry: string | number | undefined;
  if (memory !== undefined && memory.checkedAt === now) entry = memory.entry;
  else if (dictionary !== undefined) entry = dictionary.get(EPOCH_PREFIX + process.pid.toString());
  // INVARIANT: settings and keys were looked at in this very second, by this very process.
  if (typeof entry !== 'string' || Number(entry.slice(EPOCH_LENGTH, ENTRY_LENGTH)) !== now) return undefined;
  if (entry.length > ENTRY_LENGTH && !isFileUnchanged(entry)) return undefined;
  const epoch = entry.slice(0, EPOCH_LENGTH);
  const tail = authorization.slice(-TAIL_LENGTH);
  let seen = memory === undefined ? undefined : (memory.young[tail] ?? memory.old[tail]);
  if (seen === undefined || seen.authorization !== authorization || seen.epoch !== epoch) {
    const text = dictionary === undefined ? undefined : dictionary.get(TOKEN_PREFIX + tail);
    seen = typeof text === 'string' ? parse(text, authorization, epoch, memory !== undefined) : undefined;
    if (seen === undefined) return undefined;
    if (memory !== undefined && memory.loaded !== undefined) keep(memory, tail, seen, memory.loaded.cacheSize);
  }
  // INVARIANT: a comparison with what is no number is false, and then the token is not taken.
  if (!(now < seen.until && now >= seen.from)) return undefined;
  const denials = shared === undefined ? undefined : shared['jwtverify_deny'];
  return denials !== undefined && isDenied(denials, seen.entries) ? undefined : seen;
}
