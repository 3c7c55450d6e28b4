// Requests over HTTP/2 without TLS.
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import type { HttpAnswer } from './suite';

/** Asks on a connection; undefined when the proxy refuses the stream as malformed. */
export function askOn(session: ClientHttp2Session, headers: OutgoingHttpHeaders): Promise<HttpAnswer | undefined> {
  return new Promise((done) => {
    const stream = session.request({ ':authority': 'api.example', ...headers });
    let answered: Record<string, string> = {};
    let body = '';
    stream.setEncoding('latin1');
    stream.on('response', (got) => {
      answered = Object.fromEntries(Object.entries(got).map(([name, value]) => [name, String(value)]));
    });
    stream.on('data', (text: string) => (body += text));
    stream.on('error', () => {
      done(undefined);
    });
    stream.on('end', () => {
      done({ status: Number(answered[':status']), headers: answered, body });
    });
    stream.end();
  });
}

/** Asks on a connection of its own. @throws when the proxy refuses the stream as malformed */
export async function askHttp2(port: number, headers: OutgoingHttpHeaders): Promise<HttpAnswer> {
  const session = connect(`http://127.0.0.1:${String(port)}`);
  const failed = new Promise<never>((_, fail) => session.on('error', fail));
  const answer = await Promise.race([askOn(session, headers), failed]);
  session.close();
  if (answer === undefined) throw new Error(`no answer from port ${String(port)}`);
  return answer;
}
