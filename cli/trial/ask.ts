// One request over a socket, as it is written, and what comes back; and the backend that answers with what reached it.
import { createServer, connect, type Socket } from 'node:net';
import { failure } from '../desk/failure';
import type { DeskRequest } from '../desk/request';

export interface Answer {
  readonly status: number;
  /** Names in small letters. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Milliseconds for one answer. */
const PATIENCE = 15_000;

function readFields(lines: readonly string[]): Answer['fields'] {
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
}

function readAnswer(text: string): Answer {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0);
  return { status, fields: readFields(lines), body: text.slice(end + 4) };
}

/** The values of a field, joined. */
export function fieldOf(answer: Pick<Answer, 'fields'>, name: string): string {
  return answer.fields
    .filter(([own]) => own === name.toLowerCase())
    .map(([, value]) => value)
    .join(', ');
}

const hasField = ({ fields }: DeskRequest, wanted: string): boolean => fields.some(([name]) => name === wanted);

/** Sends a request as it is written. HTTP/1.1 requires a Host. */
export function ask(socket: string, request: DeskRequest): Promise<Answer> {
  const fields = hasField(request, 'host') ? request.fields : [['host', 'localhost'] as const, ...request.fields];
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  const hasBody = hasField(request, 'content-length') || hasField(request, 'transfer-encoding');
  const length = hasBody || ['GET', 'HEAD'].includes(request.method) ? '' : 'content-length: 0\r\n';
  const text = `${request.method} ${request.target} HTTP/1.1\r\n${lines.join('')}${length}connection: close\r\n\r\n`;
  return new Promise((done, fail) => {
    const parts: Buffer[] = [];
    const connection = connect(socket);
    connection.setTimeout(PATIENCE, () => {
      connection.destroy();
      fail(failure(`${request.method} ${request.target}: the proxy does not answer`));
    });
    connection.on('data', (part: Buffer) => {
      parts.push(part);
    });
    connection.once('error', () => {
      done(readAnswer(Buffer.concat(parts).toString('utf8')));
    });
    connection.once('end', () => {
      connection.destroy();
      done(readAnswer(Buffer.concat(parts).toString('utf8')));
    });
    connection.write(text);
  });
}

/** What the backend says of itself, so that an answer of the proxy is not taken for one of its own. */
export const REACHED = 'x-trial-reached';

function reply(connection: Socket): void {
  let text = '';
  connection.on('error', () => {
    connection.destroy();
  });
  connection.on('data', (part: Buffer) => {
    text += part.toString('utf8');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const [, ...lines] = text.slice(0, end).split('\r\n');
    const body = JSON.stringify(readFields(lines));
    const head = `HTTP/1.1 200 OK\r\n${REACHED}: yes\r\ncontent-type: application/json\r\nconnection: close\r\n`;
    const isHead = text.startsWith('HEAD ');
    const length = Buffer.byteLength(body);
    connection.end(`${head}content-length: ${String(length)}\r\n\r\n${isHead ? '' : body}`);
  });
}

/** A backend at a socket; it ends when the result is called. */
export function startBackend(socket: string): Promise<() => void> {
  const server = createServer(reply);
  return new Promise((done) => {
    server.listen(socket, () => {
      done(() => {
        server.close();
      });
    });
  });
}
