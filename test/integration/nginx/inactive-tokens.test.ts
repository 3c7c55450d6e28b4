// Opaque tokens that an issuer calls inactive: ever-new ones of a client do not push out what nginx remembers.
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEchoBackend, type EchoBackend } from '../helpers/echo-backend';
import { AUDIENCE } from '../helpers/issuer-server';
import { ENGINES, startNginx, type Nginx } from '../helpers/nginx-server';
import { wire } from '../helpers/nginx-policy';
import { freePort } from '../helpers/suite';

const GOOD = ['good-1', 'good-2', 'good-3', 'good-4', 'good-5'];

/** How often the issuer was asked about each token. */
let asked: Record<string, number> = {};
let issuer: { readonly url: string; readonly stop: () => void };
let backend: EchoBackend;

async function startIssuer(): Promise<typeof issuer> {
  const server = createServer((incoming, answer) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (part: string) => (body += part));
    incoming.once('end', () => {
      const token = new URLSearchParams(body).get('token') ?? '';
      asked[token] = (asked[token] ?? 0) + 1;
      const exp = Math.floor(Date.now() / 1000) + 3600;
      const active = { active: true, sub: 'turbo', aud: AUDIENCE, exp };
      answer.setHeader('Content-Type', 'application/json');
      answer.end(JSON.stringify(token.startsWith('good') ? active : { active: false }));
    });
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${String(port)}/introspect`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

beforeEach(async () => {
  asked = {};
  issuer = await startIssuer();
  backend = await startEchoBackend();
});
afterEach(async () => {
  issuer.stop();
  await backend.stop();
});

/** @param zone the line of the dictionary `jwtverify` after its name */
async function withNginx(engine: (typeof ENGINES)[number], zone: string, run: (nginx: Nginx) => Promise<void>) {
  const introspection = { url: issuer.url, client_id: 'keeper', client_secret_env: 'KEEPER_SECRET', cache_age: 600 };
  const issuers = [{ issuer: 'https://issuer.example', audiences: [AUDIENCE], introspection }];
  const policy = { issuers, allow_http: true, otherwise: 'authenticated' };
  const nginx = await startNginx(engine, {
    env: { OAUTH_POLICY: 'DIRECTORY/policy.json', KEEPER_SECRET: 'secret-of-the-test' },
    files: { 'policy.json': JSON.stringify(policy), 'forward.conf': '' },
    http: `js_shared_dict_zone zone=jwtverify:${zone}; js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;`,
    server: `location / { include DIRECTORY/forward.conf; auth_request /_jwtverify; proxy_pass http://127.0.0.1:${String(backend.port)}; }
      location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }
      location = /_forward { js_content jwtverify.forward; }`,
  });
  try {
    await wire(nginx);
    await run(nginx);
  } finally {
    await nginx.stop();
  }
}

const status = async (nginx: Nginx, token: string): Promise<number> => (await nginx.askWith(token)).status;

describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine) => {
  test('ever-new inactive tokens leave the remembered ones, about which nobody asks again', async () => {
    await withNginx(engine, '256k timeout=1h evict', async (nginx) => {
      for (const token of [...GOOD, ...GOOD]) expect(await status(nginx, token)).toBe(200);
      for (let round = 0; round < 100; round += 1) {
        const tokens = Array.from({ length: 20 }, (_, index) => `foreign-${String(round)}-${String(index)}`);
        const statuses = await Promise.all(tokens.map((token) => status(nginx, token)));
        expect([...new Set(statuses)]).toEqual([401]);
      }
      for (const token of GOOD) expect(await status(nginx, token)).toBe(200);
      expect(GOOD.map((token) => asked[token])).toEqual(GOOD.map(() => 1));
    });
  });

  test.each(['256k timeout=1h evict', '256k'])('an inactive token is remembered in a zone of %s', async (zone) => {
    await withNginx(engine, zone, async (nginx) => {
      expect([await status(nginx, 'foreign'), await status(nginx, 'foreign')]).toEqual([401, 401]);
      expect(asked['foreign']).toBe(1);
    });
  });
});
