// A client that leaves its answers unread: `limit_conn` of docs/nginx.md keeps jwtverify from being asked for more of them.
import { connect, type ClientHttp2Session } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { ENGINES, SHARED_DICT, startNginx } from '../helpers/nginx-server';
import { freePort } from '../helpers/suite';
import { AUDIENCE, ISSUER } from '../helpers/tokens';

const LIMIT = 8;
const STREAMS = 40;

/** The status of a request whose answer the client does not let nginx send. */
function statusOf(session: ClientHttp2Session): Promise<number> {
  return new Promise((done, fail) => {
    const stream = session.request({ ':path': '/', ':authority': 'api.example' });
    stream.on('error', fail);
    stream.once('response', (headers) => {
      done(Number(headers[':status']));
    });
  });
}

describe.each(ENGINES)('$name', (engine) => {
  test('nginx refuses requests beyond the limit before it asks jwtverify', async () => {
    const http2 = await freePort();
    const nginx = await startNginx(engine, {
      env: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_HMAC_SECRET: 'a secret of thirty-two characters' },
      http: `${engine.hasSharedDict ? SHARED_DICT : ''} limit_conn_zone $binary_remote_addr zone=clients:1m;`,
      server: `listen 127.0.0.1:${String(http2)} http2;
        limit_conn clients ${String(LIMIT)}; limit_conn_status 429;
        location / { auth_request /_jwtverify; empty_gif; }
        location = /_jwtverify { internal; error_page 599 /_; js_content jwtverify.auth; }`,
    });
    const session = connect(`http://127.0.0.1:${String(http2)}`, { settings: { initialWindowSize: 0 } });
    const statuses = await Promise.all(Array.from({ length: STREAMS }, () => statusOf(session)));
    session.destroy();
    expect(statuses.filter((status) => status === 401)).toHaveLength(LIMIT);
    expect(statuses.filter((status) => status === 429)).toHaveLength(STREAMS - LIMIT);
    await nginx.stop();
  });
});
