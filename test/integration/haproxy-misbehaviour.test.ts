// Every way in which a provider of keys can misbehave: good keys stay, nothing is delayed, and it is left behind.
import { gzipSync } from 'node:zlib';
import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliLine, runCli, until } from './haproxy-cli';
import { SHOW_ALL, shown, startHaproxy, type Haproxy } from './haproxy-server';
import { AUDIENCE, makeKey, publicPart, signWith, startIssuer, type Handler, type IssuerServer } from './issuer-server';
import { freePort, SUITES } from './suite';

interface Server {
  /** Keys of somebody else, under the `kid`s of the good ones: what a misbehaving answer holds. */
  readonly foreign: () => readonly JWK[];
}

function json(body: unknown): string {
  return JSON.stringify(body);
}

function answer(status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_, response) => response.writeHead(status, headers).end(body);
}

/** Writes bytes as they are on the connection, and ends it. */
function raw(text: string): Handler {
  return (request) => {
    request.socket.write(text, () => request.socket.destroy());
  };
}

const WAYS: readonly (readonly [name: string, make: (server: Server) => Handler, problem: RegExp])[] = [
  ['closes without an answer', () => (request) => request.socket.destroy(), /there is no answer/],
  ['stays silent', () => () => undefined, /no whole answer within 5 seconds/],
  [
    'answers byte by byte',
    ({ foreign }) =>
      (_, response) => {
        const text = json({ keys: foreign().map(publicPart) });
        let place = 0;
        const timer = setInterval(() => {
          response.write(text.charAt(place));
          place += 1;
        }, 200);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
    /no whole answer within 5 seconds/,
  ],
  ['answers 404', ({ foreign }) => answer(404, json({ keys: foreign().map(publicPart) })), /status 404/],
  ['answers 500', ({ foreign }) => answer(500, json({ keys: foreign().map(publicPart) })), /status 500/],
  ['answers 503', () => answer(503, 'busy'), /status 502, 503 or 504/],
  [
    'redirects',
    () => (request, response) => response.writeHead(302, { location: `${request.url ?? ''}?x` }).end(),
    /redirect/,
  ],
  ['answers with HTML', () => answer(200, '<html></html>', { 'content-type': 'text/html' }), /not a JSON Web Key Set/],
  ['answers nothing', () => answer(200, ''), /not a JSON Web Key Set/],
  ['answers {}', () => answer(200, '{}'), /not a JSON Web Key Set/],
  ['answers an empty set', () => answer(200, '{"keys":[]}'), /`keys` is empty/],
  [
    'cuts its answer off',
    ({ foreign }) => raw(`HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n${json({ keys: foreign().map(publicPart) })}`),
    /cut off/,
  ],
  [
    'cuts a chunk off',
    () => raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"keys":[{"kty"'),
    /not a JSON Web Key Set|no answer/,
  ],
  [
    'names too small a length',
    ({ foreign }) => raw(`HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${json({ keys: foreign().map(publicPart) })}`),
    /not a JSON Web Key Set|no answer/,
  ],
  ['answers what is not HTTP', () => raw('+OK hello\r\n'), /there is no answer/],
  [
    'answers what is not UTF-8',
    () => answer(200, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    /not UTF-8/,
  ],
  [
    'answers two megabytes',
    ({ foreign }) => answer(200, json({ keys: foreign().map(publicPart), filler: 'x'.repeat(2_000_000) })),
    /longer than 1 MB/,
  ],
  [
    'answers thousands of keys',
    ({ foreign }) => answer(200, json({ keys: Array.from({ length: 3000 }, () => publicPart(foreign()[0] as JWK)) })),
    /more than 100 keys|longer than 1 MB/,
  ],
  [
    'answers only unusable keys',
    () => answer(200, json({ keys: [{ kty: 'oct', k: 'AAAA' }, { kty: 'RSA', n: 'AQ', e: 'AQAB' }, 7] })),
    /no usable key/,
  ],
  [
    'compresses its answer',
    ({ foreign }) => answer(200, gzipSync(json({ keys: foreign().map(publicPart) })), { 'content-encoding': 'gzip' }),
    /not UTF-8|compressed/,
  ],
];

// The suites at once: they wait for intervals more than they work.
describe.concurrent.each(SUITES)('%s: a provider that', (suite) => {
  let issuer: IssuerServer;
  let haproxy: Haproxy;
  let cli = 0;
  let served: Handler | undefined;

  const good: Handler = (_, response) => {
    response.setHeader('cache-control', 'max-age=1');
    response.end(json({ keys: issuer.keys().map(publicPart) }));
  };

  beforeAll(async () => {
    issuer = await startIssuer();
    issuer.misbehave((request, response) => {
      (served ?? good)(request, response);
    });
    cli = await freePort();
    haproxy = await startHaproxy(suite, {
      settings: {
        OAUTH_ISSUER: issuer.issuer,
        OAUTH_AUDIENCE: AUDIENCE,
        OAUTH_JWKS_URL: issuer.jwksUrl,
        OAUTH_ALLOW_HTTP: '1',
        OAUTH_JWKS_COOLDOWN: '1',
        OAUTH_JWKS_REFRESH: '10',
      },
      global: [cliLine(cli)],
      rules: SHOW_ALL,
    });
  });

  afterAll(async () => {
    await haproxy.stop();
    await issuer.stop();
    expect(haproxy.leaks()).toEqual([]);
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  });

  const isAllowed = async (token: string): Promise<boolean> =>
    shown(await haproxy.askWith(token))['authorized'] === '1';
  const status = (): Promise<string> => runCli(cli, 'show jwtverify');

  test.each(WAYS)('%s changes nothing, and is left behind', { concurrent: false }, async (_, make, problem) => {
    const [key] = issuer.keys() as [JWK];
    const known = await signWith(key, issuer.issuer);
    expect(
      await until(
        10,
        () => isAllowed(known),
        (allowed) => allowed,
      ),
    ).toBe(true);
    const forger = await makeKey('ES256', key.kid);
    const forge = (): Promise<string> => signWith(forger, issuer.issuer);
    served = make({ foreign: () => [forger] });
    // Until it has been noticed, and beyond, tokens of good keys pass: those that are remembered, and new ones.
    const noticed = await until(
      20,
      async () => {
        expect(await isAllowed(known)).toBe(true);
        expect(await isAllowed(await signWith(key, issuer.issuer))).toBe(true);
        expect(await isAllowed(await forge())).toBe(false);
        return status();
      },
      (text) => /problem: /.test(text),
    );
    expect(noticed).toMatch(problem);
    expect(noticed).toContain('ready: yes');
    expect(await isAllowed(await signWith(key, issuer.issuer))).toBe(true);
    expect(await isAllowed(await forge())).toBe(false);
    served = undefined;
    const next = await makeKey();
    issuer.setKeys([next]);
    const fresh = await signWith(next, issuer.issuer);
    expect(
      await until(
        20,
        () => isAllowed(fresh),
        (allowed) => allowed,
      ),
    ).toBe(true);
    expect(await isAllowed(known)).toBe(false);
    expect(await status()).not.toContain('problem: ');
  });

  test('hands out good keys among unusable ones is believed for the good ones', { concurrent: false }, async () => {
    const next = await makeKey('ES256', randomUUID());
    served = answer(200, json({ keys: [{ kty: 'oct', k: 'AAAA' }, publicPart(next), { kty: 'EC' }, 1] }), {
      'cache-control': 'max-age=1',
    });
    const fresh = await signWith(next, issuer.issuer);
    expect(
      await until(
        20,
        () => isAllowed(fresh),
        (allowed) => allowed,
      ),
    ).toBe(true);
    served = undefined;
  });
});
