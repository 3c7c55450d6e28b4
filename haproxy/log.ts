// HAProxy's log. No line holds a token, a signature, a key or a claim's value.
import type { Log } from '../src/ports/host';

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
  log.error('no room for ' + what + ' of a token, the request was refused; raise `' + remedy + '`');
}

/** Logs what shadow mode let pass, at level `info`: by rule and reason, never by what a client sent. */
export function logShadow(rule: string, reason: string): void {
  const name = rule === '' ? '' : 'rule `' + rule + '` ';
  core.log(core.info, 'jwtverify: shadow mode: ' + name + 'would have refused a request: ' + reason);
}

/** How many errors were caught in this Lua state. */
let caught = 0;

/**
 * Logs an error that Lua raised, by its place. Of the message only Lua's own `attempt to ...` is told, which names code:
 * any other may quote what it was raised over.
 * @param problem what `pcall` answered
 */
export function logCaught(problem: unknown): void {
  caught += 1;
  const message = typeof problem === 'string' ? problem : '';
  const [place] = string.match(message, '^([^%c]-:%d+): ');
  const [attempt] = string.match(message, ': (attempt to [a-z ]+)');
  log.error(
    'internal error ' +
      tostring(caught) +
      (place === undefined ? '' : ' at ' + place) +
      (attempt === undefined ? '' : ': ' + attempt) +
      '; the request was refused',
  );
}
