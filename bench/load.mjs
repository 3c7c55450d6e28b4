// One measurement: wrk on a core of its own asks a server for some seconds; what came of it, and what the server used.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CLIENT_CORE, guard, processorTime } from './processes.mjs';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

export const CONNECTIONS = 32;

/**
 * @typedef {{ rate: number, microseconds: number, busy: number }} Measurement
 *   `rate`: requests a second; `microseconds`: processor time of the server for each request;
 *   `busy`: the part of a core that the server used
 */

/**
 * Asks with one token, or with many in turn.
 * @param {{ pid: number, port: number }} server
 * @param {number} seconds
 * @param {import('./tokens.mjs').Tokens} tokens
 * @param {{ first: number, count: number, repeat: boolean, share?: number }} which unless `repeat`, none may be sent twice;
 *   `share`: of a thousand requests, while the others have the token before the first
 * @param {string} [path] what is asked for
 * @param {number} [status] what every request gets
 * @returns {Promise<Measurement>}
 */
export async function measureLoad(server, seconds, tokens, which, path = '/', status = 200) {
  const { first, count, repeat, share = 1000 } = which;
  const { field } = tokens;
  const url = `http://127.0.0.1:${server.port}${path}`;
  const one = ['-H', `${field.name}: ${field.before}${tokens.list[first]}`, url];
  const range = [tokens.file, String(first), String(count), field.name, field.before, String(share)];
  const many = ['-s', SCRIPT, url, '--', ...range];
  const options = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '20s'];
  const before = processorTime(server.pid);
  const text = await run(['taskset', '-c', CLIENT_CORE, 'wrk', ...options, ...(count === 1 ? one : many)]);
  const used = processorTime(server.pid) - before;
  const [, requests = 0, took = 0] = (/(\d+) requests in ([\d.]+)s,/.exec(text) ?? []).map(Number);
  const made = Number(/Requests made: (\d+)/.exec(text)?.[1] ?? 0);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  if (requests === 0 || refused !== (status === 200 ? 0 : requests) || /Socket errors/.test(text)) {
    throw new Error(`not every request was answered with ${status}:\n${text}`);
  }
  if (!repeat && made > count) {
    throw new Error(
      `${count} tokens were not enough for ${seconds} s: \`--tokens ${Math.ceil((made * 1.5) / 1e4) * 1e4}\``,
    );
  }
  return { rate: requests / took, microseconds: used / requests, busy: used / (took * 1e6) };
}

/**
 * @param {readonly string[]} command
 * @returns {Promise<string>}
 */
function run([command = '', ...args]) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    guard(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.once('error', fail);
    child.once('close', (code) => (code === 0 ? done(output) : fail(new Error(`\`${command}\` failed:\n${output}`))));
  });
}
