// An identity provider's key server that answers as a test wants it, and counts what it is asked.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { freePort } from './suite';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface KeyServer {
  readonly port: number;
  readonly origin: string;
  /** The paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** Changes what it answers. */
  answer(how: Answer): void;
  /** Closes its port, connections included; the port stays its own. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface KeyServerOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly host?: string;
}

/** A JWK set as an answer. */
export function keySet(keys: readonly unknown[], cacheControl = ''): Answer {
  return (response) => {
    response.setHeader('Content-Type', 'application/json');
    if (cacheControl !== '') response.setHeader('Cache-Control', cacheControl);
    response.end(JSON.stringify({ keys }));
  };
}

/** Starts a server on a port of its own. */
export async function startKeyServer(first: Answer, options: KeyServerOptions = {}): Promise<KeyServer> {
  let how = first;
  const port = await freePort();
  let server: Server | undefined;
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const listener: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    response.on('error', () => undefined);
    how(response, request);
  };
  async function start(): Promise<void> {
    const made = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
    made.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((done, fail) => made.once('error', fail).listen(port, '127.0.0.1', done));
    server = made;
  }
  async function stop(): Promise<void> {
    const stopping = server;
    server = undefined;
    if (stopping === undefined) return;
    const closed = new Promise((done) => stopping.close(done));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  await start();
  const scheme = options.tls === undefined ? 'http' : 'https';
  return {
    port,
    origin: `${scheme}://${options.host ?? '127.0.0.1'}:${String(port)}`,
    asked,
    answer: (next) => {
      how = next;
    },
    stop,
    start,
  };
}
