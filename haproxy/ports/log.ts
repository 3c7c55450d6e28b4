// HAProxy's log. No line holds a token, a signature, a key or a claim's value, except an `iss` or `aud` that is refused.
import { describeError, describeRefusal, describeShadow } from '../../src/answer/log-line';
import type { KeyReport } from '../../src/keys/key-report';
import type { Log } from '../../src/ports/host';
import { describeUnasked } from '../../src/request/unasked';
import { isOutOfMemory } from './memory-limit';

export const log: Log = {
  error: (line) => {
    core.log(core.err, 'jwtverify: ' + line);
  },
  notice: (line) => {
    core.log(core.notice, 'jwtverify: ' + line);
  },
};

/** Logs that a request with a good token was refused because something did not fit. */
export function logNoRoom(what: string, remedy: string): void {
  log.error('a request was refused: there is no room for ' + what + ' of its token; raise `' + remedy + '`');
}

/** Logs a change of an issuer's keys. */
export function logKeys(report: KeyReport): void {
  if (report.isError) log.error(report.line);
  else log.notice(report.line);
}

/** Logs that a request passed in shadow mode, at level `info`: the rule and the reason, never what a client sent. */
export function logShadow(rule: string, reason: string): void {
  core.log(core.info, 'jwtverify: ' + describeShadow(rule, reason));
}

/** Logs a decision on a verified token, at level `info`, where access logs are. @param line from `describeAudit` */
export function logAudit(line: string): void {
  core.log(core.info, 'jwtverify: ' + line);
}

/** Seconds in which one kind of trouble is logged once. */
const QUIET = 60;

/** Makes a log for one kind of trouble that every request may meet. */
export function createQuietLog(): (line: string) => void {
  let loggedAt = 0;
  return (line) => {
    const now = os.time();
    if (now - loggedAt < QUIET) return;
    loggedAt = now;
    log.error(line);
  };
}

const complainOfGateway = createQuietLog();

/** Logs that a gateway did not name the request that it asks about. @param variable the empty one */
export function logUnasked(variable: string): void {
  complainOfGateway(describeUnasked([variable]));
}

/** Logs why a token was refused, at level `info`. @param detail bounded, and of visible ASCII */
export function logDetail(reason: string, detail: string): void {
  core.log(core.info, 'jwtverify: ' + describeRefusal(reason, detail));
}

/** How many errors were caught in this Lua state. */
let caught = 0;

/**
 * Logs an error that Lua raised, by its place. Of the message it logs only Lua's own `attempt to ...`, which names code:
 * any other part may quote the value that caused the error.
 * @param problem what `pcall` returned
 */
export function logCaught(problem: unknown): void {
  caught += 1;
  const message = typeof problem === 'string' ? problem : '';
  const [place] = string.match(message, '^([^%c]-:%d+): ');
  const [attempt] = string.match(message, ': (attempt to [a-z ]+)');
  const detail =
    'number ' +
    tostring(caught) +
    (place === undefined ? '' : ' at ' + place) +
    (attempt === undefined ? '' : ': ' + attempt) +
    (isOutOfMemory(problem) ? ': not enough memory, raise `tune.lua.maxmem`' : '');
  log.error(describeError(detail));
}

/** Logs why a sign-in failed, at level `info`. @param detail without code, token or claim */
export function logLogin(detail: string): void {
  core.log(core.info, 'jwtverify: login: ' + detail);
}
