// Commands on HAProxy's runtime CLI, which listens on a port of 127.0.0.1 in tests.
import { connect } from 'node:net';

/** What `global` needs for `runCli`. */
export function cliLine(port: number): string {
  return `stats socket ipv4@127.0.0.1:${String(port)} level admin`;
}

/** Runs one command and reads its whole answer. */
export function runCli(port: number, command: string): Promise<string> {
  return new Promise((done, fail) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\n`));
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.once('end', () => {
      done(answer);
    });
    socket.once('error', fail);
  });
}

/** Asks again and again until an answer is as wanted, at most `seconds`; the last answer in any case. */
export async function until<T>(seconds: number, ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || Date.now() > deadline) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
}
