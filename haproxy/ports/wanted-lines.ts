// Lines of HAProxy's configuration that jwtverify requires, word by word: messages name them, and the command writes them.
import { AUTHORIZED, TRANSACTION } from '../../src/answer/contract';
import { addressesOf } from '../../src/broker/addresses';
import type { Broker } from '../../src/model/broker';

/** Refuses what an action did not let pass, also where HAProxy ended the action early. */
export const CHECK_LINE = `http-request deny deny_status 503 unless { var(${TRANSACTION}${AUTHORIZED}) -m bool }`;

/** Gives a refreshed session to its browser. */
export const SESSION_LINE = 'http-response lua.jwtsession';

/** Room for a session beside the answer of an application, and for large cookies in a request. */
export const SESSION_ROOM: readonly string[] = ['tune.maxrewrite 8192', 'tune.bufsize 32768'];

/** How an operator makes that room. */
export const MAKE_ROOM = 'put `' + SESSION_ROOM.join('` and `') + '` into `global`';

/** The line that answers the paths of login. */
export function writeLoginLine(prefix: string): string {
  return 'http-request use-service lua.jwtlogin if { path_beg ' + prefix + '/ }';
}

/** The line that answers the addresses of the broker. */
export function writeBrokerLine(broker: Broker): string {
  const { exact, below } = addressesOf(broker);
  const callbacks = below === undefined ? '' : ' or { path_beg ' + below + ' }';
  return 'http-request use-service lua.jwtbroker if { path ' + exact.join(' ') + ' }' + callbacks;
}

/**
 * The line by which HAProxy loads a key of its own.
 * @param number of the file, from 1: each has a variable of its own
 */
export function writeNativeLine(path: string, number: number): string {
  const variable = 'proc.oauth_native' + (number === 1 ? '' : number.toString());
  return 'set-var ' + variable + ' str(),jwt_verify(RS256,' + path + ')';
}
