// Sends each token exactly once, many on their way at the same time, and counts the answers. For what is exact rather
// than fast: filling a cache, and checking that a server does what it is measured for.
import { connect } from 'node:net';
import { BEARER } from './tokens.mjs';

/** Requests on their way on one connection, and connections. */
const PIPELINED = 32;
const CONNECTIONS = 4;

/**
 * Asks once with each token.
 * @param {number} port
 * @param {readonly string[]} tokens
 * @param {string} [path]
 * @param {import('./tokens.mjs').Field} [field]
 * @returns {Promise<Record<string, number>>} how often each status was answered
 */
export async function askAll(port, tokens, path = '/', field = BEARER) {
  /** @type {Record<string, number>} */
  const statuses = {};
  let next = 0;
  const before = `GET ${path} HTTP/1.1\r\nHost: a\r\n${field.name}: ${field.before}`;
  const take = () => tokens.slice(next, (next += PIPELINED));
  const connections = Math.min(CONNECTIONS, Math.ceil(tokens.length / PIPELINED));
  await Promise.all(Array.from({ length: connections }, () => askOn(port, before, take, statuses)));
  return statuses;
}

/**
 * @param {number} port
 * @param {string} before a request's text before the token
 * @param {() => readonly string[]} take the next tokens; none at the end
 * @param {Record<string, number>} statuses
 * @returns {Promise<void>}
 */
function askOn(port, before, take, statuses) {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    let awaited = 0;
    let rest = '';
    const send = () => {
      const tokens = take();
      awaited = tokens.length;
      if (awaited === 0) {
        socket.end(done);
      } else {
        socket.write(tokens.map((token) => `${before}${token}\r\n\r\n`).join(''));
      }
    };
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer in 20 seconds')));
    socket.setEncoding('latin1');
    socket.on('connect', send);
    socket.on('data', (text) => {
      // A status line may be cut anywhere.
      const read = rest + text;
      let last = 0;
      for (const found of read.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
        const status = found[1] ?? '';
        statuses[status] = (statuses[status] ?? 0) + 1;
        awaited -= 1;
        last = found.index + found[0].length;
      }
      rest = read.slice(Math.max(last, read.length - 12));
      if (awaited === 0) {
        send();
      }
    });
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the connection was closed')));
  });
}
