// An identity provider's key server that misbehaves on demand, and counts what it is asked.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
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

/** Writes bytes as they are on the connection, and closes it. */
function raw(text: string): Answer {
  return (_, request) => {
    request.socket.write(text, () => request.socket.destroy());
  };
}

function send(status: number, headers: Readonly<Record<string, string>>, body: string | Buffer): Answer {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Each way to misbehave; `good` are the keys that it would otherwise have given, `foreign` ones that nobody should use. */
export function misbehaviours(
  good: readonly Readonly<Record<string, unknown>>[],
  foreign: readonly Readonly<Record<string, unknown>>[],
): readonly (readonly [name: string, Answer])[] {
  const set = JSON.stringify({ keys: foreign });
  const json = { 'Content-Type': 'application/json' };
  return [
    ['accepts and stays silent', () => undefined],
    [
      'closes without an answer',
      (_, request) => {
        request.socket.destroy();
      },
    ],
    ['what is not HTTP', raw('+OK hello\r\n')],
    ['a chunk that is cut off', raw(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n${set}`)],
    ['a length that is too short', raw(`HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${set}`)],
    [
      'answers byte by byte',
      (response) => {
        response.writeHead(200, { ...json, 'Content-Length': String(set.length) });
        let at = 0;
        const timer = setInterval(() => {
          if (at >= set.length || response.destroyed) clearInterval(timer);
          else response.write(set[at++]);
        }, 100);
      },
    ],
    ['404', send(404, json, set)],
    ['500', send(500, json, set)],
    ['503', send(503, json, set)],
    ['a redirect', send(302, { Location: '/other' }, '')],
    ['HTML', send(200, { 'Content-Type': 'text/html' }, '<!doctype html><p>hamsters</p>')],
    ['an empty answer', send(200, json, '')],
    ['{}', send(200, json, '{}')],
    ['an empty set', send(200, json, '{"keys":[]}')],
    ['a truncated answer', send(200, json, set.slice(0, -10))],
    [
      'bytes that are not UTF-8',
      send(200, json, Buffer.concat([Buffer.from(set.slice(0, -1)), Buffer.from([0xff, 0x7d])])),
    ],
    ['two megabytes', send(200, json, `{"keys":${JSON.stringify(foreign)},"x":"${'x'.repeat(2 * 1024 * 1024)}"}`)],
    [
      'thousands of keys',
      send(
        200,
        json,
        JSON.stringify({ keys: Array.from({ length: 3000 }, (_, kid) => ({ ...foreign[0], kid: `k${kid}` })) }),
      ),
    ],
    [
      'only unusable keys',
      send(
        200,
        json,
        JSON.stringify({
          keys: [
            { kty: 'oct', k: 'AAAA' },
            { kty: 'RSA', n: 'AQ', e: 'AQAB' },
          ],
        }),
      ),
    ],
    [
      'a length that is too long',
      (response) => {
        response.writeHead(200, { ...json, 'Content-Length': String(set.length + 50) });
        response.write(set);
        setTimeout(() => response.destroy(), 50);
      },
    ],
    [
      'a connection closed in the middle',
      (response) => {
        response.writeHead(200, json);
        response.write(set.slice(0, 40));
        setTimeout(() => response.destroy(), 50);
      },
    ],
    ['a compressed answer', send(200, { ...json, 'Content-Encoding': 'gzip' }, gzipSync(set))],
    ['a key that stands twice in an object', send(200, json, `{"keys":[],"keys":${JSON.stringify(foreign)}}`)],
    [
      'nothing but a private key',
      send(200, json, JSON.stringify({ keys: good.map((key) => ({ ...key, use: 'enc' })) })),
    ],
  ];
}
