// Every way in which a provider of keys can misbehave: good keys stay, nothing is delayed, and it is left behind.
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeKey, publicPart, signWith, startIssuer, type Handler, type IssuerServer } from '../helpers/issuer-server';
import { eventually } from '../helpers/keep-alive';
import { following } from '../helpers/key-followers';
import { settingsGateways, type RunningSettings } from '../helpers/settings-gateways';

const JSON_TYPE = { 'content-type': 'application/json' };

function answer(status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = JSON_TYPE): Handler {
  return (_, response) => response.writeHead(status, headers).end(body);
}

/** Writes bytes as they are on the connection, and ends it. */
function raw(text: string): Handler {
  return (request) => {
    request.socket.write(text, () => request.socket.destroy());
  };
}

/** Sends the head and a part of the body, and closes the connection a moment later. */
function breakOff(headers: Readonly<Record<string, string>>, body: string): Handler {
  return (_, response) => {
    response.writeHead(200, { ...JSON_TYPE, ...headers });
    response.write(body);
    setTimeout(() => response.destroy(), 50);
  };
}

/** Names a chunk that is longer than what comes of it. */
function cutChunk(text: string): Handler {
  return raw(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n${text}`);
}

/** One letter after the other, for longer than anybody waits. */
function drip(text: string): Handler {
  return (_, response) => {
    response.writeHead(200, JSON_TYPE);
    let place = 0;
    const timer = setInterval(() => {
      response.write(text.charAt(place));
      place += 1;
    }, 200);
    response.on('close', () => {
      clearInterval(timer);
    });
  };
}

/**
 * What it does, and what an operator reads of it.
 * @param set a key set of somebody else, under the `kid`s of the good keys: what a misbehaving answer holds
 */
type Way = readonly [name: string, make: (set: string, foreign: readonly JWK[]) => Handler, problem: RegExp];

const NO_ANSWER = /it sends no answer|it cannot be reached/;
/** nginx ends a run of `js_periodic` when the next one is due. */
const TOO_LATE = /it sends no whole answer within 5 seconds|it cannot be reached|ended the fetch before an answer/;
const NO_SET = /not a JSON Web Key Set/;
const CUT = /cut off|not a JSON Web Key Set|no answer|it cannot be reached/;

const WAYS: readonly Way[] = [
  ['closes without an answer', () => (request) => request.socket.destroy(), NO_ANSWER],
  ['stays silent', () => () => undefined, TOO_LATE],
  ['answers byte by byte', (set) => drip(set), TOO_LATE],
  ['answers 404', (set) => answer(404, set), /status 404/],
  ['answers 500', (set) => answer(500, set), /status 500/],
  ['answers 503', (set) => answer(503, set), /status 50[23]/],
  [
    'redirects',
    () => (request, response) => response.writeHead(302, { location: `${request.url ?? ''}?x` }).end(),
    /redirect/,
  ],
  ['answers with HTML', () => answer(200, '<html></html>', { 'content-type': 'text/html' }), NO_SET],
  ['answers nothing', () => answer(200, ''), NO_SET],
  ['answers {}', () => answer(200, '{}'), NO_SET],
  ['answers an empty set', () => answer(200, '{"keys":[]}'), /`keys` is empty/],
  ['answers a set without its end', (set) => answer(200, set.slice(0, -10)), NO_SET],
  ['cuts its answer off', (set) => raw(`HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n${set}`), CUT],
  ['names too great a length', (set) => breakOff({ 'content-length': String(set.length + 50) }, set), CUT],
  ['closes in the middle', (set) => breakOff({}, set.slice(0, 40)), CUT],
  ['cuts a chunk off', (set) => cutChunk(set.slice(0, -1)), CUT],
  ['names too small a length', (set) => raw(`HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${set}`), CUT],
  ['answers what is not HTTP', () => raw('+OK hello\r\n'), /it sends no answer|it cannot be reached|JSON Web Key Set/],
  [
    'answers what is not UTF-8',
    (set) => answer(200, Buffer.concat([Buffer.from(set.slice(0, -1)), Buffer.from([0xff, 0x7d])])),
    /not UTF-8/,
  ],
  [
    'answers two megabytes',
    (_, foreign) => answer(200, JSON.stringify({ keys: foreign.map(publicPart), filler: 'x'.repeat(2 * 1024 * 1024) })),
    /longer than 1 MB|it cannot be reached/,
  ],
  [
    'answers thousands of keys',
    (_, [key]) =>
      answer(
        200,
        JSON.stringify({
          keys: Array.from({ length: 3000 }, (_key, kid) => ({ ...publicPart(key as JWK), kid: `k${String(kid)}` })),
        }),
      ),
    /more than 100 keys|longer than 1 MB/,
  ],
  [
    'answers only unusable keys',
    () => answer(200, JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA' }, { kty: 'RSA', n: 'AQ', e: 'AQAB' }, 7] })),
    /no usable key/,
  ],
  [
    'answers nothing but keys for encryption',
    (_, foreign) => answer(200, JSON.stringify({ keys: foreign.map((key) => ({ ...publicPart(key), use: 'enc' })) })),
    /no usable key|`keys` is empty/,
  ],
  ['answers a private key', (_, foreign) => answer(200, JSON.stringify({ keys: foreign })), /no usable key/],
  ['answers an object with `keys` twice', (set) => answer(200, set.replace('{"keys":', '{"keys":[],"keys":')), NO_SET],
  [
    'compresses its answer',
    (set) => answer(200, gzipSync(set), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    /not UTF-8|compressed/,
  ],
];

/** HAProxy hands a body on that ended within a chunk: a whole set counts there, as if its chunk were whole. */
const OF_NGINX: readonly Way[] = [['cuts a chunk off behind its set', (set) => cutChunk(set), CUT]];

const FAILED = /^ *problem: |"failures":[1-9]/m;

const waysOf = (proxy: string): readonly Way[] => (proxy === 'nginx' ? [...WAYS, ...OF_NGINX] : WAYS);

const GATEWAYS = settingsGateways('lua-load', 'lane, lua-load', 'dictionary');

// The proxies at once, all of them: they wait for intervals more than they work.
vi.setConfig({ maxConcurrency: GATEWAYS.length });

describe.concurrent.each(GATEWAYS)('$name: a provider that', (gateway) => {
  let issuer: IssuerServer;
  let running: RunningSettings;
  let served: Handler | undefined;

  const good: Handler = (_, response) => {
    response.setHeader('cache-control', 'max-age=1');
    response.end(JSON.stringify({ keys: issuer.keys().map(publicPart) }));
  };

  beforeAll(async () => {
    issuer = await startIssuer();
    issuer.misbehave((request, response) => {
      (served ?? good)(request, response);
    });
    running = await gateway.start(following(issuer, { OAUTH_JWKS_REFRESH: '10' }, true));
  });
  afterAll(async () => {
    await running.stop();
    await issuer.stop();
    expect(running.leaks()).toEqual([]);
  });

  test.each(waysOf(gateway.proxy))(
    '%s changes nothing, and is left behind',
    { concurrent: false, timeout: 120_000 },
    async (_, make, problem) => {
      const [key] = issuer.keys() as [JWK];
      const known = await signWith(key, issuer.issuer);
      await running.until('allowed', known);
      const [forger, stranger] = [await makeKey('ES256', key.kid), await makeKey()];
      const foreign = [forger, stranger];
      served = make(JSON.stringify({ keys: foreign.map(publicPart) }), foreign);
      /** Tokens of good keys pass, those that are remembered, and new ones; those of somebody else's keys do not. */
      const expectGoodKeys = async (): Promise<void> => {
        expect(await running.verdict(known)).toBe('allowed');
        expect(await running.verdict(await signWith(key, issuer.issuer))).toBe('allowed');
        expect(await running.verdict(await signWith(forger, issuer.issuer))).toBe('signature_invalid');
        // It has the set fetched, where there is none on its way.
        expect(await running.verdict(await signWith(stranger, issuer.issuer))).toBe('key_unknown');
      };
      let noticed = '';
      try {
        await eventually('it is noticed', async () => {
          await expectGoodKeys();
          noticed = await running.state();
          return FAILED.test(noticed);
        });
        expect(noticed).toMatch(problem);
        expect(noticed).toMatch(/^ready: yes$|"ready":true/m);
        await expectGoodKeys();
      } finally {
        served = undefined;
      }
      const next = await makeKey();
      issuer.setKeys([next]);
      await running.until('allowed', () => signWith(next, issuer.issuer));
      await running.until('key_unknown', known);
      await eventually('it is left behind', async () => !FAILED.test(await running.state()));
    },
  );

  test('hands out good keys among unusable ones is believed for the good ones', { concurrent: false }, async () => {
    const next = await makeKey('ES256', randomUUID());
    served = answer(200, JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA' }, publicPart(next), { kty: 'EC' }, 1] }), {
      ...JSON_TYPE,
      'cache-control': 'max-age=1',
    });
    await running.until('allowed', () => signWith(next, issuer.issuer));
    served = undefined;
  });
});
