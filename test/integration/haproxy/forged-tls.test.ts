// A forged token harms nobody but its sender: OpenSSL keeps errors for each thread, and one that is left behind would end the
// next TLS connection of that thread.
import { connect, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCertificates, type Certificates } from '../helpers/certificates';
import { startHaproxy, type HaproxyOptions } from '../helpers/haproxy-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair } from '../helpers/tokens';
import { freePort, SUITES, type SuiteName } from '../helpers/suite';

const RSA = makeKeyPair('RS256');
const EC = makeKeyPair('ES256');
const STOCK = { LUA_PATH: '', LUA_CPATH: '', OAUTH_PLAIN_BUDGET: '10000' };
const BACKENDS: Readonly<Record<string, Partial<HaproxyOptions>>> = {
  'plain TypeScript': { env: STOCK },
  luaossl: {},
  "HAProxy's jwt_verify": {
    env: { ...STOCK, OAUTH_NATIVE_KEYS: 'DIRECTORY/rsa.pem DIRECTORY/ec.pem' },
    global: [
      'set-var proc.oauth_a str(),jwt_verify(RS256,DIRECTORY/rsa.pem)',
      'set-var proc.oauth_b str(),jwt_verify(ES256,DIRECTORY/ec.pem)',
    ],
  },
};
const FORGED = { RS256: Buffer.alloc(256, 1), ES256: Buffer.alloc(64, 255) } as const;

let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

function forge(alg: keyof typeof FORGED, turn: number): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg, typ: 'JWT' })}.${encode(claims({ jti: String(turn) }))}.${FORGED[alg].toString('base64url')}`;
}

/** A client that has sent half a request over TLS. */
async function beginOverTls(port: number): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await new Promise((done, fail) => socket.once('secureConnect', done).once('error', fail));
  socket.write('GET / HTTP/1.1\r\nHost: api');
  return socket;
}

/** Sends the other half; the answer is empty where the proxy has closed the connection. */
async function end(socket: TLSSocket): Promise<string> {
  let answer = '';
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString())).on('error', () => undefined);
  const closed = new Promise((done) => socket.once('close', done));
  socket.write('\r\nConnection: close\r\n\r\n');
  await closed;
  return answer;
}

/** HAProxy 2.6 is not started with it (native.test.ts). */
const backendsOf = (suite: SuiteName): readonly string[] =>
  Object.keys(BACKENDS).filter((name) => suite !== 'bookworm' || !name.startsWith('HAProxy'));

describe.each(SUITES)('%s', (suite) => {
  test.each(backendsOf(suite))('forged tokens close no TLS connection of other clients: %s', async (name) => {
    const options = BACKENDS[name];
    const tls = await freePort();
    const haproxy = await startHaproxy(suite, {
      settings: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/both.pem' },
      files: {
        'rsa.pem': RSA.pem,
        'ec.pem': EC.pem,
        'both.pem': RSA.pem + EC.pem,
        'server.pem': certificates.key + certificates.cert,
      },
      rules: [
        `bind 127.0.0.1:${String(tls)} ssl crt DIRECTORY/server.pem`,
        'http-request return status 204 if { ssl_fc }',
        'http-request lua.jwtenforce',
        'http-request return status 200',
      ],
      ...options,
      global: ['nbthread 1', ...(options?.global ?? [])],
    });
    expect(haproxy.output()).toContain(`signatures are checked by ${name}`);
    for (let turn = 0; turn < 6; turn += 1) {
      const victim = await beginOverTls(tls);
      const forged = forge(turn % 2 === 0 ? 'RS256' : 'ES256', turn);
      expect(await haproxy.askWith(forged)).toMatchObject({ status: 401 });
      expect(await end(victim)).toMatch(/^HTTP\/1\.1 204 /);
    }
    await haproxy.stop();
  });
});
