// Refreshes of sessions: one at a time for each session in the whole process, in a task, so that no browser that goes away
// loses what the issuer gave. HAProxy 2.6 keeps a reference to the function of every task there ever was: so it is one function.
import { refreshSession } from '../../src/login/refresh';
import { parseSession } from '../../src/login/session-text';
import type { Refreshed } from '../../src/login/step';
import type { Openable } from '../../src/login/sealed-text';
import { createTwoGenerations } from '../../src/memory/two-generations';
import { countRefresh } from '../ports/counts';
import { createQuietLog, logCaught } from '../ports/log';
import { forgetWhenFull, giveMemoryBack, isOutOfMemory } from '../ports/memory-limit';
import { requestWith } from '../ports/request-lines';
import { text } from '../ports/text';
import { createLock } from '../ports/lock';
import type { LoginHost } from './login-host';
import { performRefresh, type Performer } from './login-steps';
import { openRefreshShare, type Refreshing, type RefreshShare } from './refresh-share';

/** A session to be refreshed. */
export interface Due {
  /** The whole sealed text. */
  readonly value: string;
  readonly openable: Openable;
  /** The cookies of the request. */
  readonly cookies: readonly string[];
}

interface Job {
  readonly due: Due;
  readonly id: string;
  readonly place: number;
  /** Seconds since the epoch. */
  readonly begun: number;
  result: Refreshing | undefined;
}

/** Seconds for which a result counts for the old cookie, and for which nobody asks an issuer again that is down. */
const KEEP = 60;
const PAUSE = 10;
/** The most results that are kept, and refreshes at once: beyond them sessions go on as they are. */
const MOST = 2000;
const MOST_JOBS = 256;
/** HAProxy tries four times, twenty seconds each: a refresh that is older was lost with its task. */
const LOST_AFTER = 110;
/** Seconds after which a refresh that has begun is not waited for any more. */
const SLOW_AFTER = 3;
/**
 * Milliseconds between two looks: few at first, since most answers come at once. After three seconds a request goes on with the
 * session as it is; a later one brings the browser the result.
 */
const LOOK = 5;
const LONG_LOOK = 40;
const SHORT_LOOKS = 40;
const LOOKS = 110;

/** @noSelf */
export interface Refreshes {
  /**
   * Refreshes a session, or gets what a moment ago came of it. Suspends.
   * @param waits whether to wait for a refresh that another request began
   * @returns undefined: the session goes on as it is
   */
  refresh(due: Due, waits: boolean): Refreshing | undefined;
}

/** The nonce of a sealed text, which no other has. */
function nameOf(value: string): string {
  return string.sub(value, 9, 24);
}

/** The session goes on, and nobody asks for a while. */
function keep(): Refreshing {
  return { kind: 'kept', cookies: [], until: os.time() + PAUSE };
}

/** Makes the refreshes of one Lua state. To be called while HAProxy starts. */
export function createRefreshes(performer: Performer, host: LoginHost): Refreshes {
  const share: RefreshShare = openRefreshShare(host);
  /**
   * By name, and each in a place of its own. INVARIANT: HAProxy may suspend between any two instructions, so nothing counts
   * them up and down, or walks with `next` over a table that another request may change.
   */
  const jobs = new LuaTable<string, Job>();
  const places = new LuaTable<number, Job>();
  const results = createTwoGenerations<Refreshing>(MOST);
  const lock = createLock();
  const queue: Job[] = [];
  const complain = createQuietLog();
  forgetWhenFull(() => {
    results.clear();
  });

  function toResult(refreshed: Refreshed): Refreshing {
    const now = os.time();
    if (refreshed.kind === 'refreshed') return { kind: 'refreshed', cookies: refreshed.cookies, until: now + KEEP };
    complain('a session is not refreshed: ' + refreshed.detail);
    return refreshed.kind === 'ended' ? { kind: 'ended', cookies: refreshed.cookies, until: now + KEEP } : keep();
  }

  function ask(this: void, { due }: Job): Refreshing {
    const opened = host.sealing.open(due.openable.key, due.openable.sealed);
    const session = opened === undefined ? undefined : parseSession(opened, text);
    if (session === undefined) error('a session does not open', 0);
    return toResult(performRefresh(performer, refreshSession(host.context(), requestWith(due.cookies), session)));
  }

  /** INVARIANT: a turn that was taken ends. */
  function perform(this: void, job: Job): Refreshing {
    const taken = share.take(job.id);
    if (taken !== undefined) return taken;
    const [fine, outcome] = pcall(ask, job);
    if (!fine && isOutOfMemory(outcome)) giveMemoryBack();
    if (!fine) logCaught(outcome);
    const result: Refreshing = fine ? outcome : keep();
    countRefresh(result.kind);
    share.put(job.id, result);
    return result;
  }

  function run(job: Job): void {
    const [fine, outcome] = pcall(perform, job);
    if (!fine) logCaught(outcome);
    const result: Refreshing = fine ? outcome : keep();
    results.remember(job.id, result);
    job.result = result;
    if (jobs.get(job.id) === job) jobs.delete(job.id);
    if (places.get(job.place) === job) places.delete(job.place);
  }

  /** A task. */
  function serve(this: void): void {
    const job: Job | undefined = table.remove(queue, 1);
    if (job !== undefined) run(job);
  }

  function isLost(job: Job, now: number): boolean {
    return now - job.begun > LOST_AFTER;
  }

  function findPlace(now: number): number | undefined {
    for (const place of $range(1, MOST_JOBS)) {
      const job = places.get(place) as Job | undefined;
      if (job === undefined || isLost(job, now)) return place;
    }
    return undefined;
  }

  function begin(due: Due, id: string, now: number): Job | undefined {
    const place = findPlace(now);
    if (place === undefined) return undefined;
    const job: Job = { due, id, place, begun: now, result: undefined };
    jobs.set(id, job);
    places.set(place, job);
    table.insert(queue, job);
    core.register_task(serve);
    return job;
  }

  function recall(id: string): Refreshing | undefined {
    const result = results.recall(id);
    return result !== undefined && os.time() < result.until ? result : undefined;
  }

  /**
   * The job for a session, one for all requests; undefined when there is nothing to wait for, or nobody has a place.
   * INVARIANT: a job has a result before it is gone, so it is looked for first.
   */
  function join(due: Due, id: string, waits: boolean): Job | undefined {
    const now = os.time();
    const present = jobs.get(id) as Job | undefined;
    if (present !== undefined && !isLost(present, now)) {
      return waits && now - present.begun < SLOW_AFTER ? present : undefined;
    }
    return recall(id) === undefined ? begin(due, id, now) : undefined;
  }

  function refresh(due: Due, waits: boolean): Refreshing | undefined {
    const id = nameOf(due.value);
    const known = recall(id);
    if (known !== undefined) return known;
    if (!lock.take()) return undefined;
    const job = join(due, id, waits);
    lock.release();
    // Another request's may have come meanwhile.
    if (job === undefined) return recall(id);
    for (let look = 0; look < LOOKS && job.result === undefined; look++) {
      core.msleep(look < SHORT_LOOKS ? LOOK : LONG_LOOK);
    }
    return job.result;
  }

  return { refresh };
}
