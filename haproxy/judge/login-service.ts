// `use-service lua.jwtlogin`: signs browsers in and out, and ends sessions for the issuer.
import { answerLogin } from '../../src/login/answer-login';
import { eventOf } from '../../src/login/login-event';
import { renderReply, type LoginAnswer } from '../../src/login/login-answer';
import { failToEnd, type LoginReply } from '../../src/login/step';
import { refuse } from '../../src/answer/decision';
import { PROBLEM_TYPE, problemBody } from '../../src/answer/problem-details';
import { countLogin } from '../ports/counts';
import { logCaught, logLogin } from '../ports/log';
import { giveMemoryBack, isOutOfMemory } from '../ports/memory-limit';
import { takeText, type Random } from '../ports/random';
import { linesOfService } from '../ports/request-lines';
import { enter, leave } from '../ports/transaction';
import { performReply, type Performer } from '../store/login-steps';
import { awaitFirstKeys } from '../store/key-waits';
import { ask } from '../store/questions';
import type { LoginHost } from '../store/login-host';
import type { Snapshot } from '../store/snapshot';

/** Bytes of the system's generator for one request, and for the name of a question. */
export const RANDOM = 96;
const NAME = 16;

/** Answers with problem details, where nothing better can be said. */
export function renderProblem(reason: 'settings_invalid' | 'internal_error'): LoginAnswer {
  const decision = refuse(reason);
  const headers = [
    ['Content-Type', PROBLEM_TYPE],
    ['Cache-Control', 'no-store'],
  ] as const;
  return { status: decision.status, headers, body: problemBody(decision) };
}

const BROKEN = renderProblem('internal_error');

/** The reply, once what it ends is kept; nobody may believe in a sign-out that was none. */
function keepEnd(host: LoginHost, reply: LoginReply): LoginReply {
  if (reply.denies === undefined || host.ended.keep(reply.denies)) return reply;
  return { ...failToEnd(reply), detail: 'the end of a session cannot be kept' };
}

/** Asks for the client of a request. */
export function askerOf(random: Random, applet: HttpApplet): Performer['ask'] {
  const address = applet.f.src() ?? '';
  return (question) => ask([question], takeText(random, NAME), address);
}

function performerOf({ keys, signatures }: Snapshot, host: LoginHost, applet: HttpApplet): Performer {
  return { host, keys, signatures, ask: askerOf(host.random, applet) };
}

function answerRequest(this: void, snapshot: Snapshot | undefined, applet: HttpApplet): LoginAnswer {
  const login = snapshot?.login;
  if (snapshot === undefined || login === undefined) return renderProblem('settings_invalid');
  const { host } = login;
  enter(applet);
  // The first request may come before the first answer of the issuer.
  if (!host.context().endpoints.ok) awaitFirstKeys(snapshot.keys);
  const context = host.context();
  const lines = linesOfService(applet);
  const first = answerLogin(context, lines, takeText(host.random, RANDOM), os.time());
  const reply = keepEnd(host, performReply(performerOf(snapshot, host, applet), first));
  leave();
  if (reply.detail !== undefined) logLogin(reply.detail);
  const event = eventOf(host.login.prefix, lines.target, reply);
  if (event !== undefined) countLogin(event);
  return renderReply(context, reply);
}

function send(applet: HttpApplet, { status, headers, body }: LoginAnswer): void {
  applet.set_status(status);
  for (const [name, value] of headers) applet.add_header(name, value);
  applet.add_header('Content-Length', tostring(body.length));
  applet.start_response();
  if (body !== '' && applet.method !== 'HEAD') applet.send(body);
}

/** Sends an answer, and one in the place of whatever is raised. */
export function answerSafely(
  answer: (this: void, snapshot: Snapshot | undefined, applet: HttpApplet) => LoginAnswer,
  snapshot: Snapshot | undefined,
  applet: HttpApplet,
): void {
  const [fine, result] = pcall(answer, snapshot, applet);
  if (fine) {
    send(applet, result);
    return;
  }
  if (isOutOfMemory(result)) giveMemoryBack();
  leave();
  logCaught(result);
  send(applet, BROKEN);
}

/** Answers a request to one of login's paths. */
export function answerSignIn(snapshot: Snapshot | undefined, applet: HttpApplet): void {
  answerSafely(answerRequest, snapshot, applet);
}
