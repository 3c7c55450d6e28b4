// The hamster API of the demo: GET lists the hamsters, POST adds one, DELETE removes one.
// It has no notion of tokens: it only reports which identity headers the proxy in front handed on.
import { createServer } from 'node:http';

const hamsters = new Set(['robo-hamster', 'space-hamster', 'commando-hamster', 'pirate_hamster']);
const port = Number(process.env.PORT ?? 3001);
const host = process.env.HOST ?? '127.0.0.1';

const server = createServer((request, response) => {
  const path = request.url.split('?', 1)[0];
  const answer = respond(request.method, path, request.headers);
  response.once('finish', () => {
    if (path !== '/health') {
      console.log(`${request.method} ${path} ${response.statusCode}`);
    }
  });
  request.resume();
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(answer.body)}\n`);
});
server.listen(port, host, () => console.log(`hamster API listens on ${host}:${port}`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => process.exit(0));
}

function respond(method, path, headers) {
  if (path === '/health') {
    return { status: 200, body: 'ok' };
  }
  if (path === '/api/hamsters' && (method === 'GET' || method === 'HEAD')) {
    return { status: 200, body: [...hamsters] };
  }
  const name = /^\/api\/hamsters\/([A-Za-z0-9_-]{1,64})$/.exec(path)?.[1];
  if (name !== undefined && method === 'POST') {
    hamsters.add(name);
    return { status: 201, body: { added: name, identity: identityOf(headers) } };
  }
  if (name !== undefined && method === 'DELETE') {
    return hamsters.delete(name)
      ? { status: 200, body: { removed: name, identity: identityOf(headers) } }
      : { status: 404, body: { error: 'no such hamster' } };
  }
  return { status: 404, body: { error: 'not found' } };
}

/** The identity headers that arrived. Of Authorization only whether it came: its value is the caller's secret. */
function identityOf(headers) {
  const names = Object.keys(headers).filter(
    (name) => name.startsWith('x-oauth-') || name.startsWith('x-auth-request-'),
  );
  const identity = Object.fromEntries(names.map((name) => [name, headers[name]]));
  return { ...identity, authorization: headers.authorization === undefined ? 'absent' : 'present' };
}
