// A load of clients that keep their connections: what each kind of request was answered, and whether any was dropped.
import { Agent, request } from 'node:http';

/** What the next request has, looked at when it is sent: a name to count its answer under, and a bearer token. */
export type NextRequest = (turn: number) => readonly [kind: string, token: string];

export interface Load {
  /** The different outcomes of one kind: statuses, and codes of errors where a request had no answer. */
  readonly seen: (kind: string) => readonly string[];
  /** How many requests of one kind have ended; of all kinds when left out. */
  readonly count: (kind?: string) => number;
  /** Waits until so many more requests of one kind have ended, at most twenty seconds. */
  readonly more: (kind: string, count: number) => Promise<void>;
  /** Waits until every request that is on its way now has ended. */
  readonly settle: () => Promise<void>;
  /** Lets each client end its request, and stops. */
  readonly end: () => Promise<void>;
}

export interface LoadOptions {
  readonly clients?: number;
  readonly path?: string;
  /** Milliseconds between two requests of one client. */
  readonly pause?: number;
}

export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** Asks again and again until it is true, at most 45 seconds. @throws when it does not become true */
export async function eventually(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 45_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`waited 45 seconds until ${what}`);
    await pause(100);
  }
}

/** One request; `again` when the connection was closed while it lay idle (RFC 9112 §9.3.1). Never rejects. */
function ask(agent: Agent, port: number, path: string, token: string): Promise<string> {
  return new Promise((done) => {
    const headers = { authorization: `Bearer ${token}` };
    const fail = (error: NodeJS.ErrnoException): void => {
      done(error.code ?? error.message);
    };
    const sent = request({ agent, host: '127.0.0.1', port, path, headers, timeout: 20_000 }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        done(String(answer.statusCode));
      });
      answer.once('error', fail);
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer in 20 seconds')));
    sent.once('error', (error: NodeJS.ErrnoException) => {
      if (sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) done('again');
      else fail(error);
    });
    sent.end();
  });
}

/** Starts clients that ask one request after the other, each on a connection of its own, until they are ended. */
export function startLoad(port: number, next: NextRequest, options: LoadOptions = {}): Load {
  const seen: Record<string, Record<string, number>> = {};
  const sent = Array.from({ length: options.clients ?? 6 }, () => 0);
  let ended = false;
  async function client(_: unknown, number: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = number; !ended; turn += 1) {
      const [kind, token] = next(turn);
      sent[number] = (sent[number] ?? 0) + 1;
      const outcome = await ask(agent, port, options.path ?? '/', token);
      // It was not heard, so it is asked anew, as whatever it is by now.
      if (outcome === 'again') {
        turn -= 1;
        continue;
      }
      const counts = (seen[kind] ??= {});
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      await pause(options.pause ?? 2);
    }
    agent.destroy();
  }
  const clients = Promise.all(sent.map(client));
  const count = (kind?: string): number =>
    Object.entries(seen)
      .filter(([name]) => kind === undefined || name === kind)
      .flatMap(([, counts]) => Object.values(counts))
      .reduce((sum, one) => sum + one, 0);
  return {
    seen: (kind) => Object.keys(seen[kind] ?? {}).sort(),
    count,
    more: async (kind, wanted) => {
      const least = count(kind) + wanted;
      await eventually(`${String(wanted)} more requests of kind \`${kind}\` ended`, () => count(kind) >= least);
    },
    settle: async () => {
      const before = [...sent];
      await eventually('every client has sent another request', () =>
        sent.every((count, number) => count > (before[number] ?? 0)),
      );
    },
    end: async () => {
      ended = true;
      await clients;
    },
  };
}
