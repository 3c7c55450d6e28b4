// Open questions to an issuer: limited in all and for each client, and one for each token.
// Only tasks may use HAProxy's HTTP client. HAProxy 2.6 keeps a reference to the function of every task there ever was: so it
// is one function, and its tasks serve several questions (docs/decisions/0021-introspection.md).
import { networkOf } from '../../src/request/client-network';
import { describeLate, timeoutOf, UNSENT } from '../../src/keys/http-limits';
import type { HttpAnswer, HttpQuestion } from '../../src/ports/http';
import { describeAccepted, nextTurn, type Turn } from '../../src/token/client-secret';
import { createQuietLog } from '../ports/log';
import { giveMemoryBack, isOutOfMemory } from '../ports/memory-limit';
import { http } from '../ports/http';

/** One open question. */
interface Asked {
  /** One for each secret of the client. */
  readonly questions: readonly HttpQuestion[];
  /** A hash of the first. */
  readonly name: string;
  /** The network of the client that asks. */
  readonly network: string;
  readonly place: number;
  /** Seconds since the epoch. */
  readonly begun: number;
  /** From then on it is lost with its task, in seconds since the epoch. */
  readonly lostAt: number;
  /** Whether a task has taken it. */
  isTaken: boolean;
  answer: HttpAnswer | undefined;
}

/** The most open questions at once; more requests get 503. */
const MAX_ASKED = 512;
/** Up to this many, one client may have all. Beyond it, a client may have no more than its share. */
const MAX_OPEN = 256;
const SHARE = 16;
/** HAProxy tries four times, five seconds each, or twenty: a question that is older was lost with its task. */
const LOST_AFTER = 30;
const ONCE_LOST_AFTER = 90;
/** Looks for a place that another request has not taken meanwhile. */
const MOST_CLAIMS = 3;

/** Milliseconds between two checks: few at first, since most answers come at once. */
const PAUSE = 5;
const LONG_PAUSE = 25;
const SHORT_PAUSES = 40;
/** All pauses of a request together are as long as the time limit of an answer. */
function countPauses(seconds: number): number {
  return SHORT_PAUSES + (seconds * 1000 - SHORT_PAUSES * PAUSE) / LONG_PAUSE;
}

/** The most tasks that wait for another question, and the number of checks before one ends: ten seconds. */
const MAX_IDLE = 8;
const MAX_LOOKS = 2000;
/** A question that no task has taken after this many checks gets a task of its own. */
const PATIENCE = 4;

/** By a hash of the question. */
const asked = new LuaTable<string, Asked>();
/**
 * All of them, each in a place of its own. INVARIANT: HAProxy may suspend between any two instructions. So nothing counts
 * places up and down, or walks with `next` over a table that another request may change, and only Lua's own functions,
 * which nothing interrupts, change the queue.
 */
const places = new LuaTable<number, Asked>();
const queue: Asked[] = [];
/** The approximate number of waiting tasks; when it is wrong, questions wait a little longer. */
let idle = 0;

/**
 * A place for one more question; undefined when there is none, or none for this client. INVARIANT: it is so cheap that HAProxy
 * does not suspend it before the end (`tune.lua.forced-yield`, 10,000 instructions): requests that look at the same time
 * would all find the same places free.
 */
function findPlace(network: string, now: number): number | undefined {
  let free: number | undefined;
  let taken = 0;
  let own = 0;
  for (const place of $range(1, MAX_ASKED)) {
    const job = places.get(place) as Asked | undefined;
    if (job === undefined || now > job.lostAt) free = free ?? place;
    else {
      taken += 1;
      if (job.network === network) own += 1;
    }
  }
  return taken < MAX_OPEN || own < SHARE ? free : undefined;
}

/** Finds a place. HAProxy may have suspended the look, and another request may have taken the place: then it looks again. */
function claimPlace(network: string, now: number): number | undefined {
  for (let look = 0; look < MOST_CLAIMS; look++) {
    const place = findPlace(network, now);
    const present = place === undefined ? undefined : (places.get(place) as Asked | undefined);
    if (place === undefined || present === undefined || now > present.lostAt) return place;
  }
  return undefined;
}

/** The place of the client's secret that the issuer accepted last: one issuer at the most is asked. */
let accepted = 0;
const tell = createQuietLog();

/** Asks with the secret that was accepted last, and with the others where the issuer rejects it. Suspends. */
function post(this: void, job: Asked): HttpAnswer {
  const { questions, begun } = job;
  // A question of login is one alone.
  let turn: Turn = { place: questions.length === 1 ? 0 : accepted, tried: 1, begun };
  for (;;) {
    const question = questions[turn.place];
    if (question === undefined) return { ok: false, problem: UNSENT };
    const answer = http.post(question);
    const next = nextTurn(questions, turn, answer, os.time());
    if (next === undefined) {
      if (turn.tried > 1 && answer.ok && answer.status === 200) {
        accepted = turn.place;
        tell(describeAccepted(question.url, accepted, questions.length));
      }
      return answer;
    }
    turn = next;
  }
}

function run(job: Asked): void {
  job.isTaken = true;
  const [ok, answer] = pcall(post, job);
  if (!ok && isOutOfMemory(answer)) giveMemoryBack();
  job.answer = ok ? answer : { ok: false, problem: UNSENT };
  if (asked.get(job.name) === job) asked.delete(job.name);
  if (places.get(job.place) === job) places.delete(job.place);
}

/** Waits for a question; undefined when none came for a while, or enough tasks wait already. */
function takeNext(): Asked | undefined {
  const first: Asked | undefined = table.remove(queue, 1);
  if (first !== undefined || idle >= MAX_IDLE) return first;
  idle += 1;
  let job: Asked | undefined;
  for (let look = 0; look < MAX_LOOKS && job === undefined; look++) {
    core.msleep(PAUSE);
    job = table.remove(queue, 1);
  }
  idle -= 1;
  return job;
}

/** A task. */
function serve(this: void): void {
  for (let job = takeNext(); job !== undefined; job = takeNext()) run(job);
}

/** Waits for the answer, within bounds. */
function awaitAnswer(job: Asked, seconds: number): HttpAnswer | undefined {
  const most = countPauses(seconds);
  for (let pause = 0; pause < most && job.answer === undefined; pause++) {
    core.msleep(pause < SHORT_PAUSES ? PAUSE : LONG_PAUSE);
    if (pause !== PATIENCE || job.isTaken) continue;
    idle = 0;
    core.register_task(serve);
  }
  return job.answer;
}

/**
 * Asks, or joins a request that asks already. Suspends; the answer is bounded in time.
 * @param name a hash of the question
 * @param address the client's
 */
export function ask(questions: readonly HttpQuestion[], name: string, address: string): HttpAnswer {
  const now = os.time();
  let job = asked.get(name) as Asked | undefined;
  if (job === undefined || now > job.lostAt) {
    const network = networkOf(address);
    const place = claimPlace(network, now);
    if (place === undefined) return { ok: false, problem: 'too many questions are on their way' };
    const lostAt = now + (questions[0]?.isOnce === true ? ONCE_LOST_AFTER : LOST_AFTER);
    job = { questions, name, network, place, begun: now, lostAt, isTaken: false, answer: undefined };
    asked.set(name, job);
    places.set(place, job);
    table.insert(queue, job);
    if (idle < queue.length) core.register_task(serve);
  }
  const seconds = timeoutOf(questions[0]);
  return awaitAnswer(job, seconds) ?? { ok: false, problem: describeLate(seconds) };
}
