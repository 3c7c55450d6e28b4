// A backend that answers with what reached it: request line and header lines, as it got them.
import { createServer, type Socket } from 'node:net';
import type { Left } from '../../vectors/policies';
import type { HttpAnswer } from './suite';

/** What of a request reached the backend. */
export interface Reached {
  readonly line: string;
  /** The second word of the line. */
  readonly target: string;
  /** Names in small letters, every line of its own. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** As long as Content-Length says; chunks are not read. */
  readonly body: string;
}

export interface EchoBackend {
  readonly port: number;
  /** What has reached it since it was cleared. */
  readonly reached: readonly Reached[];
  /** How many requests have ever reached it. */
  count(): number;
  /** Forgets what has reached it. */
  clear(): void;
  stop(): Promise<void>;
}

/** The first request of what was received, and what follows it; undefined until it is whole. */
function readFirst(received: string): { readonly reached: Reached; readonly rest: string } | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...fields] = received.slice(0, end).split('\r\n');
  const headers = fields.map((field) => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
  });
  const length = headers.find(([name]) => name === 'content-length')?.[1] ?? '0';
  const after = end + 4 + Number(length);
  if (received.length < after) return undefined;
  const target = line.split(' ')[1] ?? '';
  const body = received.slice(end + 4, after);
  return { reached: { line, target, headers, body }, rest: received.slice(after) };
}

/** Whether a request asks for another protocol on its connection (RFC 9110 §7.8). */
function isUpgrade(reached: Reached): boolean {
  return reached.headers.some(([name]) => name === 'upgrade');
}

function answer(socket: Socket, reached: Reached): void {
  const body = JSON.stringify(reached);
  if (isUpgrade(reached)) {
    // RFC 6455 §1.3: what the key of its own example is answered with.
    const accept = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
    const head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${accept}`;
    socket.end(`${head}\r\n\r\n${body}`);
    return;
  }
  const length = Buffer.byteLength(body, 'utf8');
  const isHead = reached.line.startsWith('HEAD ');
  socket.write(`HTTP/1.1 200 OK\r\nX-Reached: yes\r\nContent-Length: ${length}\r\n\r\n${isHead ? '' : body}`);
}

/** Starts the backend on 127.0.0.1. */
export async function startEchoBackend(): Promise<EchoBackend> {
  const reached: Reached[] = [];
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = '';
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      for (let first = readFirst(received); first !== undefined; first = readFirst(received)) {
        count += 1;
        received = first.rest;
        reached.push(first.reached);
        answer(socket, first.reached);
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the backend has no port');
  return {
    port: address.port,
    reached,
    count: () => count,
    clear: () => {
      reached.length = 0;
    },
    stop: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          done();
        });
      }),
  };
}

/** What reached the backend; undefined when the answer is not from it. */
export function reachedBy(answer: HttpAnswer): Reached | undefined {
  return answer.headers['x-reached'] === 'yes' ? (JSON.parse(answer.body) as Reached) : undefined;
}

/** What reached the backend of the places of tokens, as the table of policies has it. */
export function leftBy(reached: Reached | undefined): Left {
  const values = (name: string, between: string): string => valuesOf(reached, name).join(between);
  return {
    target: reached?.target ?? '',
    authorization: values('authorization', ', '),
    cookie: values('cookie', '; '),
    protocols: values('sec-websocket-protocol', ', '),
  };
}

/** The values of every header that reached the backend under a name, in any case. */
export function valuesOf(reached: Reached | undefined, name: string): readonly string[] {
  const lines = reached?.headers.filter(([field]) => field === name.toLowerCase()) ?? [];
  return lines.map(([, value]) => value);
}
