// A token that was verified before: found, and judged by what can have changed. Everything here is loaded for each
// request on the engine njs, so there is little of it.
import fs from 'fs';
import type { HttpRequest, NginxObject, SharedDictionary } from './host';
import {
  ENTRY_LENGTH,
  EPOCH_LENGTH,
  EPOCH_PREFIX,
  TAIL_LENGTH,
  keep,
  TOKEN_PREFIX,
  type Memory,
  type Remembered,
} from './memory';

declare const ngx: NginxObject;
declare const process: { readonly pid: number };

/** Whether the deny list's file is as it was when an epoch began; its path and stamp stand behind the epoch's entry. */
function isFileUnchanged(entry: string): boolean {
  const stamp = entry.slice(ENTRY_LENGTH).split('\n');
  try {
    const stats = fs.statSync(stamp[0] ?? '');
    return [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ') === stamp[1];
  } catch (error) {
    return stamp[1] === '';
  }
}

function parse(authorization: string, epoch: string, text: string | number | undefined): Remembered | undefined {
  const head = authorization + '\n' + epoch + '\n';
  // INVARIANT: the whole field and the epoch are compared; no field of an entry holds a line feed.
  if (typeof text !== 'string' || text.slice(0, head.length) !== head) return undefined;
  const fields = text.slice(head.length).split('\n');
  return {
    authorization,
    epoch,
    until: Number(fields[0]),
    from: Number(fields[1]),
    scopes: fields[2] ?? '',
    subject: fields[3] ?? '',
    entries: fields[4] ?? '',
    variables: fields[5] ?? '',
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
  else if (dictionary !== undefined) entry = dictionary.get(EPOCH_PREFIX + String(process.pid));
  // INVARIANT: settings and keys were looked at in this very second, by this very process.
  if (typeof entry !== 'string' || Number(entry.slice(EPOCH_LENGTH, ENTRY_LENGTH)) !== now) return undefined;
  if (entry.length > ENTRY_LENGTH && !isFileUnchanged(entry)) return undefined;
  const epoch = entry.slice(0, EPOCH_LENGTH);
  const tail = authorization.slice(-TAIL_LENGTH);
  let seen = memory === undefined ? undefined : (memory.young[tail] ?? memory.old[tail]);
  if (seen === undefined || seen.authorization !== authorization || seen.epoch !== epoch) {
    if (dictionary === undefined) return undefined;
    seen = parse(authorization, epoch, dictionary.get(TOKEN_PREFIX + tail));
    if (seen === undefined) return undefined;
    if (memory !== undefined && memory.loaded !== undefined) keep(memory, tail, seen, memory.loaded.cacheSize);
  }
  // INVARIANT: a comparison with what is no number is false, and then the token is not taken.
  if (!(now < seen.until && now >= seen.from)) return undefined;
  const denials = shared === undefined ? undefined : shared['jwtverify_deny'];
  return denials !== undefined && isDenied(denials, seen.entries) ? undefined : seen;
}
