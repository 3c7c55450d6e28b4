// A proxy as a process that ends when the command does, however that ends.
import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { failure } from '../desk/failure';

/** The pipe of the first line closes with the command, also when that is killed: then the shell ends the proxy. */
const SUPERVISE = 'exec 3<&0; "$@" 3<&- </dev/null & p=$!; { read _ <&3; kill -9 $p 2>/dev/null; } & wait $p';
/** Milliseconds in which a proxy listens. */
const PATIENCE = 15_000;
const PAUSE = 15;
/** Characters of its messages that are kept. */
const MOST_TEXT = 20_000;

export interface Proxy {
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

const wait = (milliseconds: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, milliseconds);
  });

/** Whether somebody accepts connections at a socket. */
function listens(socket: string): Promise<boolean> {
  return new Promise((done) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      done(true);
    });
    connection.once('error', () => {
      done(false);
    });
  });
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-MOST_TEXT);
    });
  }
  return () => text;
}

/**
 * Starts a proxy.
 * @param socket where it listens when it is ready
 * @throws a failure with its messages where it does not start
 */
export async function startProxy(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  socket: string,
): Promise<Proxy> {
  const child = spawn('sh', ['-c', SUPERVISE, 'sh', ...words], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const state = { hasEnded: false };
  const ended = new Promise<void>((done) => {
    child.once('close', () => {
      done();
    });
  });
  child.once('exit', () => {
    state.hasEnded = true;
    child.stdin.end();
  });
  child.once('error', () => {
    state.hasEnded = true;
  });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  const end = Date.now() + PATIENCE;
  while (!(await listens(socket))) {
    if (state.hasEnded || Date.now() > end) {
      await stop();
      const said = output().trim();
      throw failure(`\`${words.join(' ')}\` does not start${said === '' ? '' : `:\n${said}`}`);
    }
    await wait(PAUSE);
  }
  return { output, stop };
}

/** What a program answers, both streams; empty where it cannot be run. */
export function askProgram(program: string, ...words: readonly string[]): Promise<string> {
  return new Promise((done) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = collect(child);
    child.once('close', () => {
      done(output());
    });
    child.once('error', () => {
      done('');
    });
  });
}
