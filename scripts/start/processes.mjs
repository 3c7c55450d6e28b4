// The demo's child processes: their output with a name before each line, and an end for all of them.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { fail } from './fail.mjs';

/**
 * @typedef {{ name: string, command: string, args: string[], env: Record<string, string>, port: number }} Service
 * @typedef {{ service: Service, child: import('node:child_process').ChildProcess, output: string[], ended: boolean }} Running
 */

/**
 * Starts a service and waits until it says that it is healthy.
 * @param {Service} service
 * @param {(name: string, line: string) => void} log
 * @param {(running: Running) => void} onEnd called when the process ends, whyever
 * @returns {Promise<Running>}
 */
export async function start(service, log, onEnd) {
  const { PATH = '', HOME = '/' } = process.env;
  const child = spawn(service.command, service.args, {
    cwd: '/',
    env: { PATH: `${PATH}:/usr/local/sbin:/usr/sbin:/sbin`, HOME, LC_ALL: 'C.UTF-8', ...service.env },
    // A group of its own: Ctrl-C reaches this program alone, which ends its children in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const running = { service, child, output: /** @type {string[]} */ ([]), ended: false };
  const note = (/** @type {string} */ line) => {
    running.output.push(line);
    running.output.splice(0, running.output.length - 50);
    log(service.name, line);
  };
  child.stdout.on('data', splitLines(note));
  child.stderr.on('data', splitLines(note));
  child.on('error', (error) => note(error.message));
  child.on('close', () => {
    running.ended = true;
    onEnd(running);
  });
  for (let waited = 0; !(await isHealthy(service.port)); waited += 100) {
    if (running.ended || waited > 20_000) {
      await stop(running);
      fail(
        `\`${service.name}\` ${running.ended ? 'ended' : 'does not answer'} at its start`,
        running.output.join('\n'),
      );
    }
    await sleep(100);
  }
  return running;
}

/** Ends a process and its workers: TERM, and KILL to whatever is left after five seconds. @param {Running} running */
export async function stop(running) {
  signal(running, 'SIGTERM');
  for (let waited = 0; !running.ended && waited < 5000; waited += 50) {
    await sleep(50);
  }
  signal(running, 'SIGKILL');
}

/** @param {Running} running @param {NodeJS.Signals} name */
function signal({ child }, name) {
  try {
    process.kill(-(/** @type {number} */ (child.pid)), name);
  } catch {
    // Nobody is left in its group, or it never started.
  }
}

/**
 * Calls back for each line that is appended to a file; returns the function that ends it.
 * @param {string} path
 * @param {(line: string) => void} onLine
 */
export function follow(path, onLine) {
  closeSync(openSync(path, 'a', 0o644));
  const file = openSync(path, 'r');
  const feed = splitLines(onLine);
  const buffer = Buffer.alloc(65536);
  let at = statSync(path).size;
  const read = () => {
    for (let size = readSync(file, buffer, 0, buffer.length, at); size > 0;) {
      at += size;
      feed(buffer.subarray(0, size));
      size = readSync(file, buffer, 0, buffer.length, at);
    }
  };
  const timer = setInterval(read, 200);
  return () => {
    clearInterval(timer);
    read();
    closeSync(file);
  };
}

/** @param {(line: string) => void} onLine @returns {(chunk: Buffer) => void} */
function splitLines(onLine) {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach((line) => onLine(line));
  };
}

/** Whether `/health` answers 200; every service of the demo has one. @param {number} port @returns {Promise<boolean>} */
async function isHealthy(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** @param {number} milliseconds */
function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
