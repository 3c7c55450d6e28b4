// One refresh at a time for each session, over all workers: who asks the issuer, what came of it for those who still send
// the old cookie, and the pause when nothing came of it (docs/decisions/0050-login.md).
import hashes from 'crypto';
import { findZone, put, putFor } from '../ports/shared-dictionaries';

declare function setTimeout(callback: () => void, milliseconds: number): unknown;

/** Seconds between two questions about one session, and for which an answer serves the old cookie. */
const PAUSE = 10;
const KEPT = 60;
/** Milliseconds that a request waits for the one that asks, and between two looks. */
const WAIT = 3000;
const LOOK = 25;

/** The Set-Cookie fields of a refresh, and when they were made. */
interface KeptRefresh {
  readonly since: number;
  readonly cookies: readonly string[];
}

/** INVARIANT: no other entry of the dictionary begins so; the sealed text itself would be a name of many thousand characters. */
function nameOf(sealed: string): string {
  return hashes.createHash('sha256').update(sealed).digest('base64url');
}

/** The fields that a refresh of this session made within the last minute. @param now seconds since the epoch */
export function recallRefresh(sealed: string, now: number): readonly string[] | undefined {
  const entry = findZone('jwtverify')?.get('refreshed:' + nameOf(sealed));
  if (typeof entry !== 'string') return undefined;
  const kept = JSON.parse(entry) as KeptRefresh;
  return now - kept.since < KEPT && now >= kept.since ? kept.cookies : undefined;
}

export function keepRefresh(sealed: string, cookies: readonly string[], now: number): void {
  const zone = findZone('jwtverify');
  const kept: KeptRefresh = { since: now, cookies };
  if (zone !== undefined) putFor(zone, 'refreshed:' + nameOf(sealed), JSON.stringify(kept), KEPT);
}

/** `mine`: this request asks. `busy`: another one is asking. `resting`: somebody asked within the last ten seconds. */
export type Turn = 'mine' | 'busy' | 'resting';

const DONE = ' done';

function turnName(sealed: string, turn: number): string {
  return 'refreshing:' + nameOf(sealed) + ':' + turn.toString();
}

/** What an entry says: a time, and whether the question of then was answered. */
function readTurn(entry: string | number | undefined, now: number): Turn | undefined {
  if (entry === undefined) return undefined;
  const text = String(entry);
  const isDone = text.slice(-DONE.length) === DONE;
  const since = now - Number(isDone ? text.slice(0, -DONE.length) : text);
  if (!(since < PAUSE)) return undefined;
  return isDone ? 'resting' : 'busy';
}

/**
 * Takes the turn to ask the issuer about a session.
 * INVARIANT: entries are only added, one for each ten seconds, so no two workers have the same turn. Without a dictionary
 * every request has one.
 */
export function takeTurn(sealed: string, now: number): Turn {
  const zone = findZone('jwtverify');
  if (zone === undefined) return 'mine';
  const turn = Math.floor(now / PAUSE);
  const name = turnName(sealed, turn);
  const before = readTurn(zone.get(turnName(sealed, turn - 1)), now);
  if (before !== undefined) return before;
  try {
    return zone.add(name, now.toString()) ? 'mine' : (readTurn(zone.get(name), now) ?? 'resting');
  } catch {
    // A full dictionary: nobody refreshes, and the session goes on.
    return 'resting';
  }
}

/** Ends a turn that was taken at a time. */
export function endTurn(sealed: string, takenAt: number): void {
  const zone = findZone('jwtverify');
  if (zone !== undefined) put(zone, turnName(sealed, Math.floor(takenAt / PAUSE)), takenAt.toString() + DONE);
}

/** Waits for the refresh of another request, but not for long. */
export function waitForRefresh(sealed: string, now: () => number): Promise<readonly string[] | undefined> {
  const until = Date.now() + WAIT;
  const turn = Math.floor(now() / PAUSE);
  return new Promise((resolve) => {
    function isBusy(): boolean {
      const zone = findZone('jwtverify');
      return [turn - 1, turn].some((one) => readTurn(zone?.get(turnName(sealed, one)), now()) === 'busy');
    }
    function look(): void {
      // INVARIANT: before the result, which is there when a turn ends.
      const isOver = Date.now() >= until || !isBusy();
      const cookies = recallRefresh(sealed, now());
      if (cookies !== undefined || isOver) resolve(cookies);
      else setTimeout(look, LOOK);
    }
    look();
  });
}
