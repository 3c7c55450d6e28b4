// Very many tokens in nginx's dictionary of the size that the document names.
import { describe, expect, test } from 'vitest';
import { askAll } from '../../../bench/ask.mjs';
import { hmacSigner, makeNewTokens } from '../../../bench/new-tokens.mjs';
import { AUDIENCE } from '../helpers/issuer-server';
import { pause } from '../helpers/keep-alive';
import { ENGINES, startNginx, type Engine, type Nginx } from '../helpers/nginx-server';

const ISSUER = 'https://issuer.example/';
const CLAIMS = { iss: ISSUER, aud: AUDIENCE };
const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
const CACHE_AGE = 7200;
const SECRET = 'the-shared-secret-of-the-issuer-and-the-gateway';

/** The sizes that docs/nginx.md names. */
const zones = (size: string): string => `js_shared_dict_zone zone=jwtverify:${size} timeout=2h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;`;

/** Tells how many tokens the dictionary holds, and how many of them were put in later than at a moment. */
const LISTING = `
const zone = () => ngx.shared.jwtverify;
const tokens = () => zone().keys(1000000).filter((name) => name.slice(0, 7) === 'Bearer ');
const until = (name) => Number(zone().get(name).split('\\n')[1]);
export default {
  count: (r) => r.return(200, String(tokens().length)),
  later: (r) => r.return(200, String(tokens().filter((name) => until(name) > Number(r.args.than)).length)),
};
`;

const SERVER = `
    keepalive_requests 10000000;
    access_log off;
    location / { auth_request /_jwtverify; proxy_pass http://apiservers; proxy_http_version 1.1; }
    location = /_jwtverify { internal; js_content jwtverify.auth; }
    location = /authorizer { js_content jwtverify.authorizer; }
    location = /count { js_content listing.count; }
    location = /later { js_content listing.later; }
    location = /empty { auth_request /_jwtverify; empty_gif; }
    location @jwtverify { js_periodic jwtverify.refresh interval=1s; }`;

async function withNginx(
  engine: Engine,
  options: { http: string; env: Readonly<Record<string, string>>; files?: Readonly<Record<string, string>> },
  run: (nginx: Nginx, ask: (path: string) => Promise<number>) => Promise<void>,
): Promise<void> {
  const nginx = await startNginx(engine, {
    env: { ...SETTINGS, ...options.env },
    http: `${options.http} js_import listing from DIRECTORY/listing.js;`,
    server: SERVER,
    files: { 'listing.js': LISTING, ...options.files },
  });
  try {
    await run(nginx, async (path) => Number((await nginx.ask({ path })).body));
  } finally {
    await nginx.stop();
  }
  expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error|exited on signal/);
}

/** One engine: the entries are written by the same code, into the same dictionary. */
const shared = ENGINES.filter(({ name }) => name === 'QuickJS');

describe.each(shared)('$suite, $name', (engine: Engine) => {
  test('a hundred thousand tokens are all remembered in 128 MB, and are not verified again', async () => {
    const env = { OAUTH_HMAC_SECRET: SECRET, OAUTH_CACHE_AGE: String(CACHE_AGE) };
    await withNginx(engine, { http: zones('128m'), env }, async (nginx, ask) => {
      const tokens = makeNewTokens(hmacSigner(SECRET), 0, 100_000, CLAIMS);
      expect(await askAll(nginx.port, tokens, '/empty')).toEqual({ 200: 100_000 });
      expect(await ask('/count')).toBe(100_000);
      // What is verified from the next second on may stay longer than all that was verified before.
      const than = 1000 * (Math.floor(Date.now() / 1000) + CACHE_AGE);
      expect(await ask(`/later?than=${String(than)}`)).toBe(0);
      await pause(1100);
      const start = Date.now();
      expect(await askAll(nginx.port, tokens, '/empty')).toEqual({ 200: 100_000 });
      expect(await ask('/count')).toBe(100_000);
      // Once a second, a worker looks at its settings anew and judges that one request from the start.
      const seconds = Math.ceil((Date.now() - start) / 1000);
      expect(await ask(`/later?than=${String(than)}`)).toBeLessThanOrEqual(seconds + 1);
      const fresh = makeNewTokens(hmacSigner(SECRET), 100_000, 200, CLAIMS);
      expect(await askAll(nginx.port, fresh, '/empty')).toEqual({ 200: 200 });
      expect(await ask(`/later?than=${String(than)}`)).toBeGreaterThanOrEqual(200);
    });
  }, 240_000);
});
