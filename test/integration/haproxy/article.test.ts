// The configuration of the article as printed, with TLS, and the real Auth0 token; and what `jwtverify migrate` makes of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as requestTls } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../../cli/commands/migrate';
import { createRecorder } from '../../unit/cli/recorder';
import { AUTH0_KEYS, AUTH0_TOKEN, changeSegment, DAY_OF_THE_TOKEN } from '../helpers/auth0';
import { afterEach, describe, expect, test } from 'vitest';
import { startHaproxy, type Haproxy } from '../helpers/haproxy-server';
import { makeWorkDirectory, runIn, SUITES, type HttpAnswer, type SuiteName } from '../helpers/suite';

const FORBIDDEN = 'Request forbidden by administrative rules.';

/** The configuration of the document. Below it is what the document leaves out: `defaults` and the backend. */
const DOCUMENT = `
global
lua-load DIRECTORY/jwtverify.lua
setenv OAUTH_PUBKEY_PATH DIRECTORY/pubkey.pem
setenv OAUTH_ISSUER https://nickram44.auth0.com/
setenv OAUTH_AUDIENCE https://api.mywebsite.com

defaults
mode http
timeout connect 5s
timeout client 10s
timeout server 10s

frontend api_gateway
# Always use HTTPS to protect the secrecy of the token
bind 127.0.0.1:PORT ssl crt DIRECTORY/test.com.pem
# Accept GET requests and skip further checks
http-request allow if { method GET }
# Deny the request if it's missing an Authorization header
http-request deny unless { req.hdr(authorization) -m found }
# Verify the token by invoking the jwtverify Lua script
http-request lua.jwtverify
# Deny the request unless 'authorized' is true
http-request deny unless { var(txn.authorized) -m bool }
# (Optional) Deny the request if it's a POST/DELETE to a
# path beginning with /api/hamsters, but the token doesn't
# include the "write:hamsters" scope
http-request deny if { path_beg /api/hamsters } { method POST DELETE } ! { var(txn.oauth_scopes) -m sub write:hamsters }
# If no problems, send to the apiservers backend
default_backend apiservers

backend apiservers
server api1 127.0.0.1:BACKEND

frontend apiserver
bind 127.0.0.1:BACKEND
http-request return status 200 content-type text/plain lf-string "reached: %[method] %[path]"
`;

/** The same after `jwtverify migrate haproxy-lua-oauth`, which finds an equal for each line. */
function migrateDocument(): string {
  const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  const source = join(folder, 'source.cfg');
  writeFileSync(source, DOCUMENT);
  const options = { to: undefined, directory: folder, listen: '8080', njs: '1.0', issuer: undefined, audience: [] };
  const module = 'DIRECTORY/jwtverify.lua';
  expect(migrate('haproxy-lua-oauth', [source], { ...options, module }, createRecorder().output)).toBe(0);
  const text = readFileSync(join(folder, 'haproxy.cfg'), 'utf8');
  rmSync(folder, { recursive: true });
  return text;
}

const CASES = SUITES.flatMap((suite) => [
  { suite, form: 'as printed', write: () => DOCUMENT },
  { suite, form: 'migrated', write: migrateDocument },
]);

/** A certificate of our own for the frontend, with its key, in one file as HAProxy wants it. */
async function makeCertificate(suite: SuiteName): Promise<string> {
  const work = makeWorkDirectory(suite);
  const options = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=api.mywebsite.com'];
  const files = ['-keyout', `${work.inside}/key.pem`, '-out', `${work.inside}/certificate.pem`];
  const made = await runIn(suite, ['openssl', 'req', ...options, ...files]);
  expect(made).toMatchObject({ code: 0 });
  const read = (name: string): string => readFileSync(join(work.outside, name), 'utf8');
  return read('certificate.pem') + read('key.pem');
}

describe.each(CASES)('$suite, $form', ({ suite, write }) => {
  let haproxy: Haproxy;
  const start = async (): Promise<void> => {
    const files = { 'pubkey.pem': AUTH0_KEYS['pubkey.pem'], 'test.com.pem': await makeCertificate(suite) };
    haproxy = await startHaproxy(suite, { configuration: write(), files, faketime: DAY_OF_THE_TOKEN });
  };

  /** Asks over TLS; the certificate is the one just made, so it is not looked at. */
  function ask(method: string, path: string, token?: string): Promise<Pick<HttpAnswer, 'status' | 'body'>> {
    return new Promise((done, fail) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const options = { host: '127.0.0.1', port: haproxy.port, method, path, headers, rejectUnauthorized: false };
      const sent = requestTls({ ...options, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.once('end', () => {
          haproxy.note(token ?? '', JSON.stringify(response.headers) + body);
          done({ status: response.statusCode ?? 0, body });
        });
      });
      sent.once('error', fail).end();
    });
  }

  afterEach(async () => {
    await haproxy.stop();
    expect(haproxy.leaks()).toEqual([]);
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  });

  test('A1: the configuration of the document works as printed, with TLS', async () => {
    await start();
    expect(await ask('POST', '/api/hamsters/turbo', AUTH0_TOKEN)).toEqual({
      status: 200,
      body: 'reached: POST /api/hamsters/turbo',
    });
  });

  test('A11: GET passes without a token, POST and DELETE get 403', async () => {
    await start();
    expect(await ask('GET', '/api/hamsters')).toEqual({ status: 200, body: 'reached: GET /api/hamsters' });
    for (const method of ['POST', 'DELETE']) {
      const answer = await ask(method, '/api/hamsters/turbo');
      expect(answer.status).toBe(403);
      expect(answer.body).toContain(FORBIDDEN);
    }
    expect(await ask('DELETE', '/api/hamsters/turbo', AUTH0_TOKEN)).toMatchObject({ status: 200 });
  });

  test('A7: refuses the real token once one character of a segment is changed', async () => {
    await start();
    for (const index of [0, 1, 2]) {
      const answer = await ask('POST', '/api/hamsters/turbo', changeSegment(index));
      expect(answer.status).toBe(403);
      expect(answer.body).toContain(FORBIDDEN);
    }
  });
});
