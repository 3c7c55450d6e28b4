// Answers of a provider that have no body, or another status than 200: the problem is the true one on every engine.
import { describe, test } from 'vitest';
import { KEYS_CACHE, keysLocation } from '../helpers/keys-location';
import { startKeyServer, type Answer, type KeyServer } from '../helpers/nginx-provider';
import { CONTRACT_LOCATIONS, ENGINES, SHARED_DICT, startNginx, type Engine, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const ISSUER = 'https://issuer.example/';
const LENGTH = { 'Content-Length': '0' };

function send(status: number, headers: Readonly<Record<string, string>>, body: string | Buffer = ''): Answer {
  return (response) => {
    response.writeHead(status, headers);
    // Written first, an empty body is a chunked one.
    if (headers['Content-Length'] === undefined && body === '') response.flushHeaders();
    response.end(body);
  };
}

const REDIRECT = 'it answers with a redirect, which is not followed';
const EMPTY = 'its answer has no usable key: not a JSON Web Key Set';
const ANSWERS: readonly (readonly [name: string, how: Answer, problem: string])[] = [
  ['301 without a body', send(301, { Location: '/other', ...LENGTH }), REDIRECT],
  ['302 with an empty chunked body', send(302, { Location: '/other' }), REDIRECT],
  ['404 without a body', send(404, LENGTH), 'it answers with status 404'],
  ['500 whose body is not UTF-8', send(500, {}, Buffer.from([0xff, 0xfe])), 'it answers with status 500'],
  ['204', send(204, {}), 'it answers with status 204'],
  ['200 without a body', send(200, LENGTH), EMPTY],
  ['200 with an empty chunked body', send(200, {}), EMPTY],
];

async function start(engine: Engine, provider: KeyServer, http: string, server: string): Promise<Nginx> {
  const env = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS_URL: `${provider.origin}/keys` };
  return startNginx(engine, { http, server: CONTRACT_LOCATIONS + server, env: { ...env, OAUTH_ALLOW_HTTP: '1' } });
}

describe.concurrent.each(ENGINES)('$suite, $name', { timeout: 60_000 }, (engine) => {
  const ways = [
    { way: 'a location', http: KEYS_CACHE, hasLocation: true },
    ...(engine.hasSharedDict ? [{ way: 'ngx.fetch', http: SHARED_DICT, hasLocation: false }] : []),
  ];
  test.for(ways)('F10: names the true cause, keys by $way', async ({ http, hasLocation }, { expect }) => {
    const token = await signToken(key.privateKey, 'RS256', claims());
    for (const [name, how, problem] of ANSWERS) {
      const provider = await startKeyServer(how);
      const url = `${provider.origin}/keys`;
      const location = hasLocation ? keysLocation(`set $jwtverify_url ${url};`) : '';
      const nginx = await start(engine, provider, http, location);
      expect([name, (await nginx.askWith(token)).status]).toEqual([name, 403]);
      expect([name, nginx.messages()[0]]).toEqual([name, expect.stringContaining(problem)]);
      await nginx.stop();
      await provider.stop();
    }
  });
});
