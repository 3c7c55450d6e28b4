// Backends of other protocols than HTTP/1.1, each of which answers with every parameter or header that reached it.
import { createServer as createHttp2 } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Protocol = 'fastcgi' | 'uwsgi' | 'scgi' | 'grpc';
export const PROTOCOLS: readonly Protocol[] = ['fastcgi', 'uwsgi', 'scgi', 'grpc'];

export type Parameters = readonly (readonly [name: string, value: string])[];

export interface ParamBackend {
  readonly port: number;
  /** How many requests have reached it. */
  count(): number;
  stop(): Promise<void>;
}

/** What a request told, once it is whole. */
type Reader = (received: Buffer) => Parameters | undefined;

interface FastcgiRecord {
  readonly type: number;
  readonly content: Buffer;
}

/** FastCGI §3.3. */
function recordsOf(received: Buffer): readonly FastcgiRecord[] {
  const records: FastcgiRecord[] = [];
  let start = 0;
  while (start + 8 <= received.length) {
    const length = received.readUInt16BE(start + 4);
    const end = start + 8 + length + received.readUInt8(start + 6);
    if (end > received.length) break;
    records.push({ type: received.readUInt8(start + 1), content: received.subarray(start + 8, start + 8 + length) });
    start = end;
  }
  return records;
}

const PARAMS = 4;
const STDIN = 5;

/** FastCGI §3.4: lengths of one byte, or of four with the first bit set. */
function readFastcgi(received: Buffer): Parameters | undefined {
  const records = recordsOf(received);
  if (!records.some(({ type, content }) => type === STDIN && content.length === 0)) return undefined;
  const stream = Buffer.concat(records.filter(({ type }) => type === PARAMS).map(({ content }) => content));
  const parameters: (readonly [string, string])[] = [];
  let at = 0;
  const take = (length: number): string => stream.toString('latin1', at, (at += length));
  const takeLength = (): number => {
    const short = stream.readUInt8(at);
    at += short < 128 ? 1 : 4;
    return short < 128 ? short : stream.readUInt32BE(at - 4) - 0x80000000;
  };
  while (at < stream.length) {
    const [name, value] = [takeLength(), takeLength()];
    parameters.push([take(name), take(value)]);
  }
  return parameters;
}

/** The uwsgi protocol: a size, then names and values, each after its own size. */
function readUwsgi(received: Buffer): Parameters | undefined {
  if (received.length < 4 || received.length < 4 + received.readUInt16LE(1)) return undefined;
  const end = 4 + received.readUInt16LE(1);
  const words: string[] = [];
  for (let at = 4; at < end; at += 2 + received.readUInt16LE(at)) {
    words.push(received.toString('latin1', at + 2, at + 2 + received.readUInt16LE(at)));
  }
  return pairsOf(words);
}

/** SCGI: one netstring of names and values, each with a NUL at its end. */
function readScgi(received: Buffer): Parameters | undefined {
  const colon = received.indexOf(':');
  const length = Number(received.toString('latin1', 0, colon));
  if (colon < 0 || received.length < colon + 1 + length) return undefined;
  return pairsOf(received.toString('latin1', colon + 1, colon + length).split('\0'));
}

function pairsOf(words: readonly string[]): Parameters {
  return words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? ''] as const] : []));
}

function answerOf(parameters: Parameters): Buffer {
  return Buffer.from(`Status: 200 OK\r\nX-Reached: yes\r\n\r\n${JSON.stringify(parameters)}`);
}

/** FastCGI §3.3, §6.3: standard output, its end, and the end of the request. */
function wrapFastcgi(answer: Buffer): Buffer {
  const record = (type: number, content: Buffer): Buffer => {
    const head = Buffer.from([1, type, 0, 1, 0, 0, 0, 0]);
    head.writeUInt16BE(content.length, 4);
    return Buffer.concat([head, content]);
  };
  return Buffer.concat([record(6, answer), record(6, Buffer.alloc(0)), record(3, Buffer.alloc(8))]);
}

const READERS: Readonly<Record<Exclude<Protocol, 'grpc'>, Reader>> = {
  fastcgi: readFastcgi,
  uwsgi: readUwsgi,
  scgi: readScgi,
};

async function listen(server: { listen(port: number, host: string, done: () => void): unknown }): Promise<void> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
}

async function stopAll(
  server: { close(done: () => void): unknown },
  connections: ReadonlySet<{ destroy(): void }>,
): Promise<void> {
  for (const connection of connections) connection.destroy();
  await new Promise<void>((done) => server.close(done));
}

async function startParameters(protocol: Exclude<Protocol, 'grpc'>): Promise<ParamBackend> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const parameters = READERS[protocol](received);
      if (parameters === undefined || socket.writableEnded) return;
      count += 1;
      const answer = answerOf(parameters);
      socket.end(protocol === 'fastcgi' ? wrapFastcgi(answer) : answer);
    });
  });
  await listen(server);
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    stop: () => stopAll(server, sockets),
  };
}

async function startGrpc(): Promise<ParamBackend> {
  let count = 0;
  const sessions = new Set<{ destroy(): void }>();
  const server = createHttp2();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session)).on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    count += 1;
    const told = Object.entries(headers).map(([name, value]) => [name, String(value)]);
    stream.respond({ ':status': 200, 'x-reached': 'yes' });
    stream.end(JSON.stringify(told));
  });
  await listen(server);
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    stop: () => stopAll(server, sessions),
  };
}

/** Starts the backend of a protocol on 127.0.0.1. */
export function startParamBackend(protocol: Protocol): Promise<ParamBackend> {
  return protocol === 'grpc' ? startGrpc() : startParameters(protocol);
}

/** A header as the protocol has it: gRPC as itself, the others as RFC 3875 §4.1.18 says. */
export function nameIn(protocol: Protocol, header: string): string {
  return protocol === 'grpc' ? header.toLowerCase() : `HTTP_${header.toUpperCase().replaceAll('-', '_')}`;
}
