// `jwtverify token serve`: an issuer for trials, which publishes the throw-away keys and nothing else.
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { EXIT, failure } from '../desk/failure';
import { readText } from '../ports/source';
import type { Output } from '../print/output';
import { MARK } from '../write/throw-away-keys';

export interface ServeOptions {
  /** The folder of the keys. */
  readonly keys: string;
  readonly port: string;
}

/** Only this machine can ask. */
const HOST = '127.0.0.1';

function answerFor(issuer: string, path: string): RequestListener {
  const document = { comment: MARK, issuer, jwks_uri: `${issuer}/jwks.json`, response_types_supported: [] };
  return (request, response) => {
    // Read each time, as the keys change.
    const keys = request.url === '/jwks.json' ? readText(path) : undefined;
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    const body = isDiscovery ? `${JSON.stringify(document)}\n` : keys?.ok === true ? keys.text : undefined;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(body ?? '{}');
  };
}

/** Serves until the process ends. @returns the exit code */
export async function serveIssuer({ keys, port }: ServeOptions, output: Output): Promise<number> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw failure(`--port: \`${port}\` is no port`);
  const path = join(keys, 'jwks.json');
  const file = readText(path);
  if (!file.ok) throw failure(`${path}: ${file.problem}; \`jwtverify token make\` makes the keys`);
  const issuer = `http://${HOST}:${port}`;
  const server = createServer(answerFor(issuer, path));
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      fail(failure(`${issuer}: cannot listen there (${error.code ?? error.message})`));
    });
    server.listen(Number(port), HOST, done);
  });
  output.warn(`${issuer} is an issuer for trials: whoever reads ${join(keys, 'private.json')} can sign any token`);
  output.line(`serving ${issuer}`);
  await new Promise((done) => server.once('close', done));
  return EXIT.fine;
}
