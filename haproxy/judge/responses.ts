// What a browser gets where it is refused, and the cookies that go with the answer of an application.
import type { LoginAnswer } from '../../src/login/login-answer';
import { answerRefusal } from '../answer/reply';
import { createQuietLog, logCaught } from '../ports/log';
import { dropCookies, setCookies } from '../store/kept-cookies';
import type { BrowserRefusal } from './browser';

const complain = createQuietLog();

/** HAProxy has one buffer for an answer of its own; what is longer is left to `answerRefusal`. */
const LONGEST = 12000;

function sizeOf({ headers, body }: LoginAnswer): number {
  let size = body.length;
  for (const [name, value] of headers) size += name.length + value.length + 4;
  return size;
}

function sendAnswer(txn: Txn, { status, headers, body }: LoginAnswer): never {
  const reply = txn.reply();
  reply.set_status(status);
  for (const [name, value] of headers) reply.add_header(name, value);
  if (body !== '') reply.set_body(body);
  return txn.done(reply);
}

/** Answers with the way to sign in or the page, or with the refusal itself. Does not return. */
export function answerBrowser(txn: Txn, { decision, cookies, render }: BrowserRefusal): never {
  const [fine, answer] = pcall(render);
  if (!fine) logCaught(answer);
  else if (answer !== undefined && sizeOf(answer) <= LONGEST) return sendAnswer(txn, answer);
  dropCookies(txn);
  return answerRefusal(txn, decision, cookies);
}

/** Sets the cookies that wait for this answer. */
export function giveCookies(txn: Txn): void {
  const [fine, isSet] = pcall(setCookies, txn);
  if (!fine) logCaught(isSet);
  else if (!isSet) complain('a refreshed session does not fit beside an answer; raise `tune.maxrewrite`');
}

/** Registers an action for responses. HAProxy 2.6 knows no `http-after-response` for Lua, and registers what precedes it. */
export function registerForResponses(name: string, run: (txn: Txn) => void): void {
  const [fine] = pcall(core.register_action, name, ['http-after-res', 'http-res'], run, 0);
  if (!fine) core.register_action(name, ['http-res'], run, 0);
}
