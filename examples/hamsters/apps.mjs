// Two applications of the demo behind a login, /app1 and /app2: a page that shows who is signed in, by the headers of the proxy
// alone, and that asks its server by `fetch` and by a WebSocket. They have no notion of sign-in. And /zoo, to which the broker
// sends people with their token.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 3002);
const host = process.env.HOST ?? '127.0.0.1';
/** RFC 6455 §1.3. */
const WEBSOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const server = createServer((request, response) => {
  const [path, query = ''] = request.url.split('?');
  const app = /^\/(app[12])(?:\/|$)/.exec(path)?.[1];
  request.resume();
  if (path === '/health') {
    response.end('ok');
    return;
  }
  response.once('finish', () => console.log(`${request.method} ${path} ${response.statusCode}`));
  if (path === '/zoo') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(zooPage());
  } else if (app === undefined) {
    response.writeHead(path === '/' ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
    response.end(startPage());
  } else if (path === `/${app}/who`) {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(callerOf(request.headers)));
  } else {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(page(app, callerOf(request.headers), query));
  }
});

server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${WEBSOCKET}`).digest('base64');
  socket.on('error', () => socket.destroy());
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  // One frame of text, and the end of the connection (RFC 6455 §5.2).
  const text = Buffer.from(`hello ${callerOf(request.headers).user}`).subarray(0, 125);
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  socket.end(Buffer.from([0x88, 0]));
});

server.listen(port, host, () => console.log(`the two applications listen on ${host}:${port}`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => process.exit(0));
}

/** Who is signed in, as the proxy says. */
function callerOf(headers) {
  const { 'x-user': user = 'nobody', 'x-email': email = '', 'x-groups': groups = '' } = headers;
  return { user, email, groups };
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function document(title, body) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head>
<body style="font: 1.1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 34rem; padding: 0 1rem">
<h1>${title}</h1>
${body}
</body>
</html>
`;
}

function startPage() {
  return document(
    'The hamster zoo',
    '<p><a href="/app1/">app1</a>, for everybody who signs in. <a href="/app2/">app2</a>, for members of group2.</p>',
  );
}

/** It takes its token out of the address, and adds a hamster with it. */
function zooPage() {
  return document(
    'The zoo of the broker',
    `<p>The API says <code id="said">nothing: sign in at the broker</code>.</p>
<script>
const token = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
if (token !== '') {
  fetch('/api/hamsters/turbo', { method: 'POST', headers: { authorization: 'Bearer ' + token } })
    .then(async (answer) => answer.status + ' ' + (await answer.text()))
    .then((said) => { document.getElementById('said').textContent = said; });
}
</script>`,
  );
}

function page(app, caller, query) {
  const { user, email, groups } = caller;
  return document(
    `${app} of the hamster zoo`,
    `<p>Signed in as <b id="user">${escape(user)}</b> (${escape(email)}), in <span id="groups">${escape(groups)}</span>.</p>
<p>This page was opened with <code id="query">${escape(query)}</code>. fetch says <b id="fetched">nothing yet</b>;
the WebSocket says <b id="heard">nothing yet</b>.</p>
<p><a href="/app1/">app1</a> <a href="/app2/">app2</a> <a href="/oauth2/sign_out">Sign out</a></p>
<script>
const show = (id, text) => { document.getElementById(id).textContent = text; };
const ask = () => fetch('/${app}/who').then((answer) => answer.ok ? answer.json() : { user: 'status ' + answer.status })
  .then(({ user }) => show('fetched', user));
const listen = () => {
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/${app}/live');
  socket.onmessage = ({ data }) => show('heard', data);
  socket.onerror = () => show('heard', 'an error');
};
ask();
listen();
</script>`,
  );
}
