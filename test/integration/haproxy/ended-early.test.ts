// HAProxy goes on with the next rule when it ends an action early: then nothing has said yes, and nothing may pass.
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../helpers/haproxy-cli';
import { startHaproxy } from '../helpers/haproxy-server';
import {
  AUDIENCE,
  makeKey,
  publicPart,
  signWith,
  startIssuer,
  type Handler,
  type IssuerServer,
} from '../helpers/issuer-server';
import { SUITES } from '../helpers/suite';

const CHECK = 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }';
const TRIES = 4;

const wait = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** Sends a request, closes the sending half while the action waits, and returns when the connection has ended. */
function askAndHalfClose(port: number, token: string): Promise<void> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true }, () => {
      socket.write(`GET /api HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      setTimeout(() => socket.end(), 300);
    });
    const timer = setTimeout(() => socket.destroy(), 8000);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      done();
    });
    socket.resume();
  });
}

describe.concurrent.each(SUITES)('%s: a client that half-closes while the action waits for keys', (suite) => {
  let issuer: IssuerServer;

  beforeAll(async () => {
    issuer = await startIssuer();
  });
  afterAll(async () => {
    await issuer.stop();
  });

  /** How many requests with a forged token reached the backend, which logs each. */
  async function countPassed(rules: readonly string[]): Promise<number> {
    let silent = false;
    const serve: Handler = (_, response) => {
      if (silent) return;
      response.end(JSON.stringify({ keys: issuer.keys().map(publicPart) }));
    };
    issuer.misbehave(serve);
    const haproxy = await startHaproxy(suite, {
      configuration: `global
  log stdout format raw local0
  lua-load-per-thread DIRECTORY/jwtverify.lua
  setenv OAUTH_ISSUER "${issuer.issuer}"
  setenv OAUTH_AUDIENCE "${AUDIENCE}"
  setenv OAUTH_JWKS_URL "${issuer.jwksUrl}"
  setenv OAUTH_ALLOW_HTTP 1
  setenv OAUTH_JWKS_COOLDOWN 1
defaults
  mode http
  option abortonclose
  timeout connect 5s
  timeout client 10s
  timeout server 10s
listen api
  bind 127.0.0.1:PORT
  ${rules.join('\n  ')}
  server api 127.0.0.1:BACKEND
frontend apiserver
  bind 127.0.0.1:BACKEND
  log stdout format raw local0
  log-format "reached the backend"
  http-request return status 200 content-type text/plain string reached
`,
    });
    // The keys are there, and a good token reaches the backend, which is counted.
    const good = await signWith(issuer.keys()[0] as JWK, issuer.issuer);
    const ask = async (): Promise<number> => (await haproxy.askWith(good)).status;
    expect(await until(10, ask, (status) => status === 200)).toBe(200);
    const reached = (): number => haproxy.output().split('reached the backend').length - 1;
    expect(
      await until(
        10,
        () => Promise.resolve(reached()),
        (count) => count === 1,
      ),
    ).toBe(1);
    // The cooldown that the fetch of these keys began.
    await wait(1500);
    silent = true;
    for (let count = 0; count < TRIES; count += 1) {
      await askAndHalfClose(haproxy.port, await signWith(await makeKey('ES256', randomUUID()), issuer.issuer));
      await wait(1100);
    }
    const passed = reached() - 1;
    await haproxy.stop();
    return passed;
  }

  test('S1: reaches no backend behind the documented check', { concurrent: false }, async () => {
    expect(await countPassed(['http-request lua.jwtenforce', CHECK])).toBe(0);
  });

  // 2.6 shows that the test above can fail. 3.2 lets such a request pass too, but seldom: one of six, where 2.6 let five pass.
  if (suite === 'bookworm') {
    test('S1: gets past the action alone', { concurrent: false }, async () => {
      expect(await countPassed(['http-request lua.jwtenforce'])).toBeGreaterThan(0);
    });

    test('S1: gets past a rule for scopes that is for some requests only', { concurrent: false }, async () => {
      const scope = 'http-request deny if METH_POST !{ var(txn.oauth_scopes),lua.oauth_has(write) -m bool }';
      expect(await countPassed(['http-request lua.jwtenforce', scope])).toBeGreaterThan(0);
    });
  }
});
