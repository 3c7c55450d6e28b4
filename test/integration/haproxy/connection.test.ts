// `Connection` names headers that the next hop removes (RFC 9110 §7.6.1): no client may name those that say who is calling.
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startEchoBackend } from '../helpers/echo-backend';
import { startHaproxy } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';
import { AUDIENCE, ISSUER, signToken } from '../helpers/tokens';

const SECRET = 'a secret of thirty-two characters';
const HANDSHAKE = 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** What is sent, and what of `Connection` may reach the backend. */
const CASES: readonly (readonly [sent: string, kept: readonly string[]])[] = [
  ['Connection: close, X-OAuth-Subject\r\n', []],
  ['Connection: X-OAuth-Subject\r\nConnection: close\r\n', []],
  ['connection: te , x-oauth-subject\r\nTE: trailers\r\n', ['te']],
  [`Connection: Upgrade, X-OAuth-Subject\r\n${HANDSHAKE}`, ['Upgrade']],
  [`Connection: upgrade\r\n${HANDSHAKE}`, ['upgrade']],
];

test.each(SUITES)('%s: without a policy no client has the next hop drop a header', async (suite) => {
  const backend = await startEchoBackend();
  const haproxy = await startHaproxy(suite, {
    settings: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_HMAC_SECRET: SECRET },
    rules: [
      'http-request lua.jwtenforce',
      'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }',
      'http-request set-header X-OAuth-Subject %[var(txn.oauth.sub)]',
    ],
    backend: backend.port,
  });
  const token = await signToken(SECRET, 'HS256');
  const ask = (sent: string): Promise<void> =>
    new Promise((done, fail) => {
      const head = `GET /x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n${sent}\r\n`;
      const socket = connect(haproxy.port, '127.0.0.1', () => socket.write(head));
      socket.setTimeout(10_000, () => socket.destroy());
      socket.on('data', () => socket.destroy());
      socket.on('error', fail).on('close', () => {
        done();
      });
    });
  for (const [sent, kept] of CASES) {
    // The second time the token is remembered.
    for (let round = 0; round < 2; round += 1) {
      backend.clear();
      await ask(sent);
      const headers = backend.reached[0]?.headers ?? [];
      const valuesOf = (name: string): readonly string[] =>
        headers.filter((header) => header[0].toLowerCase() === name).map((header) => header[1]);
      expect([sent, valuesOf('connection'), valuesOf('x-oauth-subject')]).toEqual([sent, kept, ['turbo']]);
    }
  }
  await haproxy.stop();
  await backend.stop();
});
