// What nginx workers and the driver do when things change or go wrong.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTRACT_LOCATIONS, ENGINES, SHARED_DICT, startNginx, type Engine } from '../helpers/nginx-server';
import { AUDIENCE, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const nextKey = makeKeyPair('ES256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' };
const FILES = { k: key.pem };

/** A request that fails while it is read, with the token in the error's message. */
const BROKEN_REQUEST = `
import jwtverify from 'jwtverify.js';
function breaking(r, late) {
  return {
    get rawHeadersIn() { if (!late) throw new Error(r.headersIn.Authorization); return r.rawHeadersIn; },
    get headersOut() {
      if (late && !r.variables.tripped) { r.variables.tripped = '1'; throw new TypeError(r.headersIn.Authorization); }
      return r.headersOut;
    },
    variables: r.variables,
    headersIn: r.headersIn,
    return: (status, body) => r.return(status, body),
  };
}
export default {
  early: (r) => jwtverify.authorizer(breaking(r, false)),
  late: (r) => jwtverify.authorizer(breaking(r, true)),
  auth: (r) => jwtverify.auth(breaking(r, false)),
};
`;

describe.each(ENGINES)('$suite, $name', (engine: Engine) => {
  test('several workers judge many requests at once, each by its own token', async () => {
    const http = engine.hasSharedDict ? SHARED_DICT : '';
    const nginx = await startNginx(engine, { env: ENV, files: FILES, workers: 4, http });
    const good = await signToken(key.privateKey, 'RS256');
    const bad = await signToken(nextKey.privateKey, 'ES256');
    const asked = Array.from({ length: 80 }, (_, index) => index % 2 === 0);
    const answers = await Promise.all(asked.map((isGood) => nginx.askWith(isGood ? good : bad)));
    expect(answers.map((answer) => answer.status)).toEqual(asked.map((isGood) => (isGood ? 200 : 401)));
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test.each([
    ['without the shared dictionary', ''],
    ['with the shared dictionary where there is one', engine.hasSharedDict ? SHARED_DICT : ''],
  ])('a reload picks up a new key, and the old one is gone: %s', async (_, http) => {
    const nginx = await startNginx(engine, { env: ENV, files: FILES, workers: 2, http });
    const old = await signToken(key.privateKey, 'RS256');
    const next = await signToken(nextKey.privateKey, 'ES256');
    for (const attempt of [1, 2, 3, 4]) {
      expect([attempt, (await nginx.askWith(old)).status, (await nginx.askWith(next)).status]).toEqual([
        attempt,
        200,
        401,
      ]);
    }
    writeFileSync(join(nginx.directory, 'k'), nextKey.pem);
    await nginx.reload();
    for (const attempt of [1, 2, 3, 4]) {
      expect([attempt, (await nginx.askWith(old)).status, (await nginx.askWith(next)).status]).toEqual([
        attempt,
        401,
        200,
      ]);
    }
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });

  test('an error of JavaScript is a refusal of its own, logged without the token', async () => {
    const server = `${CONTRACT_LOCATIONS}
    location = /early { js_content broken.early; }
    location = /late { js_content broken.late; }
    location /checked/ { auth_request /_broken; proxy_pass http://apiservers; }
    location = /_broken { internal; js_content broken.auth; }`;
    const http = `js_path DIRECTORY; js_var $tripped; js_import broken from DIRECTORY/broken.js;`;
    const nginx = await startNginx(engine, {
      env: ENV,
      files: { ...FILES, 'broken.js': BROKEN_REQUEST },
      server,
      http,
    });
    const token = await signToken(key.privateKey, 'RS256');
    for (const path of ['/early', '/late']) {
      const answer = await nginx.askWith(token, { path });
      expect([path, answer.status, answer.headers['x-oauth-reason']]).toEqual([path, 503, 'internal_error']);
      expect(JSON.parse(answer.body)).toMatchObject({ reason: 'internal_error' });
    }
    expect((await nginx.askWith(token, { path: '/checked/x' })).status).toBe(403);
    await nginx.stop();
    expect(nginx.messages().length).toBe(3);
    for (const message of nginx.messages())
      expect(message).toMatch(/jwtverify: internal error, the request was refused: (Type)?Error/);
    expect(nginx.leaks()).toEqual([]);
  });
});

describe.each(ENGINES.filter((engine) => engine.seesEnvValues))('$suite, $name', (engine: Engine) => {
  test('a reload picks up new settings, broken ones too', async () => {
    const main = Object.entries(ENV)
      .map(([name, value]) => `env "${name}=${value}";`)
      .join('\n');
    const nginx = await startNginx(engine, { main, files: FILES, http: SHARED_DICT });
    const token = await signToken(key.privateKey, 'RS256');
    expect((await nginx.askWith(token)).status).toBe(200);
    await nginx.reload((configuration) => configuration.replace(AUDIENCE, 'https://other.example'));
    expect((await nginx.askWith(token)).status).toBe(401);
    await nginx.reload((configuration) => configuration.replace('OAUTH_AUDIENCE=', 'OAUTH_AUDIENCES='));
    expect((await nginx.askWith(token)).status).toBe(403);
    expect(nginx.messages().at(-1)).toContain('OAUTH_AUDIENCE: is not set');
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
  });
});
