// The test machines: runs real proxies inside the prepared root file system of a Debian suite, and asks them over HTTP.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { SUITES as PREPARED, suitePath, suiteVersions } from '../../../scripts/suites.mjs';

export { freePort } from '../../../scripts/test/free-port.mjs';

export type SuiteName = 'bookworm' | 'trixie' | 'sid';

export const SUITES: readonly SuiteName[] = PREPARED;

export interface StartOptions {
  /** The whole environment of the process, but for PATH and the like: nothing of the caller's gets in. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * The UTC time of the process's clock, as `2018-11-07 00:00:00`. It ticks from there; with ` x0` after it, it stands still,
   * and HAProxy waits for ever where it waits for a time, as between the steps of a signature in plain TypeScript.
   */
  readonly faketime?: string;
  /** A directory inside the suite. */
  readonly cwd?: string;
  /** Whether it sees `/proc`, by which a shell names pipes. */
  readonly hasProc?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Running {
  /** The process itself, as this machine numbers it; there is no wrapper in between. */
  readonly pid: number;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  /** Resolves when the process, and every child that it left behind, is gone. */
  readonly exited: Promise<Ended>;
  /** Sends TERM, and KILL to whatever is left after five seconds. */
  stop(): Promise<void>;
}

export interface HttpRequest {
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  /** Sent as they stand, duplicates too; each character is one byte (latin1). */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

/** Headers by which a client makes its request depend on what it has already (RFC 9110 §13), and one for a part. */
export const CONDITIONS: readonly (readonly [string, string])[] = [
  ['If-Match', '"x"'],
  ['If-Match', '*'],
  ['If-None-Match', '"x"'],
  ['If-None-Match', '*'],
  ['If-Modified-Since', 'Wed, 21 Oct 2026 07:28:00 GMT'],
  ['If-Unmodified-Since', 'Wed, 21 Oct 2015 07:28:00 GMT'],
  ['Range', 'bytes=0-0'],
];

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; the values of a repeated field are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** HAProxy, in the foreground. It does not share its ports (SO_REUSEPORT): one that another process has is an error. */
export const HAPROXY = ['haproxy', '-db', '-dR'] as const;

/** Mounts `/proc` of a root file system for one `chroot` alone. */
const WITH_PROC = ['unshare', '-m', 'sh', '-c', 'mount -t proc proc "$2/proc" && exec "$@"', 'sh'] as const;
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The absolute path of a suite's root file system.
 * @throws when the suite has not been prepared
 */
export function suiteRoot(suite: SuiteName): string {
  if (suiteVersions(suite) === undefined) {
    throw new Error(`suite ${suite} is not prepared: run \`node scripts/suites.mjs\` as root`);
  }
  return suitePath(suite);
}

/** Makes a fresh, world-readable directory inside a suite. It is removed when the test run ends. */
export function makeWorkDirectory(suite: SuiteName): { outside: string; inside: string } {
  const parent = join(suiteRoot(suite), 'srv');
  mkdirSync(parent, { recursive: true });
  const outside = mkdtempSync(join(parent, 'test-'));
  chmodSync(outside, 0o755);
  tellGuard(`directory ${outside}`);
  return { outside, inside: `/srv/${basename(outside)}` };
}

/** Starts a command inside a suite, in the foreground and in a process group of its own. */
export function startIn(suite: SuiteName, command: readonly string[], options: StartOptions = {}): Running {
  const chroot = ['chroot', suiteRoot(suite), '/usr/bin/env', ...insideArguments(options), ...command];
  const [program = '', ...words] = options.hasProc === true ? [...WITH_PROC, ...chroot] : chroot;
  const child = spawn(program, words, {
    cwd: '/',
    detached: true,
    env: { PATH: SEARCH_PATH, HOME: '/root', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid;
  if (pid === undefined) {
    throw new Error(`cannot start \`${command.join(' ')}\` in ${suite}`);
  }
  tellGuard(`group ${String(pid)}`);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exited = waitForEnd(child, pid);
  return { pid, output: () => output, exited, stop: () => stopProcess(pid, exited) };
}

/** Runs a command inside a suite to its end. `output` is stdout and stderr in the order they came. */
export async function runIn(
  suite: SuiteName,
  command: readonly string[],
  options: StartOptions = {},
): Promise<{ code: number; output: string }> {
  const running = startIn(suite, command, options);
  const { code } = await running.exited;
  return { code: code ?? -1, output: running.output() };
}

// What `env` does inside: changes the directory, and loads libfaketime itself instead of through its wrapper, which
// would fork and so stand between the test and the proxy.
function insideArguments(options: StartOptions): string[] {
  const directory = options.cwd === undefined ? [] : ['-C', options.cwd];
  if (options.faketime === undefined) {
    return directory;
  }
  // The dynamic linker puts its own library folder for `$LIB`, `lib/x86_64-linux-gnu` for one. The C library stands
  // second so that its malloc is used: HAProxy's jemalloc asks for the time while libfaketime waits for memory.
  const preload = '/usr/$LIB/faketime/libfaketime.so.1 libc.so.6';
  return [...directory, `LD_PRELOAD=${preload}`, `FAKETIME=@${options.faketime}`];
}

function waitForEnd(child: ChildProcess, pid: number): Promise<Ended> {
  return new Promise((done) => {
    // Workers that outlive their master would hold the pipes open.
    child.once('exit', () => {
      signalGroup(pid, 'SIGKILL');
      tellGuard(`gone ${String(pid)}`);
    });
    child.once('close', (code, signal) => {
      done({ code, signal });
    });
  });
}

async function stopProcess(pid: number, exited: Promise<Ended>): Promise<void> {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It is gone already.
  }
  const timer = setTimeout(() => {
    signalGroup(pid, 'SIGKILL');
  }, 5000);
  await exited;
  clearTimeout(timer);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // No process of the group is left.
  }
}

// One small shell for each test process. It waits for the end of its input, which comes however the test process ends,
// and then ends what that one started and removes what it made.
const GUARD = `
trap '' INT TERM HUP
groups= directories=
while read -r what name; do
  case $what in
    group) groups="$groups $name" ;;
    gone) kept=; for group in $groups; do [ "$group" = "$name" ] || kept="$kept $group"; done; groups=$kept ;;
    directory) directories="$directories $name" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
[ -z "$directories" ] || rm -rf -- $directories
`;

let guard: ChildProcess | undefined;

function tellGuard(line: string): void {
  if (guard === undefined) {
    guard = spawn('sh', ['-c', GUARD], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    guard.unref();
    // The pipe must not keep the test process alive either.
    (guard.stdin as unknown as { unref(): void }).unref();
  }
  guard.stdin?.write(`${line}\n`);
}

/**
 * Waits until something accepts connections on a port, at most thirty seconds.
 * @param running the process that should listen: when it ends, waiting ends with its output
 */
export async function waitForPort(port: number, running?: Running): Promise<void> {
  const deadline = Date.now() + 30_000;
  let ended: Ended | undefined;
  void running?.exited.then((how) => (ended = how));
  while (!(await accepts(port))) {
    if (ended !== undefined || Date.now() > deadline) {
      const how = ended === undefined ? 'in thirty seconds' : `before the process ended (${JSON.stringify(ended)})`;
      throw new Error(`nothing listened on port ${String(port)} ${how}\n${running?.output() ?? ''}`);
    }
    await new Promise((done) => setTimeout(done, 25));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => {
      done(false);
    });
  });
}

/** Sends one request byte for byte on a connection of its own and reads the whole answer. */
export async function request(wanted: HttpRequest): Promise<HttpAnswer> {
  const method = wanted.method ?? 'GET';
  const given = wanted.headers ?? [];
  const has = (name: string) => given.some(([other]) => other.toLowerCase() === name);
  const body = wanted.body ?? '';
  const lines = [`${method} ${wanted.path ?? '/'} HTTP/1.1`];
  if (!has('host')) {
    lines.push(`Host: 127.0.0.1:${String(wanted.port)}`);
  }
  if (!has('connection')) {
    lines.push('Connection: close');
  }
  const isSized = has('content-length') || has('transfer-encoding');
  if (!isSized && (body !== '' || method === 'POST' || method === 'PUT' || method === 'PATCH')) {
    lines.push(`Content-Length: ${String(Buffer.byteLength(body, 'utf8'))}`);
  }
  for (const [name, value] of given) {
    lines.push(`${name}: ${value}`);
  }
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return parseAnswer(await exchange(wanted.port, Buffer.concat([head, Buffer.from(body, 'utf8')])), method);
}

function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((done, fail) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(20_000, () => socket.destroy(new Error(`no answer from port ${String(port)} in 20 seconds`)));
    socket.on('data', (chunk) => received.push(chunk));
    socket.once('end', () => {
      done(Buffer.concat(received));
    });
    // A server may reset the connection after its answer, when it did not read the whole request.
    socket.once('error', (error) => {
      if (received.length > 0) {
        done(Buffer.concat(received));
      } else {
        fail(error);
      }
    });
  });
}

function parseAnswer(bytes: Buffer, method: string): HttpAnswer {
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    const lines = rest.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n');
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(lines[0] ?? '')?.[1];
    if (end < 0 || status === undefined) {
      throw new Error(`not an HTTP answer: ${JSON.stringify(rest.toString('latin1').slice(0, 200))}`);
    }
    rest = rest.subarray(end + 4);
    if (status.startsWith('1')) {
      continue;
    }
    const headers = parseHeaders(lines.slice(1));
    const bodiless = method === 'HEAD' || status === '204' || status === '304';
    return { status: Number(status), headers, body: bodiless ? '' : readBody(rest, headers).toString('utf8') };
  }
}

function parseHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

function readBody(rest: Buffer, headers: Readonly<Record<string, string>>): Buffer {
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = headers['content-length'];
    return length === undefined ? rest : rest.subarray(0, Number(length));
  }
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = rest.indexOf('\r\n', at);
    const size = Number.parseInt(rest.subarray(at, end).toString('latin1'), 16);
    if (end < 0 || !(size > 0)) {
      return Buffer.concat(chunks);
    }
    chunks.push(rest.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
