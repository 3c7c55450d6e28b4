// The documented lines for WebSockets, asked by clients that would open a tunnel of another protocol.
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { blocksOf } from '../helpers/docs-blocks';
import { startEchoBackend } from '../helpers/echo-backend';
import { ENGINES, startNginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const BLOCK = blocksOf('docs/nginx.md').find(({ text }) => text.includes('map $http_upgrade '))?.text ?? '';
const [, MAPS = '', LOCATIONS = ''] = /^([\s\S]*)^server \{\n {2}listen 8080;\n([\s\S]*)^\}\n$/m.exec(BLOCK) ?? [];

function ask(port: number, token: string, protocols: readonly string[]): Promise<void> {
  const lines = protocols.map((protocol) => `Upgrade: ${protocol}\r\n`).join('');
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(
        'GET /api/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n' +
          `Authorization: Bearer ${token}\r\n${lines}\r\n`,
      ),
    );
    socket.setTimeout(20_000, () => socket.destroy());
    socket.once('data', () => socket.destroy()).on('error', fail);
    socket.on('close', () => {
      done();
    });
  });
}

describe.each(ENGINES)('$suite, $name', (engine) => {
  test('S3: hands on a change to WebSocket, and none to another protocol', async () => {
    const backend = await startEchoBackend();
    const nginx = await startNginx(engine, {
      env: ENV,
      files: { k: key.pem },
      http: MAPS,
      server: LOCATIONS.replace('http://apiservers', `http://127.0.0.1:${String(backend.port)}`),
    });
    const token = await signToken(key.privateKey, 'RS256', claims());
    const seen: (readonly string[])[] = [];
    for (const protocols of [['WebSocket'], ['h2c'], ['h2c', 'h2c'], ['h2c, websocket'], []]) {
      await ask(nginx.port, token, protocols);
      const lines = backend.reached.flatMap(({ headers }) => headers);
      seen.push(lines.filter(([name]) => name === 'upgrade').map(([, value]) => value));
      backend.clear();
    }
    await nginx.stop();
    const count = backend.count();
    await backend.stop();
    expect(seen).toEqual([['websocket'], [], [], [], []]);
    expect(count).toBe(5);
  });
});
