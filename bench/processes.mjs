// Starts what is measured, on a core of its own, and reads what it used: processor time and memory.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';

export { freePort } from '../scripts/test/free-port.mjs';

/** The proxy has one core, whatever asks it has the other. */
export const PROXY_CORE = '0';
export const CLIENT_CORE = '1';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** @typedef {{ pid: number, port: number, output: () => string, stop: () => Promise<void> }} Server */

/** What runs, and the directory that goes with it. @type {Map<import('node:child_process').ChildProcess, string>} */
const running = new Map();

/** Ends whatever was started here and removes its files, at once, for a run that is broken off. */
export function endAll() {
  for (const [child, directory] of running) {
    child.kill('SIGTERM');
    if (directory !== '') {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  running.clear();
}

/**
 * Has a process end with this program, however that ends.
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} [directory] that is removed then
 */
export function guard(child, directory = '') {
  running.set(child, directory);
  const forget = () => void running.delete(child);
  child.once('error', forget);
  child.once('exit', forget);
}

/**
 * Starts a server inside a root file system, in the foreground, and waits until it listens.
 * @param {string} root
 * @param {Readonly<Record<string, string>>} files by name; DIRECTORY in them, and in the command, becomes their place
 * @param {readonly string[]} command
 * @param {{ port: number, worker: boolean }} about `worker`: its one child does the work
 * @returns {Promise<Server>} `pid` is of the process that does the work
 */
export async function startServer(root, files, command, { port, worker }) {
  const place = writeFiles(root, files);
  // Nothing of it outlives this program.
  const before = ['--pdeathsig', 'TERM', 'taskset', '-c', PROXY_CORE, 'chroot', root];
  const child = spawn('setpriv', [...before, ...command.map((word) => word.replaceAll('DIRECTORY', place.inside))], {
    cwd: '/',
    env: { PATH, HOME: '/root', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  guard(child, place.outside);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  let ended = false;
  const exited = new Promise((done) => {
    child.once('error', done);
    child.once('exit', done);
  }).then(() => {
    ended = true;
    rmSync(place.outside, { recursive: true, force: true });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(timer);
  };
  const deadline = Date.now() + 10_000;
  const pid = child.pid ?? 0;
  const workerOf = () => (worker ? childrenOf(pid)[0] : pid);
  while (!(await accepts(port)) || workerOf() === undefined) {
    if (ended || Date.now() > deadline) {
      await stop();
      throw new Error(`\`${command[0]}\` does not listen:\n${output}`);
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  return { pid: workerOf() ?? pid, port, output: () => output, stop };
}

/**
 * @param {string} root
 * @param {Readonly<Record<string, string>>} files
 */
function writeFiles(root, files) {
  mkdirSync(join(root, 'srv'), { recursive: true });
  const outside = mkdtempSync(join(root, 'srv/bench-'));
  chmodSync(outside, 0o755);
  const inside = `/srv/${basename(outside)}`;
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(outside, name), text.replaceAll('DIRECTORY', inside));
  }
  return { outside, inside };
}

/** @param {number} pid */
function childrenOf(pid) {
  if (!existsSync(`/proc/${pid}/task/${pid}/children`)) {
    return [];
  }
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/**
 * Processor time of a process and its threads so far, in microseconds, as the scheduler counts it.
 * @param {number} pid
 */
export function processorTime(pid) {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1000;
}

/**
 * Memory that a process has in use, what it shares with others too, in bytes.
 * @param {number} pid
 */
export function residentMemory(pid) {
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** @param {number} port */
function accepts(port) {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => undefined);
    socket.once('close', (failed) => done(!failed));
  });
}
